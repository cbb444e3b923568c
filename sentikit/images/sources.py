"""Photographs that a Python caller gives: files, folders, patterns, Pillow images, arrays and bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import UsageError
from .find import ImageRef, NoPhotograph, find_images
from .photos import is_source

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

Photograph: TypeAlias = "str | os.PathLike[str] | Image | np.ndarray | bytes"
"""A file, a Pillow image, an array ``(height, width, 3)`` of uint8, or a file's bytes."""


def photo_refs(photos: Photograph | Iterable[Photograph]) -> tuple[Iterable[ImageRef], bool]:
    """The references of one or several photographs, and whether it is one.

    Raises SentikitError if nothing can be a photograph, and for a folder or pattern without any.
    """
    if isinstance(photos, str | os.PathLike):
        path = Path(os.fsdecode(photos))
        if not os.fspath(photos):
            raise UsageError("The photograph's name is empty.")
        if os.path.isdir(path) or (not os.path.lexists(path) and any(mark in str(path) for mark in "*?[")):
            return find_images([path]), False
        return [ImageRef.from_path(path)], True
    if is_source(photos):
        return [_ref(photos, 1)], True
    if isinstance(photos, list | tuple):
        return _Numbered(photos), False
    # A tensor, a file or a mapping can be iterated, too, but not over photographs.
    if not isinstance(photos, Iterable) or isinstance(photos, Mapping) or hasattr(photos, "shape"):
        raise UsageError(_no_photograph(photos))
    if hasattr(photos, "read"):
        raise UsageError(f"{_no_photograph(photos)[:-1]}; give its name or what its read() gives.")
    return map(_ref, photos, count(1)), False


class _Numbered(Sequence[ImageRef]):
    """The references of a list of photographs, made when they are asked for."""

    def __init__(self, photos: Sequence[object]) -> None:
        self._photos = photos

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, index: Any) -> Any:
        return _ref(self._photos[index], index + 1)


def _ref(photo: object, number: int) -> ImageRef:
    """What stands for a photograph; one without a file is called by its number. What is none fails when it is read."""
    if isinstance(photo, str | os.PathLike) and os.fspath(photo):
        return ImageRef.from_path(Path(os.fsdecode(photo)))
    if not is_source(photo):
        wrong = f"{type(photo).__name__} is no photograph: give a file, a Pillow image, an array or bytes"
        what = "its name is empty" if isinstance(photo, str) else wrong
        return ImageRef(Path(f"photo {number}"), number, f"photo {number}", NoPhotograph(what))
    name = getattr(photo, "filename", None)
    path = Path(name if name and isinstance(name, str) else f"photo {number}")
    return ImageRef(path, number, path.name, photo)


def _no_photograph(given: object) -> str:
    return f"A photograph is a file, a Pillow image, an array or bytes, not {type(given).__name__}."
