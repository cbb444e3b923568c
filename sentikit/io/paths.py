"""File names as people read them, and as an order."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

_DIGITS = 1000


def as_text(name: str | os.PathLike[str]) -> str:
    """A name that UTF-8 can hold: bytes of a file name that are not UTF-8 become ``\\xff``."""
    try:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a data file can name what no file is called
        return os.fspath(name).encode("utf-8", "backslashreplace").decode("utf-8")


def shown(path: str | os.PathLike[str]) -> str:
    """A path on one line, for a message: in quotes where it has spaces, and line breaks and the like escaped."""
    text = as_text(path)
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"'{escaped}'" if escaped != text or " " in text or not text else escaped


def base_name(file_name: str) -> str:
    """The last part of a file name that a data file has, whichever slashes it was written with."""
    return PurePosixPath(file_name.replace("\\", "/")).name


def ends_with(path: str, file_name: str) -> bool:
    """Whether the last parts of a path are those of a shorter one, whichever slashes they were written with."""
    parts, end = _parts(path), _parts(file_name)
    return bool(end) and parts[-len(end) :] == end


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Sorts names as people count: ``2.jpg`` before ``10.jpg``, upper and lower case alike."""
    pieces = re.split(r"([0-9]+)", name.lower())  # text and digits by turns, so that like meets like
    return [int(piece) if index % 2 else piece for index, piece in enumerate(pieces)], name


def id_of_stem(stem: str) -> int | str:
    """The id of an image that has only a file name, from the name without its suffix: a number if it is one.

    A name of very many digits stays text, as Python does not read numbers of some thousand.
    """
    return int(stem) if stem.isascii() and stem.isdigit() and len(stem) < _DIGITS else stem
