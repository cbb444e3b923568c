"""`python -m scripts.benchmarks` lists the benchmarks; `python -m scripts.benchmarks NAME ...` runs one."""

import importlib
import pkgutil
import sys

from scripts import benchmarks

names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_"))
if len(sys.argv) < 2 or sys.argv[1] not in names:
    for name in names:
        summary = (importlib.import_module(f"scripts.benchmarks.{name}").__doc__ or "").splitlines()[0]
        print(f"{name:<16} {summary}")
    sys.exit(0 if len(sys.argv) < 2 else 2)
sys.argv = sys.argv[1:]
importlib.import_module(f"scripts.benchmarks.{sys.argv[0]}").main()
