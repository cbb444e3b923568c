"""How long a tag file of COCO's size takes to read and to filter, against json.loads of every line.

python -m scripts.benchmarks tag_files [IMAGES]
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sentikit.formats.tags import read_tags
from sentikit.pipelines.tag_filter import TagFilter

IMAGES = 118_287  # COCO's training photographs
ADJECTIVES = [f"adjective{number}" for number in range(30)]
NOUNS = [f"noun{number}" for number in range(50)]


def write_tags(path: Path, images: int) -> None:
    """A made file: 20 tags an image, with probabilities, best first."""
    rng = random.Random(0)
    anps = [(adjective, noun) for adjective in ADJECTIVES for noun in NOUNS]
    with path.open("w", encoding="utf-8") as lines:
        for image in range(images):
            probabilities = sorted((round(rng.random(), 6) for _ in range(20)), reverse=True)
            tags = [
                {"adjective": adjective, "noun": noun, "probability": probability}
                for (adjective, noun), probability in zip(rng.sample(anps, 20), probabilities, strict=True)
            ]
            print(json.dumps({"image_id": image, "file_name": f"{image:012d}.jpg", "anps": tags}), file=lines)


def loads_all(path: Path) -> None:
    """The plain way: parse every line, and forget it."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            json.loads(line)


def filter_all(path: Path) -> None:
    """Read the file, make every tag and ask the default filter about it."""
    tags, tag_filter = read_tags(path).tags, TagFilter()
    for row in range(len(tags)):
        tag_filter.apply(tags[row])


def main() -> None:
    """Time each way in turn, three times, and print the best of each."""
    images = int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    ways: dict[str, Callable[[Path], object]] = {
        "json.loads of every line": loads_all,
        "read_tags": read_tags,
        "read_tags, all tags filtered": filter_all,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tags.jsonl")
        write_tags(path, images)
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(3):
            for name, way in ways.items():
                began = time.perf_counter()
                way(path)
                times[name].append(time.perf_counter() - began)
    floor = min(next(iter(times.values())))
    for name, seconds in times.items():
        print(f"{name:<30} {min(seconds):.2f} s  {min(seconds) / floor:.2f}x")


if __name__ == "__main__":
    main()
