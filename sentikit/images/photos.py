"""Photographs as plugins get them: decoded once from a file, bytes, a Pillow image or an array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from ..plugin.batches import Photo
from .decode import ImageProblem, decode_image, upright_rgb
from .find import ImageRef

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image


def load_photo(ref: ImageRef, at_least: int | None = None) -> Photo:
    """Decode the image of `ref`; see `decode_image` for `at_least`. Raises ImageProblem if that fails."""
    image, metadata = _decode(ref, at_least)
    path = ref.path if ref.source is None else None
    return Photo(ref.file_name, image.size, partial(_given, image), path, metadata)


def without_pixels(photo: Photo, ref: ImageRef) -> Photo:
    """The same photograph without the decoded image, which is decoded again if a plugin asks for it."""
    return replace(photo, load=partial(_decode_again, ref))


def is_array(source: object) -> TypeGuard[np.ndarray]:
    """Whether `source` is a numpy array, without importing numpy."""
    return type(source).__module__ == "numpy" and hasattr(source, "dtype")


def _given(image: Image) -> Image:
    return image


def _decode_again(ref: ImageRef) -> Image:
    return _decode(ref, None)[0]


def _decode(ref: ImageRef, at_least: int | None) -> tuple[Image, Mapping[str, Any]]:
    if ref.source is None:
        return decode_image(ref.path, at_least)
    if isinstance(ref.source, bytes):
        return decode_image(ref.path, at_least, ref.source)
    if is_array(ref.source):
        return _from_array(ref.source, ref.path), {}
    return upright_rgb(cast("Image", ref.source))


def _from_array(array: np.ndarray, name: Path) -> Image:
    """``(height, width)``, ``(height, width, 3)`` or ``(height, width, 4)`` bytes as an RGB image."""
    import numpy as np
    from PIL import Image

    shape = "x".join(map(str, array.shape))
    if array.dtype != np.uint8 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise ImageProblem(
            name, f"an array must be (height, width) or (height, width, 3) of uint8, not {shape} of {array.dtype}"
        )
    if not array.size:
        raise ImageProblem(name, "the array is empty")
    return upright_rgb(Image.fromarray(np.ascontiguousarray(array)))[0]
