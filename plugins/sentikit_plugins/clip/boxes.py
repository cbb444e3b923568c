"""Boxes of nouns in photographs, from a COCO instances file: CLIP cannot tell which noun an adjective belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sentikit import SentikitError
from sentikit.formats.coco import read_json
from sentikit.io.paths import base_name

if TYPE_CHECKING:
    from PIL.Image import Image

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height, in pixels."""
_MARGIN = 0.1
"""Of the box's sides, kept around it as context."""
_LEAST = 16
"""Pixels of a side: in smaller boxes nothing can be seen."""


def read_boxes(path: Path) -> dict[str, dict[str, Box]]:
    """For each photograph, by the base name of its file, the largest box of each category that is a single word.

    Raises SentikitError if the file has no images, categories and annotations with boxes.
    """
    document = read_json(path)
    try:
        names = {image["id"]: base_name(image["file_name"]) for image in document["images"]}
        nouns = {category["id"]: category["name"].lower() for category in document["categories"]}
        found: dict[str, dict[str, Box]] = {}
        for annotation in document["annotations"]:
            noun, box = nouns[annotation["category_id"]], _box(annotation["bbox"])
            if " " in noun or annotation.get("iscrowd") or min(box[2:]) < _LEAST:
                continue
            known = found.setdefault(names[annotation["image_id"]], {})
            known[noun] = max(known.get(noun, box), box, key=_area)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SentikitError(
            f"{path} is not a COCO instances file ({type(error).__name__}: {error}): it needs images, categories and "
            "annotations with image_id, category_id and bbox."
        ) from None
    return found


def crop(image: Image, box: Box, size: tuple[int, int]) -> Image:
    """The box with some context. size: that which the box's pixels refer to."""
    across, down = image.width / size[0], image.height / size[1]
    left, top, width, height = box[0] * across, box[1] * down, box[2] * across, box[3] * down
    return image.crop(
        (
            round(max(0, left - _MARGIN * width)),
            round(max(0, top - _MARGIN * height)),
            round(min(image.width, left + (1 + _MARGIN) * width)),
            round(min(image.height, top + (1 + _MARGIN) * height)),
        )
    )


def boxes_of(boxes: Mapping[str, Mapping[str, Box]], name: str) -> Mapping[str, Box]:
    """The boxes in a photograph, by noun."""
    return boxes.get(base_name(name), {})


def _box(value: Any) -> Box:
    left, top, width, height = map(float, value)
    return left, top, width, height


def _area(box: Box) -> float:
    return box[2] * box[3]
