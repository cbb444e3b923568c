"""The boxes that SSD starts from, and how it moves them: the model zoo's settings for 300 pixels."""

from __future__ import annotations

import math
from functools import cache

import torch
from torch import Tensor

GRIDS = (19, 10, 5, 3, 2, 1)
"""Pixels a side of the six maps that boxes are read from."""
ANCHORS_EACH = (3, 6, 6, 6, 6, 6)
"""Anchors at each pixel of these maps."""
_SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
"""Of the photograph's side, for each map; the last one is for the mean with the one before."""
_RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)
_MOVES = (10.0, 10.0, 5.0, 5.0)
"""What encoded y, x, height and width are divided by."""


@cache
def anchors() -> Tensor:
    """``(1917, 4)``: centre y and x, height and width, as shares of the photograph's sides."""
    rows = []
    for level, grid in enumerate(GRIDS):
        for y in range(grid):
            for x in range(grid):
                rows += [((y + 0.5) / grid, (x + 0.5) / grid, *shape) for shape in _shapes(level)]
    return torch.tensor(rows)


def _shapes(level: int) -> list[tuple[float, float]]:
    """Height and width of the anchors of a map."""
    scale, following = _SCALES[level], _SCALES[level + 1]
    if level == 0:
        pairs = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
    else:
        pairs = [*((scale, ratio) for ratio in _RATIOS), (math.sqrt(scale * following), 1.0)]
    return [(size / math.sqrt(ratio), size * math.sqrt(ratio)) for size, ratio in pairs]


def decode(encoded: Tensor, start: Tensor) -> Tensor:
    """Encoded boxes ``(..., anchors, 4)`` -> top, left, bottom and right as shares of the sides, cut at the edges."""
    moved = encoded / encoded.new_tensor(_MOVES)
    centre = moved[..., :2] * start[..., 2:] + start[..., :2]
    half = moved[..., 2:].exp() * start[..., 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1).clamp(0, 1)
