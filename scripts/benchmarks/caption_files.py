"""update-captions with noun-match on a CSV and on a JSON lines file, against reading and writing the same file alone.

The floor for CSV is the csv module; for JSON lines it is json, and orjson beside it. Everything runs in a process of
its own, and CPU time is compared, which a busy machine blurs least. The tag file is read by sentikit alone, so a second
ratio has its reading, with json, in the floor as well.

    python -m scripts.benchmarks caption_files DATA [--captions 1000000] [--images 10000]

--images: how many images the captions are of; by default a fifth of the captions. --memory alone measures the peak
memory of files of a tenth of the captions and of all.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path

from ._made_coco import make
from .update_captions import Cost, timed

CSV = """
import csv, sys
source, copy = sys.argv[1:]
with open(source, encoding="utf-8", newline="") as file, open(copy, "w", encoding="utf-8", newline="") as out:
    writer = csv.writer(out, lineterminator="\\n")
    for row in csv.reader(file):
        writer.writerow(row)
"""
JSON = """
import json, sys
with open(sys.argv[1], encoding="utf-8") as file, open(sys.argv[2], "w", encoding="utf-8") as out:
    for line in file:
        out.write(json.dumps(json.loads(line)) + "\\n")
"""
ORJSON = """
import orjson, sys
with open(sys.argv[1], "rb") as file, open(sys.argv[2], "wb") as out:
    for line in file:
        out.write(orjson.dumps(orjson.loads(line)) + b"\\n")
"""
TAGS = """
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    json.loads(line)
"""


def main() -> None:
    """Run and print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmarks caption_files", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with coco_text, flickr8k and vso")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "sentikit-benchmark")
    parser.add_argument("--captions", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    if given.memory:
        for captions in (given.captions // 10, given.captions):
            files, tags = made(given.data, given.folder, captions)
            for kind, path in files.items():
                cost = update(path, tags, given.folder, given.jobs)
                print(f"{captions:>10,} captions, {kind:<6} peak {cost.memory * 1024:7.0f} MiB")
        return
    files, tags = made(given.data, given.folder, given.captions)
    of_tags = timed([sys.executable, "-P", "-c", TAGS, str(tags)])
    print(f"reading the tags with json   {of_tags.cpu:6.1f} s CPU")
    for kind, floors in (("csv", {"csv": CSV}), ("jsonl", {"json": JSON, "orjson": ORJSON})):
        copy = str(given.folder / f"copy.{kind}")
        costs = {
            name: timed([sys.executable, "-P", "-c", program, str(files[kind]), copy])
            for name, program in floors.items()
        }
        cost = update(files[kind], tags, given.folder, given.jobs)
        print(f"{kind}, noun-match, {given.jobs} jobs   {cost.cpu:6.1f} s CPU  {cost.wall:6.1f} s wall")
        for name, floor in costs.items():
            both = floor.cpu + of_tags.cpu
            print(
                f"  {name} alone {floor.cpu:6.1f} s CPU: {cost.cpu / floor.cpu:5.2f}x  "
                f"(with the tags' reading {both:6.1f} s: {cost.cpu / both:5.2f}x)  wall {cost.wall / floor.wall:5.2f}x"
            )


def update(path: Path, tags: Path, folder: Path, jobs: int) -> Cost:
    """The cost of an update."""
    output = folder / f"updated{path.suffix}"
    command = [sys.executable, "-P", "-m", "sentikit", "update-captions", str(path), "--tags", str(tags), "--force"]
    return timed([*command, "--rewriter", "noun-match", "--jobs", str(jobs), "-o", str(output)])


def made(data: Path, folder: Path, captions: int) -> tuple[dict[str, Path], Path]:
    """A CSV and a JSON lines file of so many captions, image by image, and their tag file."""
    coco, tags = make(data, folder, captions)
    files = {kind: folder / f"captions_{captions}.{kind}" for kind in ("csv", "jsonl")}
    if not all(path.exists() for path in files.values()):
        annotations = json.loads(coco.read_text("utf-8"))["annotations"]
        annotations.sort(key=lambda annotation: (annotation["image_id"], annotation["id"]))
        with (
            files["csv"].open("w", encoding="utf-8", newline="") as table,
            files["jsonl"].open("w", encoding="utf-8") as lines,
        ):
            writer = csv.writer(table, lineterminator="\n")
            writer.writerow(["image_id", "file_name", "caption"])
            for annotation in annotations:
                name = f"{annotation['image_id']:012}.jpg"
                writer.writerow([annotation["image_id"], name, annotation["caption"]])
                lines.write(json.dumps({"image_id": annotation["image_id"], "caption": annotation["caption"]}) + "\n")
    return files, tags


if __name__ == "__main__":
    main()
