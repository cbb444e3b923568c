"""Attention maps in a line of results, and as the page gets them: a character a pixel."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from ..nn.attention_maps import contrasted

LEVELS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""From no attention to the most of its map."""
LARGEST = 64
"""Rows and columns that a map may have."""


class WordMaps(NamedTuple):
    """Where a model looked for each word: `height` rows of `width` characters of LEVELS, one after the other."""

    words: tuple[str, ...]
    height: int
    width: int
    maps: tuple[str, ...]


def is_finite(value: Any) -> bool:
    """Whether it is a number that a float can hold."""
    try:
        return type(value) in (int, float) and isfinite(value)
    except OverflowError:
        return False


def read_attention(value: Any) -> WordMaps:
    """``{"words": ["a", "dog"], "maps": [[[0.1, 0.2], [0.3, 0.4]], ...]}``: the maps of rows of numbers, not negative.

    Raises ValueError, with the end of a sentence, where it is something else.
    """
    words, maps = (value.get("words"), value.get("maps")) if isinstance(value, dict) else (None, None)
    if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
        raise ValueError("it has no list of words")
    if not (isinstance(maps, list) and len(maps) == len(words)):
        raise ValueError("it has not one map for each word")
    height, width = _size(maps[0])
    return WordMaps(tuple(words), height, width, tuple(_levels(one, height, width) for one in maps))


def _size(one: Any) -> tuple[int, int]:
    height = len(one) if isinstance(one, list) else 0
    width = len(one[0]) if height and isinstance(one[0], list) else 0
    if not (0 < height <= LARGEST and 0 < width <= LARGEST):
        raise ValueError(f"a map is not a list of at most {LARGEST} rows of at most {LARGEST} numbers")
    return height, width


def _levels(one: Any, height: int, width: int) -> str:
    """A map within itself, as the figures draw it: its least weight is clear, and a nearly even one stays faint."""
    if not (isinstance(one, list) and len(one) == height):
        raise ValueError("its maps are not of one size")
    for row in one:
        if not (isinstance(row, list) and len(row) == width):
            raise ValueError("its maps are not of one size")
        for weight in row:
            if not is_finite(weight) or weight < 0:
                raise ValueError("a map holds something else than numbers from 0")
    levels = contrasted(np.array([one], dtype=np.float64)) * (len(LEVELS) - 1)
    return "".join(LEVELS[level] for level in levels.round().astype(int).flat)
