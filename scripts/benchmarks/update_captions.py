"""update-captions with noun-match on a COCO-sized file, against reading and writing the same files with json alone.

Each command is compared by CPU time, which a busy machine blurs least, and by wall-clock time. The floor is the mean of
a run before all commands and one after them.

python -m scripts.benchmarks update_captions DATA [--jobs 1 --jobs 2] [--captions N]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from ._made_coco import CAPTIONS, make

FLOOR = """
import json, sys
coco, tags = sys.argv[1:]
document = json.loads(open(coco, encoding="utf-8").read())
json.dumps(document)
for line in open(tags, encoding="utf-8"):
    json.loads(line)
"""


def main() -> None:
    """Run and print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, help="the folder with coco_text, flickr8k and vso")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "sentikit-benchmark")
    parser.add_argument("--captions", type=int, default=CAPTIONS)
    parser.add_argument("--jobs", type=int, action="append")
    parser.add_argument("--rewriter", default="noun-match")
    options = parser.parse_args()
    coco, tags = make(options.data, options.folder, options.captions)
    floor_command = [sys.executable, "-P", "-c", FLOOR, str(coco), str(tags)]
    floors = [timed(floor_command)]
    runs: list[tuple[int, Cost]] = []
    output, stats = options.folder / "updated.json", options.folder / "stats.json"
    for jobs in options.jobs or [1, 2]:
        command = [sys.executable, "-P", "-m", "sentikit", "update-captions", str(coco), "--tags", str(tags), "--force"]
        command += ["--rewriter", options.rewriter, "--jobs", str(jobs), "-o", str(output), "--stats", str(stats)]
        runs.append((jobs, timed(command)))
    floors.append(timed(floor_command))
    for place, floor in zip(("before", "after"), floors, strict=True):
        print(f"floor (json alone), {place}   {floor.cpu:6.1f} s CPU  {floor.wall:6.1f} s wall")
    cpu, wall = (sum(costs) / len(costs) for costs in ([f.cpu for f in floors], [f.wall for f in floors]))
    for jobs, cost in runs:
        print(
            f"{options.rewriter}, {jobs} jobs   {cost.cpu:6.1f} s CPU  {cost.cpu / cpu:4.2f}x the floor  "
            f"{cost.wall:6.1f} s wall  {cost.wall / wall:4.2f}x  {cost.memory:.2f} GiB"
        )
    counts = json.loads(stats.read_text("utf-8"))
    print(f"{counts['captions']:,} captions, {counts['captions_updated'] / counts['captions']:.1%} updated")


class Cost(NamedTuple):
    """Seconds of CPU (user and system) and of the clock, and the GiB of its largest process, for one command."""

    cpu: float
    wall: float
    memory: float


def timed(command: list[str]) -> Cost:
    """Run `command` with its children. Raises CalledProcessError where it fails."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 2**20)


if __name__ == "__main__":
    main()
