"""Splits photographs with tags to train, validate and test on, as tag files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sentikit import SentikitError, Tag
from sentikit.formats.coco import ImageId
from sentikit.formats.manifest import bad_row, checked_file_name, manifest_rows
from sentikit.formats.tags import checked_anp, read_tags, tag_line
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
    rows = manifest_rows(path)
    if rows is None:
        return None
    labels: dict[str, tuple[str, list[Tag]]] = {}
    for number, row in rows:
        if row.get("status", "ok") != "ok":
            continue
        try:
            tag, split = Tag(checked_anp(row["adjective"], row["noun"])), _split(row)
            labels.setdefault(checked_file_name(row), (split, []))[1].append(tag)
        except KeyError as error:
            raise bad_row(path, number, f"it has no {error.args[0]}") from None
        except ValueError as error:
            raise bad_row(path, number, str(error)) from None
    return labels


def _split(row: dict[str, Any]) -> str:
    """The split of a row, which becomes the name of a file."""
    split = row["split"]
    if not isinstance(split, str) or not _SPLIT.fullmatch(split):
        raise ValueError(f"its split {show(split)} is not a name such as train, val or test")
    return _ALIASES.get(split, split)
