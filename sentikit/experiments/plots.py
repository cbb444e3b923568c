"""A table's picture: a group of bars for each column, a bar for each row, with the spread over seeds."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from ..figures.style import (
    BACKGROUND,
    GAP,
    INK,
    LABEL_SIZE,
    MARGIN,
    MUTED,
    NOTE_SIZE,
    TITLE_SIZE,
    WARM,
    Colour,
    font,
    save_figure,
    shorten,
    wrap,
)
from .results import Cell, Line, Result

WIDTH = 1100
_LABELS, _NUMBERS, _BAR = 460, 150, 22
_COLOURS: dict[str, Colour] = {"paper": MUTED, "ours": WARM[1], "baseline": WARM[0]}


def draw_result(result: Result, path: Path) -> None:
    """Draw the columns that the table's `plot` names. Raises SentikitError where the picture cannot be written."""
    groups = []
    for name in result.table.plot:
        lines = [(line, line.cells[name]) for line in result.lines if name in line.cells]
        if lines:
            groups.append((name, next(c.format for c in result.table.columns if c.name == name), lines))
    rows = sum(len(lines) for _, _, lines in groups)
    title = wrap(result.table.title, TITLE_SIZE, WIDTH - 2 * MARGIN)
    height = 2 * MARGIN + len(title) * (TITLE_SIZE + GAP) + len(groups) * (LABEL_SIZE + 2 * GAP) + rows * (_BAR + 8)
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    top = MARGIN
    for text in title:
        draw.text((MARGIN, top), text, INK, font(TITLE_SIZE))
        top += TITLE_SIZE + GAP
    for name, written, lines in groups:
        draw.text((MARGIN, top), name, INK, font(LABEL_SIZE))
        top += LABEL_SIZE + GAP
        most = max((cell.mean + (cell.std or 0) for _, cell in lines), default=0) or 1
        for line, cell in lines:
            _bar(draw, top, line, cell, most, written)
            top += _BAR + 8
        top += GAP
    save_figure(picture, path, force=True)


def _bar(draw: ImageDraw.ImageDraw, top: int, line: Line, cell: Cell, most: float, written: str) -> None:
    left, room = MARGIN + _LABELS, WIDTH - 2 * MARGIN - _LABELS - _NUMBERS
    scale = room / most
    end = left + max(cell.mean, 0) * scale
    label = shorten(f"{line.label} ({line.kind})", NOTE_SIZE, _LABELS - GAP)
    draw.text((MARGIN, top + 2), label, INK, font(NOTE_SIZE))
    draw.rectangle((left, top, end, top + _BAR), _COLOURS[line.kind])
    if cell.std:
        middle = top + _BAR // 2
        ends = [left + max(cell.mean + sign * cell.std, 0) * scale for sign in (-1, 1)]
        draw.line((ends[0], middle, ends[1], middle), INK, 2)
        for x in ends:
            draw.line((x, middle - 5, x, middle + 5), INK, 2)
        end = max(end, ends[1])
    text = format(cell.mean, written) + (f" ± {format(cell.std, written)}" if cell.std is not None else "")
    draw.text((end + 8, top + 2), text, INK, font(NOTE_SIZE))
