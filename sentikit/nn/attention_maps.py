"""Attention maps: brought to one form, compared, described and shown. Pure functions of NumPy arrays; no torch.

A map is not negative and of any scale. Arrays are ``(..., height, width)``; two with different leading sizes are
broadcast. Distances, overlap and spread first divide each map by its sum, so its scale makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import lcm, log
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Maps: TypeAlias = np.ndarray
"""``(..., height, width)``."""
Numbers: TypeAlias = npt.NDArray[np.float64]
"""``(...)``: one for each map."""
Distance = Callable[[Maps, Maps], Numbers]

_BOTH = (-2, -1)


# One form


def normalised(maps: npt.ArrayLike) -> Maps:
    """Each map divided by its sum; one of nothing but zeros becomes even."""
    maps = np.asarray(maps, dtype=np.float64)
    sums = _mass(maps)[..., None, None]
    return np.where(sums > 0, maps / np.where(sums > 0, sums, 1), 1 / _pixels(maps))


def blurred(maps: Maps) -> Maps:
    """Lightly, by 1-2-1 in both directions; at the edges a cell is its own neighbour, so no mass is lost."""
    for axis in _BOTH:
        padding = [(0, 0)] * maps.ndim
        padding[axis] = (1, 1)
        padded = np.pad(maps, padding, mode="edge")
        size = maps.shape[axis]
        before, here, after = (np.take(padded, np.arange(first, first + size), axis) for first in range(3))
        maps = (before + 2 * here + after) / 4
    return maps


def without_position_bias(maps: npt.ArrayLike) -> Maps:
    """The maps ``(maps, height, width)`` of a model on one photograph, blurred and divided by their mean.

    So where the model always looks makes no difference. The mass of an even map is added to the mean: what is hardly
    ever looked at is not blown up.
    """
    light = blurred(normalised(maps))
    return divided_by_mean(light, light.mean(axis=0), 1 / _pixels(light))


def divided_by_mean(maps: Maps, mean: Maps, floor: float) -> Maps:
    """`maps` divided by the `mean` map of their model, to each pixel of which `floor` is added."""
    return normalised(maps / (mean + floor))


def map_of_span(maps: Maps, spans: Sequence[tuple[int, int] | None], start: int, end: int) -> Maps | None:
    """The mean map of the words that stand at `start` to `end` of a caption; None if there is none.

    spans: where each word stands, as `sentikit.Caption.word_spans` gives it.
    """
    indices = [index for index, span in enumerate(spans[: len(maps)]) if span and span[0] < end and start < span[1]]
    return maps[indices].mean(axis=0) if indices else None


def on_one_grid(one: Maps, other: Maps) -> tuple[Maps, Maps]:
    """The same maps on the coarsest grid that both fit into; each keeps its sum."""
    height, width = (lcm(one.shape[axis], other.shape[axis]) for axis in _BOTH)
    return _stretched(one, height, width), _stretched(other, height, width)


def _stretched(maps: Maps, height: int, width: int) -> Maps:
    down, across = height // maps.shape[-2], width // maps.shape[-1]
    return np.asarray(maps.repeat(down, axis=-2).repeat(across, axis=-1) / (down * across))


# Two maps compared


def hellinger(one: Maps, other: Maps) -> Numbers:
    """Euclidean distance of the maps' square roots, over sqrt 2: 0 for the same map, 1 for maps that do not meet."""
    return _half_square(normalised(one) ** 0.5 - normalised(other) ** 0.5) ** 0.5


def euclidean(one: Maps, other: Maps) -> Numbers:
    """Over sqrt 2, so that 1 is the distance of two different pixels. The paper's; it finds diffuse maps alike."""
    return _half_square(normalised(one) - normalised(other)) ** 0.5


def jensen_shannon(one: Maps, other: Maps) -> Numbers:
    """The square root of the Jensen-Shannon divergence in bits: 0 for the same map, 1 for maps that do not meet."""
    first, second = normalised(one), normalised(other)
    middle = (first + second) / 2
    divergence = (_relative_entropy(first, middle) + _relative_entropy(second, middle)) / 2
    return np.clip(divergence / log(2), 0, 1) ** 0.5


def cosine(one: Maps, other: Maps) -> Numbers:
    """1 minus the cosine of the angle between the maps: 0 for the same map, 1 for maps that do not meet."""
    return _half_square(_unit(normalised(one)) - _unit(normalised(other)))


DISTANCES: Mapping[str, Distance] = {
    "hellinger": hellinger,
    "euclidean": euclidean,
    "jensen-shannon": jensen_shannon,
    "cosine": cosine,
}
"""By the names that users type. All are in [0, 1]."""


def overlap(one: Maps, other: Maps) -> Numbers:
    """The share of their mass that two maps have in the same place: 1 for the same map, 0 for maps that do not meet."""
    return np.clip(_mass(np.minimum(normalised(one), normalised(other))), 0, 1)


def _half_square(differences: Maps) -> Numbers:
    """Half of the squared Euclidean length, which is at most 1."""
    return np.clip(_mass(differences**2) / 2, 0, 1)


def _unit(maps: Maps) -> Maps:
    return maps / _mass(maps**2)[..., None, None] ** 0.5


def _relative_entropy(one: Maps, other: Maps) -> Numbers:
    """In nats; `other` is nowhere zero where `one` is not."""
    return _mass(_x_log_y(one, one) - _x_log_y(one, other))


def _x_log_y(x: Maps, y: Maps) -> Maps:
    """0 wherever x is 0."""
    return np.asarray(x * np.log(np.where(x > 0, y, 1)))


# One map described


def entropy(maps: Maps) -> Numbers:
    """How spread a map is: its entropy over that of an even one. 0: all in one pixel, 1: even (or of one pixel)."""
    weights = normalised(maps)
    if _pixels(weights) == 1:
        return np.ones(weights.shape[:-2])
    return np.clip(-_mass(_x_log_y(weights, weights)) / log(_pixels(weights)), 0, 1)


def area(maps: Maps, mass: float = 0.5) -> Numbers:
    """The least share of the pixels that holds the share `mass` of a map."""
    flat = normalised(maps).reshape(*maps.shape[:-2], -1)
    held = -np.sort(-flat, axis=-1)
    enough = 1 + (held.cumsum(axis=-1) < mass - 1e-5).sum(axis=-1)
    return np.asarray(np.minimum(enough, flat.shape[-1]) / flat.shape[-1])


def contrasted(maps: Maps) -> Maps:
    """Maps to be shown, from 0, the least weight of each, to 1, its greatest; one that is nearly even stays near 0."""
    least, mean = maps.min(axis=_BOTH, keepdims=True), maps.mean(axis=_BOTH, keepdims=True)
    spread = np.maximum(maps.max(axis=_BOTH, keepdims=True) - least, mean)
    return np.asarray((maps - least) / np.maximum(spread, 1e-12))


def _mass(maps: Maps) -> Numbers:
    return np.asarray(maps.sum(axis=_BOTH))


def _pixels(maps: Maps) -> int:
    return int(maps.shape[-2] * maps.shape[-1])
