"""Attention maps of two models, made comparable, and how far apart they are."""

from __future__ import annotations

from math import lcm

import numpy as np

Maps = np.ndarray
"""``(..., height, width)``; each map is not negative."""


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


def distance_between(name: str, one: Maps, other: Maps) -> Maps:
    """Of maps ``(..., height, width)`` on the same grid: ``(...)``, in [0, 1]; `name` as users type it."""
    import torch

    from sentikit.evaluation.attention import DISTANCES

    flat = [torch.from_numpy(maps.reshape(*maps.shape[:-2], -1)) for maps in (one, other)]
    return np.asarray(DISTANCES[name](*flat).numpy())
