"""`make faults`: kills and hostile files, and what came of them. Exits with 1 if anything was lost or not handled."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .fuzz import fuzz
from .kills import kill_and_resume
from .processes import preload


def main() -> None:
    """python -m faults [--kills N] [--cases N] [--begin N] [--seed N]"""
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--begin", type=int, default=0, help="number of the first hostile file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=None, help="keep what was made here")
    options = parser.parse_args()
    root = options.folder or Path(tempfile.mkdtemp(prefix="sentikit-faults-"))
    for name in ("kills", "fuzz"):
        (root / name).mkdir(parents=True)
    preload()
    tally = kill_and_resume(root / "kills", options.kills, options.seed)
    by_scenario = ", ".join(f"{name} {number}" for name, number in sorted(tally.kills.items()))
    print(f"kills: {sum(tally.kills.values())} ({by_scenario}), {len(tally.faults)} faults", flush=True)
    found = fuzz(root / "fuzz", options.cases, options.seed, begin=options.begin)
    by_kind = ", ".join(f"{name} {number:,}" for name, number in found.cases.items())
    print(f"hostile files: {sum(found.cases.values()):,} ({by_kind}), {len(found.faults)} faults")
    print(f"the slowest took {found.slowest:.1f} s")
    for fault in tally.faults:
        print(fault)
    if tally.faults or found.faults:
        print(f"what was made is in {root}")
        sys.exit(1)


if __name__ == "__main__":
    main()
