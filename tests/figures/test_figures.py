"""The figure of a model's attention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sentikit import SentikitError, UsageError
from sentikit.figures.attention_figure import MAX_WORDS, draw_attention
from sentikit.figures.style import BACKGROUND, GAP, LABEL_SIZE, MARGIN, PANEL, font, shorten, wrap

PHOTO = Image.new("RGB", (300, 200), (90, 120, 150))


def spot(row: int, column: int, side: int = 7) -> np.ndarray:
    weights = np.full((side, side), 0.001)
    weights[row, column] = 1.0
    return weights


def drawn(path: Path, *args: object, **options: object) -> np.ndarray:
    draw_attention(*args, path, **options)  # type: ignore[arg-type]
    with Image.open(path) as figure:
        return np.asarray(figure.convert("RGB")).astype(int)


def warmth(figure: np.ndarray) -> np.ndarray:
    """How much redder than blue the pixels are; the photograph here is blue."""
    return (figure[..., 0] - figure[..., 2]).clip(0)


def test_the_overlay_is_where_the_model_looked(tmp_path: Path) -> None:
    figure = drawn(tmp_path / "a.png", PHOTO, ["cute", "cat"], np.stack([spot(0, 0), spot(6, 6)]))
    height = round(PANEL * 2 / 3)
    top = figure.shape[0] - MARGIN - height
    lefts = [MARGIN + index * (PANEL + GAP) for index in range(3)]
    panels = [warmth(figure)[top : top + height, left : left + PANEL] for left in lefts]
    assert panels[0].max() == 0  # the photograph itself
    for panel, (row, column) in zip(panels[1:], [(0, 0), (1, 1)], strict=True):
        split = panel.reshape(height, PANEL)[: height // 2 * 2].reshape(2, height // 2, 2, PANEL // 2).sum((1, 3))
        assert np.unravel_index(split.argmax(), (2, 2)) == (row, column)
        assert split.sum() - split.max() < 0.1 * split.sum()


def test_an_even_map_stays_clear(tmp_path: Path) -> None:
    even = drawn(tmp_path / "even.png", PHOTO, ["day"], np.full((1, 14, 14), 1 / 196))
    sharp = drawn(tmp_path / "sharp.png", PHOTO, ["day"], spot(3, 3)[None])
    below = slice(MARGIN + LABEL_SIZE + 2 * GAP, None)
    assert warmth(even[below]).max() < 10 < 100 < warmth(sharp[below]).max()


def test_the_page_grows_with_the_words_up_to_a_limit(tmp_path: Path) -> None:
    def size(count: int) -> tuple[int, ...]:
        return drawn(
            tmp_path / f"{count}.png", PHOTO, ["word"] * count, np.stack([spot(1, 1)] * count), title="t"
        ).shape

    two, eight, most, more = map(size, (2, 8, MAX_WORDS, MAX_WORDS + 9))
    assert two[0] < eight[0] < most[0]
    assert two[1] < eight[1] < most[1] <= 1800
    assert most[0] < more[0] < most[0] + 50  # the note that words were left out
    assert more[1] == most[1]


@pytest.mark.parametrize("size", [(1, 1), (20_000, 3), (3, 2_000)])
def test_odd_photographs_and_maps(tmp_path: Path, size: tuple[int, int]) -> None:
    maps = np.stack([np.full((1, 1), np.nan), np.zeros((1, 1))])
    figure = drawn(tmp_path / "a.png", Image.new("RGB", size), ["é" * 90, ""], maps, title="long title " * 40)
    assert tuple(figure[0, 0]) == BACKGROUND


def test_words_and_maps_go_together(tmp_path: Path) -> None:
    for words, shape in ((["a"], (2, 7, 7)), (["a"], (7, 7)), ([], (0, 7, 7))):
        with pytest.raises(ValueError, match="do not go with maps of shape"):
            draw_attention(PHOTO, words, np.zeros(shape), tmp_path / "a.png")


def test_where_it_is_saved(tmp_path: Path) -> None:
    drawn(tmp_path / "a.jpg", PHOTO, ["a"], spot(1, 1)[None])
    with pytest.raises(SentikitError, match="exists already"):
        drawn(tmp_path / "a.jpg", PHOTO, ["a"], spot(1, 1)[None])
    drawn(tmp_path / "a.jpg", PHOTO, ["a"], spot(1, 1)[None], force=True)
    with pytest.raises(UsageError, match=r"\.png, \.jpg, \.jpeg, \.webp, not as 'a\.pdf'"):
        drawn(tmp_path / "a.pdf", PHOTO, ["a"], spot(1, 1)[None])


def test_text_fits_its_width() -> None:
    lines = wrap("two happy brown dogs " + "w" * 200, 20, 150)
    assert all(font(20).getlength(line) <= 150 for line in lines)
    assert " ".join(lines[:-1]) == "two happy brown dogs"
    assert lines[-1].endswith("...")
    assert shorten("dog", 20, 150) == "dog"
