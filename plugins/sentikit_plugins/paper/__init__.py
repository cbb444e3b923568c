"""paper: the paper's tables as experiments for `sentikit reproduce`, described in `docs/experiments.md`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sentikit import Register, hookimpl

_SUMMARIES = {
    "table1": "the softmax classifier by loss, initial weights, epochs and learning rate (paper 5.1)",
    "table2": "caption updates by three rules, as counts and per thousand captions (paper 5.2)",
    "table3": "the softmax classifier and the attentional decoder by the same metrics (paper 5.4)",
    "captioner": "captions with feeling: both designs and SentiCap's baselines (paper 4.1.3, 5.3, 5.5)",
    "attention": "the noun of a hidden adjective by attention; distances and spread of masks (paper 4.2.3, 5.5, 6)",
    "cross-training": "attention-matched cross-training and its controls (paper 4.2.3)",
    "senticap": "SentiCap's adjectives ranked from text alone",
    "ensemble": "two taggers, alone and averaged (paper 6)",
}
"""By file name, in the order of the paper."""


def _recipe(name: str) -> Path:
    return Path(__file__).parent / f"{name}.toml"


def _factory(name: str) -> Callable[[], Path]:
    return partial(_recipe, name)


@hookimpl
def register_experiments(register: Register) -> None:
    """Register the experiments."""
    for name, summary in _SUMMARIES.items():
        register(name, _factory(name), summary=summary)
