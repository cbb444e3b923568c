"""How figures look: colours, sizes and type, drawn with Pillow alone. Import it only to draw."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageFont

from ..errors import UsageError
from ..io.files import atomic_write

Colour = tuple[int, int, int]

BACKGROUND: Colour = (252, 251, 248)
INK: Colour = (38, 36, 34)
MUTED: Colour = (128, 122, 115)
WARM: tuple[Colour, ...] = ((255, 214, 92), (247, 135, 32), (206, 32, 41))
"""From little to much."""

MARGIN = 28
GAP = 16
PANEL = 260
"""The longer side of a photograph in a grid, in pixels."""
TITLE_SIZE = 26
LABEL_SIZE = 19
NOTE_SIZE = 16

_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The typeface that Pillow brings, in `size` pixels."""
    return ImageFont.load_default(size)


def wrap(text: str, size: int, width: int) -> list[str]:
    """`text` in lines of at most `width` pixels, broken between words where that is possible."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, size, width))
    return lines


def shorten(text: str, size: int, width: int) -> str:
    """`text`, cut with an ellipsis where it is wider than `width` pixels."""
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(f"{text}...") > width:
        text = text[:-1]
    return f"{text}..."


def figure_format(path: Path) -> str:
    """Pillow's name of the format that `path` ends in. Raises UsageError where it is none that figures have."""
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"A figure is saved as one of {', '.join(_SUFFIXES)}, not as {path.name!r}.")
    return kind


def save_figure(figure: Image.Image, path: Path, *, force: bool = False) -> None:
    """Write a figure in the format that `path` ends in, whole or not at all.

    Raises UsageError for another suffix, and SentikitError where it cannot be written or exists without `force`.
    """
    kind = figure_format(path)
    data = io.BytesIO()
    figure.save(data, format=kind, quality=92)
    with atomic_write(path, force=force) as file:
        file.buffer.write(data.getvalue())
