"""Photographs that a Python caller gives: files, folders, patterns, Pillow images, arrays and bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, cast

from ..errors import UsageError
from .find import ImageRef, find_images
from .photos import is_array

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from .find import ImageSource

Photograph: TypeAlias = "str | os.PathLike[str] | Image | np.ndarray | bytes"
"""A file, a Pillow image, an array of bytes ``(height, width, 3)``, or a file's bytes."""


def photo_refs(photos: Photograph | Iterable[Photograph]) -> tuple[Iterable[ImageRef], bool]:
    """The references of one or several photographs, and whether it is one."""
    if isinstance(photos, str | os.PathLike):
        path = Path(photos)
        if not os.fspath(photos):
            raise UsageError("The photograph's name is empty.")
        if path.is_dir() or (not path.exists() and any(mark in os.fspath(photos) for mark in "*?[")):
            return find_images([path]), False
        return [ImageRef.from_path(path)], True
    if _is_image(photos):
        return [_ref(photos, 1)], True
    if not isinstance(photos, Iterable):
        raise UsageError(f"A photograph is a file, a Pillow image, an array or bytes, not {type(photos).__name__}.")
    return _Numbered(photos) if isinstance(photos, list | tuple) else map(
        _ref, cast(Iterable[Photograph], photos), count(1)
    ), False


class _Numbered(Sequence[ImageRef]):
    """The references of a list of photographs, made when they are asked for."""

    def __init__(self, photos: Sequence[Photograph]) -> None:
        self._photos = photos

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, index: Any) -> Any:
        return _ref(self._photos[index], index + 1)


def _ref(photo: Photograph, number: int) -> ImageRef:
    """What stands for a photograph; one without a file is called by its number."""
    if isinstance(photo, str | os.PathLike):
        return ImageRef.from_path(Path(photo))
    if _is_image(photo):
        name = str(getattr(photo, "filename", "") or f"photo {number}")
        return ImageRef(Path(name), number, Path(name).name, photo)
    raise UsageError(
        f"Photograph {number} is of the type {type(photo).__name__}; give a file, a Pillow image, an array or bytes."
    )


def _is_image(photo: object) -> TypeGuard[ImageSource]:
    return isinstance(photo, bytes) or is_array(photo) or (hasattr(photo, "getexif") and hasattr(photo, "convert"))
