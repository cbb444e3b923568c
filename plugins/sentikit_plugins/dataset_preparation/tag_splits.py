"""Splits photographs with tags to train, validate and test on, as tag files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentikit import SentikitError, Tag
from sentikit.formats.coco import ImageId
from sentikit.formats.tags import checked_anp, read_tags, tag_line
from sentikit.io.files import read_text
from sentikit.io.messages import show
from sentikit.io.paths import shown

from .splits import Shares, shuffled, split_names

Lines = dict[str, list[dict[str, Any]]]
_SPLIT = re.compile(r"[A-Za-z0-9][\w-]{0,50}")
_ALIASES = {"valid": "val", "validation": "val"}


def split_tags(path: Path, shares: Shares, seed: int, *, limit: int | None = None, top_k: int | None = None) -> Lines:
    """The lines of a tag file for each split.

    path: a tag file, whose images are drawn, or a manifest as `sentikit prepare vso` writes it, which has splits; its
        photographs' ids are their file names.
    limit: draw so many images first. top_k: keep so many of the tags of each, the best.
    The draw depends on the seed and the ids alone. Raises SentikitError where there is nothing to train on.
    """
    own = _manifest(path)
    if own is None:
        file = read_tags(path)
        found = {
            json.dumps(image.key): (image.image_id, image.file_name, list(file.tags[row]))
            for row, image in enumerate(file.images)
        }
        kept = shuffled(found, seed)[:limit]
        splits = split_names(kept, shares, seed)
    else:
        found = {name: (None, name, tags) for name, (_, tags) in own.items()}
        kept = shuffled(found, seed)[:limit]
        splits = {name: own[name][0] for name in kept}
    lines: Lines = {split: [] for split in Shares._fields}
    for key in found:
        if key in splits:
            lines.setdefault(splits[key], []).append(_line(*found[key], top_k))
    if not lines["train"]:
        raise SentikitError(
            f"{shown(path)} has no image to train on: give a larger --limit, or smaller --val and --test."
        )
    return lines


def _line(image_id: ImageId | None, file_name: str | None, tags: list[Tag], top_k: int | None) -> dict[str, Any]:
    return tag_line(image_id, file_name, tags[:top_k])


def _manifest(path: Path) -> dict[str, tuple[str, list[Tag]]] | None:
    """Split and tags by file name, of the photographs that can be used; None where the file is no manifest."""
    labels: dict[str, tuple[str, list[Tag]]] = {}
    rows = _rows(path)
    if not rows:
        return None
    for number, row in rows:
        try:
            if row.get("status", "ok") != "ok":
                continue
            tag, name, split = Tag(checked_anp(row["adjective"], row["noun"])), row["file_name"], row["split"]
            if not isinstance(name, str) or not name:
                raise ValueError(f"its file_name {show(name)} is not a file name")
            if not isinstance(split, str) or not _SPLIT.fullmatch(split):  # it becomes the name of a file
                raise ValueError(f"its split {show(split)} is not a name such as train, val or test")
        except KeyError as error:
            raise _bad_row(path, number, f"it has no {error.args[0]}") from None
        except ValueError as error:
            raise _bad_row(path, number, str(error)) from None
        labels.setdefault(name, (_ALIASES.get(split, split), []))[1].append(tag)
    return labels


def _bad_row(path: Path, number: int, why: str) -> SentikitError:
    return SentikitError(f"{shown(path)}, line {number:,} of the manifest: {why}.")


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    return list(_read_rows(path)) if _is_manifest(path) else []


def _is_manifest(path: Path) -> bool:
    first = next(iter(read_text(path).split("\n", 1)), "")
    try:
        return "adjective" in json.loads(first)
    except (ValueError, TypeError, RecursionError):
        return False


def _read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise _bad_row(path, number, "it is not JSON") from None
        if not isinstance(row, dict):
            raise _bad_row(path, number, "it is not an object")
        yield number, row
