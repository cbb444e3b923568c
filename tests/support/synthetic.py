"""Photographs of coloured shapes, made on the fly, from which every kind of model can learn something."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw

COLOURS = {"red": (220, 30, 40), "green": (30, 190, 60), "blue": (40, 60, 220), "yellow": (230, 210, 40)}
SHAPES = ("circle", "square", "bar")
SIDE = 48


class Shape(NamedTuple):
    """A photograph of one shape."""

    colour: str
    shape: str
    number: int

    @property
    def file_name(self) -> str:
        """``red-bar-0.png``."""
        return f"{self.colour}-{self.shape}-{self.number}.png"


class Photos(NamedTuple):
    """Where the data are. The validation photographs are others than those of the training."""

    root: Path

    @property
    def images(self) -> Path:
        """The folder of all photographs."""
        return self.root / "images"

    @property
    def train_captions(self) -> Path:
        """Captions of the training photographs, as a COCO file."""
        return self.root / "train.json"

    @property
    def val_captions(self) -> Path:
        """Captions of the validation photographs."""
        return self.root / "val.json"

    @property
    def train_tree(self) -> Path:
        """The training photographs in a folder for each adjective-noun pair."""
        return self.root / "train"

    @property
    def val_tree(self) -> Path:
        """The validation photographs in such folders."""
        return self.root / "val"

    @property
    def manifest(self) -> Path:
        """Both, with their pairs, a line for each."""
        return self.root / "manifest.jsonl"


def shapes(first: int, last: int) -> Iterator[Shape]:
    """The photographs number `first` to `last` - 1 of each of the 12 shapes."""
    for number in range(first, last):
        for colour in COLOURS:
            for shape in SHAPES:
                yield Shape(colour, shape, number)


def draw(shape: Shape) -> Image.Image:
    """The shape on a grey wall, never twice in the same place."""
    rng = random.Random(f"{shape}")
    image = Image.new("RGB", (SIDE, SIDE), (rng.randint(100, 150),) * 3)
    half = rng.randint(10, 14)
    x, y = (rng.randint(half + 1, SIDE - half - 2) for _ in "xy")
    box = (x - half, y - half, x + half, y + half)
    pen = ImageDraw.Draw(image)
    if shape.shape == "circle":
        pen.ellipse(box, COLOURS[shape.colour])
    elif shape.shape == "square":
        pen.rectangle(box, COLOURS[shape.colour])
    else:
        pen.rectangle((box[0], y - 3, box[2], y + 3), COLOURS[shape.colour])
    return image


def make_photos(root: Path, train: int, val: int) -> Photos:
    """`train` and `val` photographs of each shape, with captions, as a folder tree and as a manifest."""
    photos = Photos(root)
    photos.images.mkdir(parents=True)
    rows = []
    for split, part in (("train", list(shapes(0, train))), ("val", list(shapes(train, train + val)))):
        for shape in part:
            image = draw(shape)
            image.save(photos.images / shape.file_name)
            folder = root / split / f"{shape.colour}_{shape.shape}"
            folder.mkdir(parents=True, exist_ok=True)
            image.save(folder / shape.file_name)
            row = {"file_name": f"images/{shape.file_name}", "adjective": shape.colour, "noun": shape.shape}
            rows.append(row | {"split": split})
        (root / f"{split}.json").write_text(json.dumps(captions(part)), "utf-8")
    photos.manifest.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return photos


def captions(part: list[Shape]) -> dict[str, Any]:
    """Two captions a photograph, as a COCO file."""
    texts = ("A {0} {1} on a grey wall.", "There is a {0} {1}.")
    annotations = [
        {"id": 2 * place + number, "image_id": place, "caption": text.format(shape.colour, shape.shape)}
        for place, shape in enumerate(part)
        for number, text in enumerate(texts)
    ]
    images = [{"id": place, "file_name": shape.file_name} for place, shape in enumerate(part)]
    return {"images": images, "annotations": annotations}


TINY = ["--encoder", "timm:test_resnet.r160_in1k", "-O", f"size={SIDE}", "--init", "random", "--device", "cpu"]
"""An encoder of 0.4 million weights that sees the photographs at their own size."""


def train_arguments(photos: Photos, trainer: str, output: Path, *others: object) -> list[str]:
    """The command that trains on the photographs; `others` may say more of the encoder, or something else."""
    train, val = (photos.train_tree, photos.val_tree)
    if trainer == "captioner":
        train, val = photos.train_captions, photos.val_captions
    start = [] if {"--encoder", "--init"} & {*others} else TINY
    return ["train", trainer, *map(str, [train, "--val", val, "-o", output, *start, *others])]


def metrics(output: Path) -> list[dict[str, float]]:
    """The lines of a run's metrics."""
    return [json.loads(line) for line in (output / "metrics.jsonl").read_text("utf-8").splitlines()]
