"""Decodes photographs, whatever is in the file: an RGB image, or an `ImageProblem` of one sentence."""

from __future__ import annotations

import errno
import os
import stat
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SentikitError
from ..io.paths import shown

if TYPE_CHECKING:
    from types import ModuleType

    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF")
"""Pillow's names of what is decoded. Its other formats are rare in photographs, and some run programs."""
MAX_PIXELS = 89_478_485
"""Larger images are refused before they are decoded; Pillow warns of a decompression bomb from here on."""

_UPRIGHT = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""What undoes each EXIF orientation."""
_ORIENTATION = 0x0112
_CANNOT_READ = {
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "there is no such file",
    errno.EACCES: "permission denied; check its permissions",
    errno.EPERM: "permission denied; check its permissions",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links form a loop",
}


class ImageProblem(SentikitError):
    """An image that cannot be used. `reason` says why without naming the file; the message names it."""

    def __init__(self, path: str | os.PathLike[str], reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{shown(self.path)}: {self.reason}."


def load_image(path: str | os.PathLike[str], at_least: int | None = None) -> Image:
    """Decode a photograph; see `decode_image`, whose image it gives without the metadata."""
    return decode_image(path, at_least)[0]


def decode_image(
    path: str | os.PathLike[str], at_least: int | None = None, data: bytes | None = None
) -> tuple[Image, dict[str, Any]]:
    """Decode a photograph to 8-bit RGB: upright, on white where it is transparent, the first frame of an animation.

    Returns it with its metadata: `exif` (tag number -> value) and the file's header by Pillow's names.
    data: the file's bytes, if it is not on the disk; `path` then only names it.

    at_least: JPEGs of more than twice this size may be decoded at a half, a quarter or an eighth of theirs, with
        neither side shorter than this. Faster, but the pixels differ a little from those of a resized whole; with
        twice the size that a model takes, hardly.
    Raises ImageProblem for whatever cannot be read, decoded, or held in memory.
    """
    with image_problems(path):
        if data is None:
            _check_file(path)
        elif not data:
            raise ImageProblem(path, "it is empty")
        return _decode(path, at_least, data)


class ImageFacts(NamedTuple):
    """What an image file says of itself: its size as it is stored, and Pillow's name of its kind of pixels."""

    width: int
    height: int
    mode: str


def examine_image(path: str | os.PathLike[str], decode_if: Callable[[ImageFacts], bool]) -> ImageFacts:
    """Read the head of an image file and, where `decode_if` says so, all of it once, to see that it is whole.

    JPEGs are decoded at an eighth of their size: every byte is read, but few pixels are made.
    Raises ImageProblem for whatever cannot be read, decoded, or held in memory.
    """
    with image_problems(path):
        _check_file(path)
        with _open(path) as image:
            facts = ImageFacts(image.width, image.height, image.mode)
            if decode_if(facts):
                image.draft("L", (1, 1))
                image.load()
        return facts


@contextmanager
def image_problems(path: str | os.PathLike[str]) -> Iterator[None]:
    """Inside, whatever goes wrong with the image becomes an ImageProblem."""
    try:
        yield
    except ImageProblem:
        raise
    except MemoryError:
        raise ImageProblem(path, "there is not enough memory to decode it") from None
    except OSError as error:
        raise ImageProblem(path, _CANNOT_READ.get(error.errno or 0) or _damaged(error)) from error
    except Exception as error:  # Pillow's decoders raise nearly anything on broken data
        raise ImageProblem(path, _damaged(error)) from error


def _check_file(path: str | os.PathLike[str]) -> None:
    if "\0" in os.fspath(path):
        raise ImageProblem(path, "there is no such file")
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        raise ImageProblem(path, "it is a folder, not an image")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe could wait for ever
        raise ImageProblem(path, "it is not an ordinary file")
    if status.st_size == 0:
        raise ImageProblem(path, "the file is empty")


def _open(path: str | os.PathLike[str], data: bytes | None = None) -> Image:
    """The image with its head read. Raises ImageProblem where it is none, or too large."""
    pillow = _pillow()
    try:
        image: Image = pillow.open(path if data is None else BytesIO(data), formats=_formats())
    except pillow.UnidentifiedImageError:
        raise ImageProblem(path, f"it is not an image in a supported format ({', '.join(_formats())})") from None
    except pillow.DecompressionBombError:
        raise ImageProblem(path, f"it has more than {MAX_PIXELS:,} pixels; make it smaller first") from None
    if image.width * image.height > MAX_PIXELS:
        image.close()
        size = f"{image.width:,} x {image.height:,} pixels"
        raise ImageProblem(path, f"it has {size}, more than {MAX_PIXELS:,}; make it smaller first")
    return image


def _decode(path: str | os.PathLike[str], at_least: int | None, data: bytes | None) -> tuple[Image, dict[str, Any]]:
    with _open(path, data) as image:
        if at_least:
            image.draft(None, (at_least, at_least))
        image.load()
        return upright_rgb(image)


def upright_rgb(image: Image) -> tuple[Image, dict[str, Any]]:
    """A new upright RGB image, and the metadata of the one given, which is left as it is."""
    exif = _exif(image)  # read after loading, which turns TIFFs already
    metadata = {key: value for key, value in image.info.items() if key != "exif" and isinstance(key, str)}
    orientation = exif.get(_ORIENTATION, 1)
    rgb = _to_rgb(image)
    if orientation in _UPRIGHT:
        rgb = rgb.transpose(_pillow().Transpose[_UPRIGHT[orientation]])
    rgb.info = {}  # without the EXIF data, so that nobody turns it a second time
    return rgb, metadata | ({"exif": exif} if exif else {})


def _to_rgb(image: Image) -> Image:
    """A new RGB image of the same look."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _eight_bits(image).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        on_white: Image = _pillow().new("RGB", layer.size, "white")
        on_white.paste(layer, mask=layer.getchannel("A"))
        return on_white
    return image.convert("RGB")


def _eight_bits(image: Image) -> Image:
    """A deep greyscale image as 8 bits; Pillow's own conversion clips all above 255.

    16-bit values are scaled by their type's range. Others have no range that is known, so their own becomes it.
    """
    import numpy as np

    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    if image.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0, 65535
    grey = (values - low) * (255 / ((high - low) or 1))
    made: Image = _pillow().fromarray(np.round(grey).astype(np.uint8))
    return made


def _exif(image: Image) -> dict[int, Any]:
    try:
        return dict(image.getexif())
    except Exception:  # broken EXIF data do not make the picture unusable
        return {}


@cache
def _pillow() -> ModuleType:
    """PIL.Image. What its decoders warn of is silenced: an image is either good or an `ImageProblem`."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    return Image


@cache
def _formats() -> tuple[str, ...]:
    """Those of FORMATS that this Pillow was built with."""
    pillow = _pillow()
    pillow.init()
    return tuple(name for name in FORMATS if name in pillow.OPEN)


def _damaged(error: Exception) -> str:
    line = " ".join(str(error).split())[:200] or type(error).__name__
    return f"it is damaged or of an unsupported kind ({line})"
