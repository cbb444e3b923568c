"""The files of a pack, read within limits: a pack may come from anyone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from ..errors import SentikitError
from ..io.files import read_text
from ..io.messages import show

LARGEST_JSON = 16 * 2**20
LARGEST_TEXT = 2**20
DEEPEST = 32
"""Levels of a JSON document."""
_DIGITS = 30
_MIB = 2**20


def file_of(pack: Path, name: Any) -> Path:
    """A file of the pack's folder, by its name alone; it need not exist.

    Raises SentikitError for a path, and for a link that leads out of the folder.
    """
    if not isinstance(name, str) or not name or "/" in name or "\\" in name or "\0" in name or name in (".", ".."):
        raise SentikitError(f"{pack / 'config.json'}: {show(name)} is not the name of a file in the pack's folder.")
    file = pack / name
    if not any(Path(os.path.realpath(file)).is_relative_to(home) for home in _homes(pack)):
        raise SentikitError(f"{file} is a link out of its pack, and is not followed: put the file itself there.")
    return file


def _homes(pack: Path) -> list[str]:
    """The folders that a pack's files lie in: its own, and in the hub's cache the one that its files are links to."""
    own = os.path.realpath(pack)
    snapshots, revision = os.path.split(own)
    if os.path.basename(snapshots) == "snapshots" and revision:
        return [own, os.path.join(os.path.dirname(snapshots), "blobs")]
    return [own]


def read_document(pack: Path, name: Any) -> Any:
    """A JSON document of a pack: no larger than `LARGEST_JSON`, no deeper than `DEEPEST`, all numbers finite.

    Raises SentikitError where it is something else.
    """
    path = file_of(pack, name)
    check_size(path, LARGEST_JSON)
    try:
        document = json.loads(read_text(path), parse_constant=_refuse, parse_float=_float, parse_int=_int)
        if _is_deeper(document, DEEPEST):
            raise RecursionError
    except RecursionError:
        raise SentikitError(f"{path} has more than {DEEPEST} levels of JSON: get the pack again.") from None
    except ValueError as error:
        raise SentikitError(f"{path} is not JSON ({error}): get the pack again.") from None
    return document


def read_note(pack: Path, name: str) -> str:
    """The text of a file for people, such as LICENSE, stripped; "" if the pack has none. Raises SentikitError."""
    path = file_of(pack, name)
    if not path.exists():
        return ""
    check_size(path, LARGEST_TEXT)
    return read_text(path).strip()


def check_size(path: Path, most: int) -> None:
    """Raises SentikitError where the file has more than `most` bytes; one that is missing has none."""
    try:
        size = path.stat().st_size
    except OSError:  # who reads it says what is wrong
        return
    if size > most:
        raise SentikitError(f"{path} has {size / _MIB:,.0f} MiB, and such a file may have {most / _MIB:,.0f} at most.")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a finite number")


def _float(text: str) -> float:
    number = float(text)
    return number if isfinite(number) else _refuse(text[:20])


def _int(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"the whole number {text[:8]}... has {len(text):,} digits")
    return int(text)


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> Iterator[Any]:
    """The lists and objects in a list or object."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (child for child in values if isinstance(child, dict | list))
