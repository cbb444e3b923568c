"""Attention maps of two models, made comparable, and how far apart they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import lcm

import numpy as np

Maps = np.ndarray
"""``(..., height, width)``; each map is not negative."""
Distance = Callable[[Maps, Maps], Maps]
"""Of maps that sum to 1 and broadcast: in [0, 1], 0 where they are the same."""


def normalised(maps: Maps) -> Maps:
    """Each map divided by its sum; one of nothing but zeros becomes even."""
    maps = np.asarray(maps, dtype=np.float64)
    sums = maps.sum(axis=(-2, -1), keepdims=True)
    even = 1 / (maps.shape[-2] * maps.shape[-1])
    return np.where(sums > 0, maps / np.where(sums > 0, sums, 1), even)


def blurred(maps: Maps) -> Maps:
    """Lightly, by 1-2-1 in both directions; at the edges a cell is its own neighbour, so no mass is lost."""
    for axis in (-2, -1):
        padding = [(0, 0)] * maps.ndim
        padding[axis] = (1, 1)
        padded = np.pad(maps, padding, mode="edge")
        size = maps.shape[axis]
        before, here, after = (np.take(padded, np.arange(first, first + size), axis) for first in range(3))
        maps = (before + 2 * here + after) / 4
    return maps


def without_position_bias(maps: Maps) -> Maps:
    """The maps ``(maps, height, width)`` of a model, divided by their mean, so that where it always looks says nothing.

    The mass of an even map is added to the mean: what is hardly ever looked at is not blown up.
    """
    maps = blurred(normalised(maps))
    return normalised(maps / (maps.mean(axis=0) + 1 / (maps.shape[-2] * maps.shape[-1])))


def on_one_grid(one: Maps, other: Maps) -> tuple[Maps, Maps]:
    """The same maps on the coarsest grid that both fit into; each still sums to 1."""
    height, width = (lcm(one.shape[axis], other.shape[axis]) for axis in (-2, -1))
    return _stretched(one, height, width), _stretched(other, height, width)


def _stretched(maps: Maps, height: int, width: int) -> Maps:
    down, across = height // maps.shape[-2], width // maps.shape[-1]
    return np.asarray(maps.repeat(down, axis=-2).repeat(across, axis=-1) / (down * across))


def _hellinger(one: Maps, other: Maps) -> Maps:
    return np.asarray(_length(np.sqrt(one) - np.sqrt(other)) / np.sqrt(2))


def _euclidean(one: Maps, other: Maps) -> Maps:
    return np.asarray(_length(one - other) / np.sqrt(2))


def _jensen_shannon(one: Maps, other: Maps) -> Maps:
    middle = (one + other) / 2
    bits = (_entropy(middle) - (_entropy(one) + _entropy(other)) / 2).clip(0, 1)
    return np.asarray(np.sqrt(bits))


def _cosine(one: Maps, other: Maps) -> Maps:
    unit, other_unit = (maps / _length(maps)[..., None, None] for maps in (one, other))
    return np.asarray(((unit - other_unit) ** 2).sum(axis=(-2, -1)) / 2)


def _length(maps: Maps) -> Maps:
    return np.asarray(np.sqrt((maps**2).sum(axis=(-2, -1))))


def _entropy(maps: Maps) -> Maps:
    """In bits."""
    logarithms = np.log2(maps, where=maps > 0, out=np.zeros_like(maps))
    return np.asarray(-(maps * logarithms).sum(axis=(-2, -1)))


DISTANCES: Mapping[str, Distance] = {
    "hellinger": _hellinger,
    "euclidean": _euclidean,
    "jensen-shannon": _jensen_shannon,
    "cosine": _cosine,
}
"""By the names that users type; 1 where two maps do not meet (euclidean: where they do not meet and are points)."""
