"""Speed as ratios, side by side in one run: `python -m scripts.benchmarks NAME`."""
