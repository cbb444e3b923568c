"""Prints what a pack says of 24 photographs that a seed chose: samples.py DATA PACK.

Half of them are Flickr8k test photographs, half COCO ones that no model has seen.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SEED, EACH = 24, 12


def chosen(data: Path) -> list[tuple[Path, str]]:
    """The photographs, with what a person wrote of each."""
    found = []
    for folder, file in (("flickr8k", "captions_test.json"), ("coco_mini", "captions.json")):
        document = json.loads((data / folder / file).read_text("utf-8"))
        first = {row["image_id"]: row["caption"].strip() for row in reversed(document["annotations"])}
        images = random.Random(SEED).sample(document["images"], EACH)
        found += [(data / folder / "images" / image["file_name"], first[image["id"]]) for image in images]
    return found


def main(data: Path, pack: Path) -> None:
    """Caption them and print a table in Markdown."""
    photos = chosen(data)
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "captions.jsonl"
        for number, (path, _) in enumerate(photos):
            shutil.copy(path, Path(folder) / f"{number}.jpg")
        names = [str(Path(folder) / f"{number}.jpg") for number in range(len(photos))]
        command = ["sentikit", "caption", *names, "--pack", str(pack), "--jsonl", str(lines)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    made = {row["image_id"]: row for row in rows if "image_id" in row}
    print("| a person wrote | plain | with feeling | tags |\n|---|---|---|---|")
    for number, (_, human) in enumerate(photos):
        row = made[number]
        tags = ", ".join(f"{tag['adjective']} {tag['noun']}" for tag in row["anps"][:5])
        print(f"| {human} | {row['plain']} | {row['caption']} | {tags} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
