"""Reads results of either form, and joins the tags and failures of other files to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ..errors import SentikitError, UsageError
from ..formats.tags import match_tags, read_tags
from ..formats.tags.reader import open_text
from ..io.messages import show
from ..io.paths import base_name
from .captioned import ReportPhoto, Results
from .coco_results import read_coco
from .line_results import read_lines

_LONGEST_LINE = 1_000_000
"""Characters that are looked at to tell the two forms apart; COCO files are often a single line, of many more."""


def read_results(
    path: Path,
    tags: Path | None = None,
    failures: Path | None = None,
    read_other: Callable[[Path], Results | None] | None = None,
) -> Results:
    """The photographs of what `sentikit caption --jsonl` or `sentikit update-captions` wrote.

    read_other: reads a file of another format than COCO and the lines of `sentikit caption`; None for one of these.

    tags: a tag file for results without tags, which an updated COCO file is.
    failures: what `sentikit caption --failures` wrote.
    Raises SentikitError where a file is something else or cannot be read, and UsageError where `tags` are given for
    results that have their own.
    """
    results = read_other(path) if read_other else None
    if results is None:
        lines = _is_lines(path)
        if lines and tags:
            raise UsageError(f"{path} has the tags of its photographs: leave --tags out.")
        results = read_lines(path) if lines else read_coco(path)
    if tags:
        _add_tags(results, tags)
    if failures:
        results.photos += _read_failures(failures)
    return results


def _is_lines(path: Path) -> bool:
    """Whether the first line is an object by itself, and not a whole COCO file."""
    with open_text(path) as file:
        try:
            line = file.readline(_LONGEST_LINE)
            while line.isspace():
                line = file.readline(_LONGEST_LINE)
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            if isinstance(error, UnicodeDecodeError):
                raise
            return path.suffix.lower() == ".jsonl"
    return isinstance(value, dict) and not value.keys() & {"annotations", "images"}


def _add_tags(results: Results, path: Path) -> None:
    tag_file = read_tags(path)
    images = {photo.image_id: {"file_name": photo.file_name or None} for photo in results.photos}
    matched = match_tags(images, tag_file)
    for photo in results.photos:
        photo.tags = matched.tags.get(photo.image_id, ())
    results.warnings += [*tag_file.warnings(), *matched.warnings()]


def _read_failures(path: Path) -> list[ReportPhoto]:
    """The photographs that were not captioned: ``{"file": ..., "image_id": ..., "reason": ...}`` a line."""
    photos = []
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                entry = json.loads(line)
                name, identity, reason = entry["file"], entry["image_id"], entry["reason"]
                sound = isinstance(name, str) and type(identity) in (int, str) and isinstance(reason, str)
            except (ValueError, TypeError, LookupError, RecursionError):
                sound = False
            if not sound:
                raise SentikitError(
                    f"{path}, line {number:,}, value {show(line.strip())}: it is not a failure, as "
                    "'sentikit caption --failures' writes them."
                )
            base = base_name(name)  # the page may be passed on, and where it was is private
            photos.append(ReportPhoto(identity, base, problem=reason))
    return photos
