"""Photographs as plugins get them: decoded once from a file, bytes, a Pillow image or an array."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeGuard

from ..plugin.batches import Photo
from .decode import ImageProblem, decode_image, image_problems, upright_rgb
from .find import ImageRef

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from .find import ImageSource

_LOADING = Lock()
"""Pillow reads an image that it opened from its file at the first use, which two threads must not do at once."""


def load_photo(ref: ImageRef, at_least: int | None = None) -> Photo:
    """Decode the image of `ref`; see `decode_image` for `at_least`. Raises ImageProblem if that fails."""
    image, metadata = _decode(ref, at_least)
    path = ref.path if ref.source is None else None
    return Photo(ref.file_name, image.size, partial(_given, image), path, metadata)


def without_pixels(photo: Photo, ref: ImageRef) -> Photo:
    """The same photograph without the decoded image, which is decoded again if a plugin asks for it."""
    return replace(photo, load=partial(_decode_again, ref))


def is_source(photo: object) -> TypeGuard[ImageSource]:
    """Whether `photo` is a Pillow image, an array or bytes."""
    return isinstance(photo, bytes | bytearray | memoryview) or _is_array(photo) or _is_pillow(photo)


def _is_array(photo: object) -> TypeGuard[np.ndarray]:
    numpy = sys.modules.get("numpy")  # who has an array has imported it
    return numpy is not None and isinstance(photo, numpy.ndarray)


def _is_pillow(photo: object) -> TypeGuard[Image]:
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(photo, pillow.Image)


def _given(image: Image) -> Image:
    return image


def _decode_again(ref: ImageRef) -> Image:
    return _decode(ref, None)[0]


def _decode(ref: ImageRef, at_least: int | None) -> tuple[Image, Mapping[str, Any]]:
    source = ref.source
    if source is None:
        return decode_image(ref.path, at_least)
    if isinstance(source, bytes | bytearray | memoryview):
        return decode_image(ref.path, at_least, bytes(source))
    with image_problems(ref.path):
        if _is_array(source):
            return upright_rgb(_from_array(source, ref.path))
        if _is_pillow(source):
            return _from_pillow(source, ref.path)
    raise ImageProblem(ref.path, str(source))


def _from_pillow(image: Image, name: Path) -> tuple[Image, Mapping[str, Any]]:
    if not (image.width and image.height):
        raise ImageProblem(name, "it has no pixels")
    with _LOADING:
        image.load()
    return upright_rgb(image)


def _from_array(array: np.ndarray, name: Path) -> Image:
    """``(height, width)``, ``(height, width, 3)`` or ``(height, width, 4)`` of uint8 as an image."""
    import numpy as np
    from PIL import Image

    if array.dtype != np.uint8 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        shape = "x".join(map(str, array.shape)) or "a single value"
        raise ImageProblem(
            name, f"an array must be (height, width) or (height, width, 3) of uint8, not {shape} of {array.dtype}"
        )
    if not array.size:
        raise ImageProblem(name, "the array is empty")
    return Image.fromarray(np.ascontiguousarray(array))
