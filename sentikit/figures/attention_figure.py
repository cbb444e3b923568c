"""Draws where a model looked for each word that it wrote, after figure 9 of the paper. Import it only to draw."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ..nn.attention_maps import contrasted
from .style import (
    BACKGROUND,
    GAP,
    INK,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    NOTE_SIZE,
    PANEL,
    TITLE_SIZE,
    WARM,
    font,
    save_figure,
    shorten,
    wrap,
)

MAX_WORDS = 20
COLUMNS = 6
_STRENGTH = 0.8
"""How much of the photograph the overlay may cover."""


def draw_attention(
    image: Image.Image,
    words: Sequence[str],
    maps: np.ndarray,
    path: Path,
    *,
    title: str | None = None,
    force: bool = False,
) -> None:
    """Save a grid: the photograph, and for each word the photograph under its attention map.

    Maps are compared within themselves, not with one another: a map's least weight is clear and its greatest is dark,
    but a map that is nearly even stays faint.

    image: what the model saw, RGB; where it looked at a part of the photograph only, that part.
    maps: ``(words, height, width)``, of any scale, not negative; drawn over the whole image.
    title: stands on top; without it, the words do.
    Of more than `MAX_WORDS` words the first are drawn, and the figure says so. Raises ValueError where words and maps
    do not go together, and what `save_figure` raises.
    """
    if maps.ndim != 3 or len(maps) != len(words) or not len(words):
        raise ValueError(f"{len(words)} words do not go with maps of shape {maps.shape}")
    photo = _fit(image)
    grey = pale(photo)
    panels = [("", photo)]
    panels += [(word, overlay(grey, one)) for word, one in zip(words[:MAX_WORDS], maps, strict=False)]
    note = f"The first {MAX_WORDS} of {len(words)} words." if len(words) > MAX_WORDS else ""
    save_figure(_grid(title or " ".join(words), panels, note), path, force=force)


def _fit(image: Image.Image) -> Image.Image:
    scale = PANEL / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


def pale(photo: Image.Image) -> Image.Image:
    """The photograph in light grey, for the overlay's colour to be the only one."""
    grey = photo.convert("L").convert("RGB")
    return Image.blend(Image.blend(grey, photo, 0.25), Image.new("RGB", photo.size, "white"), 0.2)


def overlay(photo: Image.Image, weights: np.ndarray) -> Image.Image:
    """`photo` under the ``(height, width)`` weights, enlarged smoothly."""
    weights = np.nan_to_num(weights.astype(np.float32), posinf=0.0, neginf=0.0)
    heat = np.asarray(Image.fromarray(contrasted(weights)).resize(photo.size, Image.Resampling.BICUBIC)).clip(0, 1)[
        ..., None
    ]
    steps = np.linspace(0, 1, len(WARM))
    colour = np.concatenate([np.interp(heat, steps, channel) for channel in zip(*WARM, strict=True)], axis=-1)
    opacity = _STRENGTH * heat
    mixed = np.asarray(photo) * (1 - opacity) + colour * opacity
    return Image.fromarray(mixed.round().astype(np.uint8))


def _grid(title: str, panels: Sequence[tuple[str, Image.Image]], note: str) -> Image.Image:
    rows = ceil(len(panels) / COLUMNS)
    columns = ceil(len(panels) / rows)
    width, height = panels[0][1].size
    across = max(width, PANEL // 2) + GAP
    down = height + LABEL_SIZE + 2 * GAP
    page_width = 2 * MARGIN + columns * across - GAP
    lines = wrap(title, TITLE_SIZE, page_width - 2 * MARGIN)
    top = MARGIN + len(lines) * round(TITLE_SIZE * 1.3) + GAP
    bottom = top + rows * down - GAP + (NOTE_SIZE + GAP if note else 0)
    page = Image.new("RGB", (page_width, bottom + MARGIN - GAP // 2), BACKGROUND)
    pen = ImageDraw.Draw(page)
    for index, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + index * round(TITLE_SIZE * 1.3)), line, INK, font(TITLE_SIZE))
    for index, (word, picture) in enumerate(panels):
        left = MARGIN + index % columns * across
        upper = top + index // columns * down
        pen.text((left, upper), shorten(word, LABEL_SIZE, across - GAP), INK, font(LABEL_SIZE))
        page.paste(picture, (left, upper + LABEL_SIZE + GAP // 2))
    pen.text((MARGIN, bottom - NOTE_SIZE), note, MUTED, font(NOTE_SIZE))
    return page
