"""Photographs and captions, split as `prepare_captions.py` splits them. Nothing of a test set can be trained on."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sentikit_plugins.caption_metrics.objects import objects_in
from sentikit_plugins.encoders.ssd_mobilenet.classes import CLASSES

from ..prepare_captions import held_out, photos

_INDEX = {name: number for number, name in enumerate(CLASSES)}
FILES = {
    "coco": ("coco_captioned", "captions.json"),
    "flickr-train": ("flickr8k", "captions_train.json"),
    "flickr-dev": ("flickr8k", "captions_dev.json"),
    "flickr-test": ("flickr8k", "captions_test.json"),
    "coco-mini": ("coco_mini", "captions.json"),
}
"""Folder and file of the captions, by the name of the set."""
TEST = ("flickr-test", "coco-mini")


class Photo(NamedTuple):
    """A file name in the data folder, an id, and what people wrote."""

    file: str
    image: int | str
    captions: list[str]


def read(data: Path, name: str) -> list[Photo]:
    """The photographs of a set."""
    folder, file = FILES[name]
    document = json.loads((data / folder / file).read_text("utf-8"))
    texts: dict[int | str, list[str]] = defaultdict(list)
    for row in document["annotations"]:
        texts[row["image_id"]].append(" ".join(row["caption"].split()))
    return [Photo(f"{folder}/images/{row['file_name']}", row["id"], texts[row["id"]]) for row in document["images"]]


def held_out_files(data: Path) -> set[str]:
    """The COCO photographs to select on."""
    return {file for file, _ in held_out(photos(data, *FILES["coco"]))[1]}


def text_without_photos(data: Path, also_without: set[int | str]) -> list[list[str]]:
    """The captions of each image of coco_text, without those of test images and of `also_without`."""
    banned = {photo.image for photo in read(data, "coco-mini")} | also_without
    document = json.loads((data / "coco_text" / "captions.json").read_text("utf-8"))
    texts: dict[int | str, list[str]] = defaultdict(list)
    for row in document["annotations"]:
        if row["image_id"] not in banned:
            texts[row["image_id"]].append(" ".join(row["caption"].split()))
    return list(texts.values())


@cache
def classes_in(text: str) -> tuple[int, ...]:
    """The classes that a text names, as indices into `CLASSES`."""
    return tuple(_INDEX[name] for name in objects_in(text))
