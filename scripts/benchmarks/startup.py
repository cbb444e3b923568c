"""How long `sentikit --help` and `sentikit plugins` take, against importing click, pluggy and rich.

python -m scripts.benchmarks startup

All of them are compiled before, as installed packages are.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "import click, pluggy, rich": [sys.executable, "-P", "-c", "import click, pluggy, rich"],
    "sentikit --help": [sys.executable, "-P", "-m", "sentikit", "--help"],
    "sentikit plugins": [sys.executable, "-P", "-m", "sentikit", "plugins"],
}


def main() -> None:
    """Run each command in turn, ten times, and print the medians."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for run in range(11):
        for name, command in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
            if run:  # the first one compiles
                times[name].append(time.perf_counter() - began)
    floor = statistics.median(next(iter(times.values())))
    for name, seconds in times.items():
        print(f"{name:<28} {statistics.median(seconds):.3f} s  {statistics.median(seconds) / floor:.2f}x")


if __name__ == "__main__":
    main()
