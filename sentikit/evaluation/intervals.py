"""Bootstrap intervals of scores that are functions of sums over images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from typing import TypeAlias

from .tables import Estimate

Interval: TypeAlias = tuple[float, float]
"""The bounds of a 95 % interval."""


def summed(rows: Sequence[Sequence[float]]) -> list[float]:
    """The sums of the columns, exactly rounded. Raises ValueError for rows of different lengths."""
    return [fsum(column) for column in zip(*rows, strict=True)]


def bootstrap(
    rows: Sequence[Sequence[float]], of_sums: Callable[[Sequence[float]], Mapping[str, float]], samples: int, seed: int
) -> dict[str, Interval]:
    """The 95 % interval of each score `of_sums` of ``(images, numbers)``, from drawing the images anew.

    The same seed draws the same images, whatever the rows hold. None for fewer than two images or no samples.
    """
    import numpy as np

    if samples < 1 or len(rows) < 2:
        return {}
    table = np.asarray(rows, dtype=np.float64)
    generator = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(samples):
        often = np.bincount(generator.integers(len(table), size=len(table)), minlength=len(table))
        for name, score in of_sums((often @ table).tolist()).items():
            drawn.setdefault(name, []).append(score)
    bounds = {name: np.quantile(scores, [0.025, 0.975]) for name, scores in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}


def mean_estimate(values: Sequence[float], samples: int, seed: int) -> Estimate:
    """The mean of one value per image, with its interval."""
    rows = [(value, 1.0) for value in values]

    def mean(sums: Sequence[float]) -> dict[str, float]:
        return {"mean": sums[0] / sums[1]}

    return Estimate(mean(summed(rows))["mean"], *bootstrap(rows, mean, samples, seed).get("mean", (None, None)))


def shown_estimate(value: float, interval: Sequence[float | None] | None) -> str:
    """``0.5890 [0.5712, 0.6070]``, or the value alone."""
    if not interval or interval[0] is None or interval[1] is None:
        return f"{value:.4f}"
    return f"{value:.4f} [{interval[0]:.4f}, {interval[1]:.4f}]"
