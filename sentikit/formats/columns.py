"""Which column of a table, or key of a line, holds the caption, and which names the image."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SentikitError
from ..io.messages import show
from .coco.captions import ImageId

CAPTIONS = ("caption", "captions", "text", "sentence", "description", "comment", "raw", "alt_text", "alt")
NAMES = ("file_name", "filename", "image", "image_name", "image_path", "img", "path", "filepath", "photo", "file")
IDS = ("image_id", "imageid", "img_id", "imgid", "cocoid")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


class Columns(NamedTuple):
    """The names of the columns: the caption's, the image's name's and the image's id's, of which one may be None."""

    caption: str
    name: str | None
    identity: str | None


def guess_columns(
    path: Path, names: Collection[str], caption: str | None, image: str | None, *, image_needed: bool = True
) -> Columns:
    """The columns by their names, unless the user gives them.

    Raises SentikitError, with the option that helps, where they are not clear.
    """
    for option, given in (("--caption-column", caption), ("--image-column", image)):
        if given is not None and given not in names:
            raise SentikitError(f"{path} has no column {given!r} ({option}); it has {_listed(names)}.")
    found = caption if caption is not None else _clear(path, names, CAPTIONS, "the caption", "--caption-column")
    if image is not None:
        return Columns(found, None, image) if is_id(image) else Columns(found, image, None)
    name = _first(names, NAMES, found)
    identity = _first(names, IDS, found)
    if name is None and identity is None and image_needed:
        raise SentikitError(
            f"{path} does not say which column names the image; it has {_listed(names)}: give --image-column NAME."
        )
    return Columns(found, name, identity)


def is_id(name: str) -> bool:
    """Whether a column's name says that it holds ids."""
    return name.lower() in IDS or name.lower() in ("id", "key")


def _clear(path: Path, names: Collection[str], known: tuple[str, ...], what: str, option: str) -> str:
    lower = {name.strip().lower(): name for name in names}
    for certain in known[:2]:
        if certain in lower:
            return lower[certain]
    found = [lower[name] for name in known if name in lower]
    if len(found) == 1:
        return found[0]
    several = f"more than one column that could hold {what} ({', '.join(found)})"
    problem = f"has {several}" if found else f"does not say which column holds {what}; it has {_listed(names)}"
    raise SentikitError(f"{path} {problem}: give {option} NAME.")


def _first(names: Collection[str], known: tuple[str, ...], taken: str) -> str | None:
    lower = {name.strip().lower(): name for name in names if name != taken}
    return next((lower[name] for name in known if name in lower), None)


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:8]) + (", ..." if len(names) > 8 else "")
    return f"the columns {shown}" if names else "no columns"


def id_of_text(text: str) -> ImageId | None:
    """An id as a table has it: a whole number as a number."""
    return None if text == "" else int(text) if _WHOLE.fullmatch(text) else text


def to_id(value: Any) -> ImageId | None:
    """An id of a JSON value; 1.0 is 1. None for what is no id."""
    if type(value) is int or type(value) is str:
        return value
    return int(value) if type(value) is float and value.is_integer() else None


def no_id(value: Any) -> str:
    """Why a value is no id."""
    return f"{show(value)} is neither a whole number nor text"


Converter = Callable[[Any], ImageId | None]
