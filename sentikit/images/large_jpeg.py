"""JPEGs of more pixels than other images may have: opened, and decoded at a part of their size."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 89_478_485
"""Larger images are refused before they are decoded; Pillow warns of a decompression bomb from here on. JPEGs are
decoded at a part of their size instead, which has no more pixels than this."""
_MOST_AT_ONCE = 3 * MAX_PIXELS
"""Pixels of a JPEG that comes in several scans: the coefficients of all its pixels are in memory while it is read."""
_MOST_IN_ROWS = 1_000_000_000
"""Pixels of a JPEG that is read row by row."""


def open_jpeg(source: str | IO[bytes]) -> Image | None:
    """A JPEG with its head read, however many pixels it says it has; None for other formats."""
    from PIL.JpegImagePlugin import JpegImageFile

    try:
        return JpegImageFile(source)
    except SyntaxError:
        return None


def most_pixels(file: IO[bytes]) -> int:
    """How many pixels the JPEG may have."""
    return _MOST_IN_ROWS if _has_one_scan(file) else _MOST_AT_ONCE


def draft_size(image: Image, at_least: int | None) -> tuple[int, int] | None:
    """The size to ask Pillow's draft for: twice `at_least` or more, and no more than MAX_PIXELS; None for the whole."""
    width, height = image.size
    scale = next((scale for scale in (1, 2, 4) if width * height <= MAX_PIXELS * scale**2), 8)
    if scale == 1:
        return (at_least, at_least) if at_least else None
    return min(at_least or width, width // scale), min(at_least or height, height // scale)


def _has_one_scan(file: IO[bytes]) -> bool:
    """Whether the first scan holds all colours of a JPEG that is not progressive, as libjpeg sees it."""
    file.seek(2)
    colours = None
    while (marker := file.read(2)) and marker[0] == 0xFF and len(marker) == 2:
        length = int.from_bytes(file.read(2))
        segment = file.read(max(0, length - 2))
        if marker[1] in (0xC0, 0xC1):  # the frame of a sequential JPEG
            colours = segment[5:6]
        elif marker[1] == 0xDA:
            return colours is not None and segment[:1] == colours
    return False
