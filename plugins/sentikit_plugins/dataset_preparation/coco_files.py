"""Draws images of a COCO captions file as its internal validation split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from sentikit import SentikitError
from sentikit.formats.coco import MISSING, Problem
from sentikit.io.messages import count
from sentikit.io.paths import shown

from .splits import shuffled


class CocoSplit(NamedTuple):
    """A COCO captions document in two; `left_out` are the entries that belong to no image, in neither."""

    train: dict[str, Any]
    internal_val: dict[str, Any]
    left_out: list[Problem]


def split_coco(path: Path, document: dict[str, Any], number: int, seed: int) -> CocoSplit:
    """Draw `number` images; both parts keep the order, every key and all that belongs to no list of the file.

    Whether an image is drawn depends on the seed and the ids alone, so that other files of the same images are split
    alike. Raises SentikitError where no image would be left to train on.
    """
    ids = {key for image in document["images"] if (key := _key(image)) is not None}
    if number >= len(ids):
        raise SentikitError(
            f"{shown(path)} has {count(len(ids), 'image')}, so {number:,} for validation leave none to train on: give "
            "a smaller --internal-val."
        )
    drawn = set(shuffled(ids, seed)[:number])
    return CocoSplit(_part(document, ids - drawn), _part(document, drawn), _left_out(document, ids))


def _part(document: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    images = [image for image in document["images"] if _key(image) in keys]
    annotations = [annotation for annotation in document["annotations"] if _key(annotation, "image_id") in keys]
    return document | {"images": images, "annotations": annotations}


def _left_out(document: dict[str, Any], keys: set[str]) -> list[Problem]:
    """What is in no part, with the value that is to attribute_errors."""
    problems = []
    for place, name, what in (
        ("images", "id", "it is neither a whole number nor text"),
        ("annotations", "image_id", "the list 'images' has no image of this id"),
    ):
        for index, entry in enumerate(document[place]):
            if not isinstance(entry, dict):
                problems.append(Problem(f"{place}[{index}]", "", entry, "it is not an object"))
            elif _key(entry, name) not in keys:
                problems.append(Problem(f"{place}[{index}]", name, entry.get(name, MISSING), what))
    return problems


def _key(entry: Any, name: str = "id") -> str | None:
    """The id as text that tells 1 from "1"; None where it is none."""
    value = entry.get(name) if isinstance(entry, dict) else None
    return json.dumps(value) if type(value) is int or type(value) is str else None
