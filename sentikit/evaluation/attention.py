"""Attention maps compared and described: distances, overlap, spread, and what makes maps of two models comparable.

All are pure functions of tensors of maps ``(..., pixels)`` that are not negative, of any scale: a map is first divided
by its sum, and one of zeros is even. Two tensors' leading sizes may differ where they can be broadcast.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Distance = Callable[[Tensor, Tensor], Tensor]

_LEAST = 1e-30
"""What a sum must exceed for a map to have a shape."""


def normalised(maps: Tensor) -> Tensor:
    """The maps divided by their sums, in float32 at least."""
    maps = maps if maps.dtype == torch.float64 else maps.float()
    total = maps.sum(dim=-1, keepdim=True)
    even = torch.full_like(maps, 1 / maps.shape[-1])
    return torch.where(total > _LEAST, maps / total.clamp(min=_LEAST), even)


def hellinger(one: Tensor, other: Tensor) -> Tensor:
    """Euclidean distance of the maps' square roots, over sqrt 2: 0 for the same map, 1 where they do not meet."""
    difference = normalised(one).sqrt() - normalised(other).sqrt()
    return (difference.square().sum(dim=-1) / 2).clamp(0, 1).sqrt()


def euclidean(one: Tensor, other: Tensor) -> Tensor:
    """Over sqrt 2, so that 1 is the distance of two different pixels. The paper's; it finds diffuse maps alike."""
    difference = normalised(one) - normalised(other)
    return (difference.square().sum(dim=-1) / 2).clamp(0, 1).sqrt()


def jensen_shannon(one: Tensor, other: Tensor) -> Tensor:
    """The square root of the Jensen-Shannon divergence in bits: 0 for the same map, 1 where they do not meet."""
    first, second = normalised(one), normalised(other)
    middle = (first + second) / 2
    divergence = (_relative_entropy(first, middle) + _relative_entropy(second, middle)) / 2
    return (divergence / math.log(2)).clamp(0, 1).sqrt()


def cosine(one: Tensor, other: Tensor) -> Tensor:
    """1 minus the cosine of the angle between the maps: 0 for the same map, 1 where they do not meet."""
    first, second = _unit(normalised(one)), _unit(normalised(other))
    return ((first - second).square().sum(dim=-1) / 2).clamp(0, 1)


DISTANCES: Mapping[str, Distance] = {
    "hellinger": hellinger,
    "euclidean": euclidean,
    "jensen-shannon": jensen_shannon,
    "cosine": cosine,
}
"""By the names that users type. All are in [0, 1]."""


def overlap(one: Tensor, other: Tensor) -> Tensor:
    """The share of their mass that two maps have in the same place: 1 for the same map, 0 where they do not meet."""
    return torch.minimum(normalised(one), normalised(other)).sum(dim=-1).clamp(0, 1)


def entropy(maps: Tensor) -> Tensor:
    """How spread a map is: its entropy over that of an even one. 0: all in one pixel, 1: even (or of one pixel)."""
    pixels = maps.shape[-1]
    if pixels == 1:
        return torch.ones_like(normalised(maps)[..., 0])
    weights = normalised(maps)
    return (-torch.xlogy(weights, weights).sum(dim=-1) / math.log(pixels)).clamp(0, 1)


def area(maps: Tensor, mass: float = 0.5) -> Tensor:
    """The least share of the pixels that holds the share `mass` of a map."""
    held = normalised(maps).sort(dim=-1, descending=True).values.cumsum(dim=-1)
    enough = 1 + (held < mass - 1e-5).sum(dim=-1)
    return enough.clamp(max=maps.shape[-1]) / maps.shape[-1]


def position_debiased(maps: Tensor, mean: Tensor, eps: float = 1e-3) -> Tensor:
    """Maps divided by the mean map ``(pixels)`` of their model, so that where it always looks says nothing.

    eps: added to the mean map, so that a pixel that is hardly ever looked at is not blown up.
    """
    return normalised(normalised(maps) / (normalised(mean) + eps))


def blurred(maps: Tensor, grid: tuple[int, int]) -> Tensor:
    """Maps of a grid of (height, width) pixels, each pixel mixed with its neighbours by 1-2-1 in both directions.

    What would leave the grid stays at its edge, so an even map is left as it is, and no mass is lost.
    """
    height, width = grid
    square = normalised(maps).reshape(*maps.shape[:-1], height, width)
    down, across = _mixing(height, square), _mixing(width, square)
    mixed: Tensor = down @ square @ across
    return mixed.flatten(-2)


def _relative_entropy(one: Tensor, other: Tensor) -> Tensor:
    """In nats; `other` is nowhere zero where `one` is not."""
    return (torch.xlogy(one, one) - torch.xlogy(one, other)).sum(dim=-1)


def _unit(maps: Tensor) -> Tensor:
    return maps / maps.square().sum(dim=-1, keepdim=True).sqrt()


def _mixing(size: int, like: Tensor) -> Tensor:
    """The symmetric matrix ``(size, size)`` that mixes each pixel of a line with its neighbours; its rows sum to 1."""
    neighbours = torch.ones(max(0, size - 1), dtype=like.dtype, device=like.device) / 4
    mixing = torch.diag(neighbours, 1) + torch.diag(neighbours, -1) if size > 1 else like.new_zeros(1, 1)
    return mixing + torch.diag(1 - mixing.sum(dim=1))
