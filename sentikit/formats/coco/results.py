"""COCO results files: a list of generated captions, one an image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...errors import SentikitError
from ...io.messages import MISSING, Problem, show
from .jsonfile import read_json, write_document


def read_results(path: Path) -> list[dict[str, Any]]:
    """The entries of a COCO results file; each has an `image_id` of its own and a `caption`, other keys are kept.

    Raises SentikitError, with the place and the value, where one has not.
    """
    entries = read_json(path)
    if not isinstance(entries, list):
        kind = "a COCO caption file" if isinstance(entries, dict) and "annotations" in entries else show(entries)
        raise SentikitError(f"{path} is not a COCO results file: it is {kind}, not a list.")
    if not entries:
        raise SentikitError(f"{path} has no results: its list is empty.")
    seen: set[int | str] = set()
    for index, entry in enumerate(entries):
        problem = _problem(f"[{index}]", entry, seen)
        if problem:
            raise SentikitError(f"{path}: {problem}.")
        seen.add(entry["image_id"])
    return entries


def _problem(place: str, entry: Any, seen: set[int | str]) -> Problem | None:
    if not isinstance(entry, dict):
        return Problem(place, "", entry, "it is not an object")
    image, caption = entry.get("image_id", MISSING), entry.get("caption", MISSING)
    for key, value in (("image_id", image), ("caption", caption)):
        if value is MISSING:
            return Problem(place, key, MISSING, "it is missing")
    if type(image) is not int and type(image) is not str:
        return Problem(place, "image_id", image, "it is neither a whole number nor text")
    if not isinstance(caption, str):
        return Problem(place, "caption", caption, "it is not text")
    if image in seen:
        return Problem(place, "image_id", image, "an earlier result is for the same image")
    return None


def write_results(
    path: Path, results: Iterable[dict[str, Any]], *, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Write a COCO results file from entries of `image_id` and `caption`. See `write_document`."""
    write_document(path, list(results), force=force, inputs=inputs)
