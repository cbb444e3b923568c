"""Reads the JSON lines of `sentikit caption --jsonl`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..anp import Tag
from ..errors import SentikitError
from ..formats.coco import MISSING, ImageId, Problem, read_mark
from ..formats.tags.entries import HEADER, parse_tag
from ..formats.tags.reader import open_text
from ..io.messages import count, first
from .attention_data import WordMaps, read_attention
from .captioned import ReportCaption, ReportPhoto, Results, fits


class _LineError(Exception):
    """A whole line that cannot be used: the key, its value, and the end of a sentence."""


def read_lines(path: Path) -> Results:
    """The photographs of a file of JSON lines; what is wrong in it is left out and told in the warnings.

    Raises SentikitError where it cannot be read or has no usable line.
    """
    results = Results(path, [])
    problems: list[Problem] = []
    seen: set[ImageId] = set()
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            place = f"line {number:,}"
            try:
                value = _object(line)
                if HEADER in value and "caption" not in value:
                    results.settings = value[HEADER] if isinstance(value[HEADER], dict) else {}
                    continue
                results.photos.append(_photo(place, value, seen, problems))
            except _LineError as error:
                problems.append(Problem(place, *error.args))
    if not results.photos:
        reason = f"the first problem is {problems[0]}" if problems else "it is empty"
        raise SentikitError(f"{path} has no captions: {reason}.")
    if problems:
        results.warnings.append(f"{count(len(problems), 'problem')} of {path}, left out: {first(problems)}.")
    return results


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise _LineError("", line.strip(), "it is not JSON") from None
    if not isinstance(value, dict):
        raise _LineError("", value, "it is not an object")
    return value


def _photo(place: str, value: dict[str, Any], seen: set[ImageId], problems: list[Problem]) -> ReportPhoto:
    name = value.get("file_name")
    if name is not None and not isinstance(name, str):
        raise _LineError("file_name", name, "it is not a file name")
    identity = value.get("image_id", name)
    if type(identity) is not int and type(identity) is not str:
        raise _LineError("image_id", value.get("image_id", MISSING), "it is neither a whole number nor text")
    if identity in seen:
        raise _LineError("image_id", identity, "an earlier line is for the same image")
    photo = ReportPhoto(identity, name or "", [_caption(place, value, problems)])
    photo.tags = _tags(place, value.get("anps"), problems)
    photo.attention = _attention(place, value.get("attention"), problems)
    seen.add(identity)
    return photo


def _caption(place: str, value: dict[str, Any], problems: list[Problem]) -> ReportCaption:
    text, plain, edits = value.get("caption", MISSING), value.get("plain"), value.get("edits")
    if not isinstance(text, str):
        hint = " (a tag file has none; 'sentikit caption --jsonl' writes them)" if "anps" in value else ""
        raise _LineError("caption", text, ("it is missing" if text is MISSING else "it is not text") + hint)
    score = value.get("log_probability")
    known = float(score) if isinstance(score, int | float) and abs(score) <= sys.float_info.max else None
    if not edits:
        return ReportCaption(plain if isinstance(plain, str) else text, text, (), known)
    try:
        mark = read_mark({"original": plain, "edits": edits})
        if fits(plain or "", text, mark.edits):
            return ReportCaption(mark.original, text, mark.edits, known)
        reason = "they do not lead from 'plain' to 'caption', and are not shown"
    except ValueError:
        reason = "they were not written by sentikit, or 'plain' is missing, and are not shown"
    problems.append(Problem(place, "edits", edits, reason))
    return ReportCaption(plain if isinstance(plain, str) else text, text, (), known)


def _tags(place: str, entries: Any, problems: list[Problem]) -> Sequence[Tag]:
    if entries is None:
        return ()
    if not isinstance(entries, list):
        problems.append(Problem(place, "anps", entries, "it is not a list"))
        return ()
    tags: list[Tag] = []
    for index, entry in enumerate(entries):
        try:
            tags.append(parse_tag(entry))
        except ValueError as error:
            problems.append(Problem(place, f"anps[{index}]", entry, str(error)))
    return sorted(tags, key=lambda tag: (tag.probability is None, -(tag.probability or 0)))


def _attention(place: str, value: Any, problems: list[Problem]) -> WordMaps | None:
    if value is None:
        return None
    try:
        return read_attention(value)
    except ValueError as error:
        problems.append(Problem(place, "attention", value, str(error)))
        return None
