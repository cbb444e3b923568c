"""Joins the captioner's training data: Flickr8k's photographs, and the COCO ones with captions, each several times.

    python scripts/bundled/prepare_captions.py DATA OUT

writes OUT/train.json (Flickr8k train, and all but 85 of DATA/coco_captioned, repeated), OUT/val.json (Flickr8k dev and
these 85) and OUT/coco_val.json (the 85 alone). File names are paths in DATA.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HELD_OUT = 85
REPEAT = 3
"""COCO's photographs are few, and of what users photograph: each counts so often in an epoch."""

Photo = tuple[str, list[str]]
"""A file name in DATA, and captions."""


def photos(data: Path, folder: str, file: str) -> list[Photo]:
    """The captioned photographs of a COCO file."""
    document = json.loads((data / folder / file).read_text("utf-8"))
    captions: dict[Any, list[str]] = {}
    for annotation in document["annotations"]:
        captions.setdefault(annotation["image_id"], []).append(annotation["caption"])
    return [(f"{folder}/images/{image['file_name']}", captions[image["id"]]) for image in document["images"]]


def held_out(coco: list[Photo]) -> tuple[list[Photo], list[Photo]]:
    """The COCO photographs to learn from, and those to select on."""
    shuffled = random.Random(0).sample(coco, len(coco))
    return shuffled[HELD_OUT:], shuffled[:HELD_OUT]


def document(found: Iterable[Photo]) -> dict[str, Any]:
    """A COCO captions file with an image for each photograph, also where one comes again."""
    images, annotations = [], list[dict[str, Any]]()
    for number, (file_name, captions) in enumerate(found):
        images.append({"id": number, "file_name": file_name})
        annotations += [
            {"id": len(annotations) + place, "image_id": number, "caption": text} for place, text in enumerate(captions)
        ]
    return {"images": images, "annotations": annotations}


def files(data: Path) -> Iterator[tuple[str, list[Photo]]]:
    """What is written, by name."""
    learn, select = held_out(photos(data, "coco_captioned", "captions.json"))
    yield "train.json", photos(data, "flickr8k", "captions_train.json") + learn * REPEAT
    yield "val.json", photos(data, "flickr8k", "captions_dev.json") + select
    yield "coco_val.json", select


def main(data: Path, out: Path) -> None:
    """Write the files."""
    out.mkdir(parents=True, exist_ok=True)
    for name, found in files(data):
        (out / name).write_text(json.dumps(document(found)), "utf-8")
        print(f"{out / name}: {len(found):,} photographs")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
