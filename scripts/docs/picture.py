"""Draws docs/images/captions.jpg, the README's picture: photographs with their captions, tags and attention.

python -m scripts.docs.picture
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

import sentikit
from sentikit import Tag
from sentikit.figures.attention_figure import overlay, pale
from sentikit.figures.style import BACKGROUND, INK, MUTED, WARM, font
from sentikit.pipelines.results import CaptionResult

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "examples" / "demo" / "images"
PICTURE = ROOT / "docs" / "images" / "captions.jpg"
SHOWN = (("chelsea.jpg", "cat"), ("coffee.jpg", "food"))
"""The photographs, with the word whose attention is drawn."""

SIZE = (420, 280)
"""Of each photograph."""
TEXT = 560
"""The width of the captions and tags."""
MARGIN, GAP = 28, 28
CAPTION, LABEL = 29, 20
MARK = (255, 226, 140)
TAGS = 4


def main() -> None:
    """Draw and save the picture."""
    model = sentikit.load()
    width = 2 * MARGIN + 2 * SIZE[0] + 2 * GAP + TEXT
    page = Image.new("RGB", (width, 2 * MARGIN + len(SHOWN) * SIZE[1] + (len(SHOWN) - 1) * GAP), BACKGROUND)
    for index, (name, word) in enumerate(SHOWN):
        draw_row(page, MARGIN + index * (SIZE[1] + GAP), PHOTOS / name, model.caption(PHOTOS / name), word)
    PICTURE.parent.mkdir(exist_ok=True)
    page.save(PICTURE, quality=86, optimize=True)


def draw_row(page: Image.Image, top: int, path: Path, result: CaptionResult, word: str) -> None:
    """One photograph, its captions and tags, and the attention for `word`."""
    pen = ImageDraw.Draw(page)
    photo = Image.open(path).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    page.paste(photo, (MARGIN, top))
    left = MARGIN + SIZE[0] + GAP
    down = draw_text(pen, (left, top - 6), result.plain, (), MUTED)
    down = draw_text(pen, (left, down + 12), result.text, [edit.tag.adjective for edit in result.edits], INK)
    draw_tags(pen, (left, top + SIZE[1] - TAGS * (LABEL + 8) + 4), result.tags[:TAGS])
    assert result.attention is not None
    looked = overlay(pale(photo), result.attention[result.words.index(word)])
    right = left + TEXT + GAP
    page.paste(looked, (right, top))
    said = f"attention for “{word}”"
    box = (right + 12, top + 10, right + 32 + font(LABEL).getlength(said), top + LABEL + 24)
    pen.rounded_rectangle(box, 6, BACKGROUND)
    pen.text((right + 22, top + 14), said, INK, font(LABEL))


def draw_text(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, marked: Sequence[str], colour: tuple[int, int, int]
) -> int:
    """Draw a caption in lines, its `marked` words on a coloured ground; returns where it ends."""
    (left, top), typeface = at, font(CAPTION)
    x, space = float(left), typeface.getlength(" ")
    for word in text.split():
        length = typeface.getlength(word)
        if x + length > left + TEXT:
            x, top = float(left), top + round(CAPTION * 1.35)
        if word.lower() in marked:
            pen.rounded_rectangle((x - 5, top + 2, x + length + 5, top + CAPTION + 7), 6, MARK)
        pen.text((x, top), word, colour, typeface)
        x += length + space
    return top + round(CAPTION * 1.35)


def draw_tags(pen: ImageDraw.ImageDraw, at: tuple[int, int], tags: Sequence[Tag]) -> None:
    """Draw tags as bars with their probabilities."""
    (left, top), typeface = at, font(LABEL)
    names = 210
    longest = max(tag.probability or 0 for tag in tags)
    for tag in tags:
        probability = tag.probability or 0
        pen.text((left, top), str(tag.anp), INK, typeface)
        end = left + names + (TEXT - names - 90) * probability / longest
        pen.rounded_rectangle((left + names, top + 5, end, top + LABEL), 3, WARM[1])
        pen.text((end + 12, top), f"{probability:.1%}", MUTED, typeface)
        top += LABEL + 8


if __name__ == "__main__":
    main()
