"""update-captions with noun-match on a COCO-sized file, against reading and writing the same files with json alone.

python -m benchmarks update_captions DATA [--jobs 1 --jobs 2] [--captions N]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
    floor, _ = timed([sys.executable, "-c", FLOOR, str(coco), str(tags)])
    print(f"floor (json alone)   {floor:6.1f} s  1.00")
    for jobs in options.jobs or [1, 2]:
        output, stats = options.folder / "updated.json", options.folder / "stats.json"
        command = [sys.executable, "-m", "sentikit", "update-captions", str(coco), "--tags", str(tags), "--force"]
        command += ["--rewriter", options.rewriter, "--jobs", str(jobs), "-o", str(output), "--stats", str(stats)]
        seconds, memory = timed(command)
        counts = json.loads(stats.read_text("utf-8"))
        share = counts["captions_updated"] / counts["captions"]
        print(
            f"{options.rewriter}, {jobs} jobs   {seconds:6.1f} s  {seconds / floor:4.2f}x the floor, "
            f"{memory:.2f} GiB, {counts['captions']:,} captions, {share:.1%} updated"
        )


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds and the largest memory in GiB of any process so far."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
