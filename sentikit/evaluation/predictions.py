"""The captions that are evaluated, with what is known of how they were made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ..caption import Edit
from ..errors import SentikitError
from ..formats.coco import KEY, CocoCaptions, ImageId, read_captions, read_mark, read_results
from ..formats.tags.entries import HEADER
from ..io.files import read_text
from ..io.messages import show


class Prediction(NamedTuple):
    """A caption of an image. plain, edits: as in `EvaluatedCaption`."""

    text: str
    plain: str | None = None
    edits: tuple[Edit, ...] | None = None


Predictions: TypeAlias = Mapping[ImageId, Sequence[Prediction]]
"""The captions of each image: one, or the several of an updated file."""


def read_predictions(path: Path, warn: Callable[[str], None]) -> Predictions:
    """The captions of a COCO results file, a COCO caption file, or the JSON lines of `sentikit caption`.

    warn: called with a sentence where a part of the file is left out.

    Raises SentikitError where the file is none of these, or has several captions of an image and is no updated file.
    """
    text = read_text(path)
    if not text.lstrip().startswith("{"):
        return {entry["image_id"]: [Prediction(entry["caption"])] for entry in read_results(path)}
    if _is_lines(text):
        return _of_lines(path, text)
    file = read_captions(path, allow_updated=True)
    for sentence in file.warnings():
        warn(sentence)
    return _of_captions(file)


def is_own(path: Path) -> bool:
    """Whether a file looks like one that `read_predictions` reads: COCO's, or the lines of `sentikit caption`."""
    if path.is_dir():
        return False
    text = read_text(path).lstrip()
    if text.startswith("["):
        if not text[1:].lstrip().startswith("{"):
            return True
        first_entry = text.partition("}")[0]
        return '"image_id"' in first_entry and '"caption"' in first_entry
    if _is_lines(text):
        first_line = text.partition("\n")[0]
        return '"image_id"' in first_line or f'"{HEADER}"' in first_line
    return False


def only_texts(path: Path, predictions: Predictions) -> dict[ImageId, str]:
    """The one caption of each image. Raises SentikitError where an image has several."""
    several = [image for image, captions in predictions.items() if len(captions) > 1]
    if several:
        raise SentikitError(
            f"{path} has several captions of {len(several):,} of its {len(predictions):,} images, and one caption an "
            f"image is evaluated: image {several[0]!r} has {len(predictions[several[0]])}."
        )
    return {image: captions[0].text for image, captions in predictions.items()}


def _of_captions(file: CocoCaptions) -> Predictions:
    updated = bool(file.updated) or KEY in file.document
    found: dict[ImageId, list[Prediction]] = {}
    for _, annotation in file.usable():
        found.setdefault(annotation["image_id"], []).append(_of_annotation(annotation, updated))
    if not updated:
        only_texts(file.path, found)
    return found


def _of_annotation(annotation: Mapping[str, Any], updated: bool) -> Prediction:
    text = annotation["caption"]
    if KEY in annotation:
        mark = read_mark(annotation[KEY])
        return Prediction(text, mark.original, mark.edits)
    return Prediction(text, text, ()) if updated else Prediction(text)


def _is_lines(text: str) -> bool:
    """Whether the first line is a whole object of JSON lines, and not of a COCO file on one line."""
    try:
        first = json.loads(text.lstrip().partition("\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and ("caption" in first or (HEADER in first and "annotations" not in first))


def _of_lines(path: Path, text: str) -> Predictions:
    found: dict[ImageId, list[Prediction]] = {}
    for number, image, prediction in _lines(path, text):
        if image in found:
            raise SentikitError(f"{path}, line {number:,}: an earlier line is for the same image {image!r}.")
        found[image] = [prediction]
    if not found:
        raise SentikitError(f"{path} has no captions: it has a header alone.")
    return found


def _lines(path: Path, text: str) -> Iterator[tuple[int, ImageId, Prediction]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise SentikitError(f"{path}, line {number:,}: it is not JSON: {show(line)}.") from None
        if isinstance(value, dict) and HEADER in value and "caption" not in value:
            continue
        try:
            yield number, *_of_line(value)
        except ValueError as error:
            raise SentikitError(f"{path}, line {number:,}: {error}.") from None


def _of_line(value: Any) -> tuple[ImageId, Prediction]:
    """The image and the caption of a line. Raises ValueError where it has not both."""
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    image, text, plain = value.get("image_id"), value.get("caption"), value.get("plain")
    if type(image) is not int and type(image) is not str:
        raise ValueError(f"its image_id {show(image)} is neither a whole number nor text")
    if not isinstance(text, str):
        raise ValueError("it has no caption (a file of tags alone has none)")
    if plain is None:
        return image, Prediction(text)
    return image, Prediction(text, *read_mark({"original": plain, "edits": value.get("edits")}))
