"""Means with bootstrap intervals, and how a table shows them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sentikit.evaluation.tables import Estimate


def mean_of(values: npt.NDArray[np.float64], drawn: npt.NDArray[np.int64]) -> Estimate:
    """The mean of `values`, with the interval of their means over each row of indices in `drawn`, if it has rows."""
    if not len(drawn):
        return Estimate(float(values.mean()))
    low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    return Estimate(float(values.mean()), float(low), float(high))


def cell(figure: Estimate | None) -> str:
    """``0.417 (0.301-0.512)``; a dash for what is not known."""
    if figure is None:
        return "-"
    return f"{figure.value:.3f}" + ("" if figure.low is None else f" ({figure.low:.3f}-{figure.high:.3f})")
