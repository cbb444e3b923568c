"""Decodes photographs, whatever is in the file: an RGB image, or an `ImageProblem` of one sentence."""

from __future__ import annotations

import errno
import os
import stat
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..errors import SentikitError
from ..io.text import short_path, short_reason
from .inside import NO_SUCH_FILE, name_problem
from .large_jpeg import MAX_PIXELS, draft_size, most_pixels, open_jpeg
from .left_out import HEIF_EXTRA, can_read_heif
from .png_texts import without_long_texts

if TYPE_CHECKING:
    from types import ModuleType

    from PIL.Image import Image

T = TypeVar("T")

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF", "JPEG2000", "HEIF")
"""Pillow's names of what is decoded, HEIF with the extra 'heif' alone. Its other formats are rare in photographs, and
some run programs."""

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
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_CANNOT_READ = {
    errno.ENOENT: NO_SUCH_FILE,
    errno.ENOTDIR: NO_SUCH_FILE,
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
        self.reason = short_reason(reason)

    def __str__(self) -> str:
        return f"{short_path(self.path)}: {self.reason}."


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

    def decode(image: Image) -> tuple[Image, dict[str, Any]]:
        if size := draft_size(image, at_least):
            image.draft(None, size)
        image.load()
        return upright_rgb(image)

    with image_problems(path):
        if data is None:
            _check_file(path)
        elif not data:
            raise ImageProblem(path, "it is empty")
        return _with_image(path, data, decode)


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

    def examine(image: Image) -> ImageFacts:
        facts = ImageFacts(image.width, image.height, image.mode)
        if decode_if(facts):
            image.draft("L", (1, 1))
            image.load()
        return facts

    with image_problems(path):
        _check_file(path)
        return _with_image(path, None, examine)


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
    if problem := name_problem(os.fspath(path)):
        raise ImageProblem(path, problem)
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        raise ImageProblem(path, "it is a folder, not an image")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe could wait for ever
        raise ImageProblem(path, "it is not an ordinary file")
    if status.st_size == 0:
        raise ImageProblem(path, "the file is empty")


def _with_image(path: str | os.PathLike[str], data: bytes | None, use: Callable[[Image], T]) -> T:
    """What `use` makes of the image with its head read. A PNG that Pillow refuses for its texts is read without."""
    try:
        with _open(path, data) as image:
            return use(image)
    except ValueError:
        with _file(path, data) as file:
            shorter = without_long_texts(file)
        if shorter is None:
            raise
    with _open(path, shorter) as image:
        return use(image)


def _open(path: str | os.PathLike[str], data: bytes | None) -> Image:
    """The image with its head read. Raises ImageProblem where it is none, or too large."""
    pillow = _pillow()
    try:
        image: Image | None = pillow.open(path if data is None else BytesIO(data), formats=_formats())
    except pillow.UnidentifiedImageError:
        raise ImageProblem(path, _unidentified(path, data)) from None
    except pillow.DecompressionBombError:
        image = open_jpeg(os.fspath(path) if data is None else BytesIO(data))
    if image is None:
        raise ImageProblem(path, f"it has more than {MAX_PIXELS:,} pixels; make it smaller first")
    most = MAX_PIXELS
    if image.width * image.height > most and image.format in ("JPEG", "MPO"):
        with _file(path, data) as file:
            most = most_pixels(file)
    if image.width * image.height > most:
        image.close()
        size = f"{image.width:,} x {image.height:,} pixels"
        raise ImageProblem(path, f"it has {size}, more than {most:,}; make it smaller first")
    return image


def _file(path: str | os.PathLike[str], data: bytes | None) -> IO[bytes]:
    return open(path, "rb") if data is None else BytesIO(data)


def _unidentified(path: str | os.PathLike[str], data: bytes | None) -> str:
    """Why a file that Pillow does not know is not read."""
    with _file(path, data) as file:
        head = file.read(12)
    if head[4:8] == b"ftyp" and head[8:] in _HEIF_BRANDS and "HEIF" not in _formats():
        return f"it is a HEIF image, and these need the extra 'heif': {HEIF_EXTRA}"
    return f"it is not an image in a supported format ({', '.join(_formats())})"


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
    if can_read_heif():
        with suppress(Exception):  # an installation that does not work must not end the run
            from pillow_heif import register_heif_opener

            register_heif_opener()
    return tuple(name for name in FORMATS if name in pillow.OPEN)


def _damaged(error: Exception) -> str:
    line = " ".join(str(error).split())[:200] or type(error).__name__
    return f"it is damaged or of an unsupported kind ({line})"
