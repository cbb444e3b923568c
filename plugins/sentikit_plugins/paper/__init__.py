"""paper: the paper's tables as recipes for `sentikit reproduce`. `docs/experiments.md` says how they run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sentikit import Register, hookimpl

_SUMMARIES = {
    "table1": "the softmax classifier by loss, first weights, epochs and learning rate (paper 5.1)",
    "table2": "caption updates by three rules, as counts and per thousand captions (paper 5.2)",
    "table3": "the softmax classifier against the attentional decoder, by one measure at a time (paper 5.4)",
}
"""By the name of the recipe's file, in the order of the paper."""


def _recipe(name: str) -> Path:
    return Path(__file__).parent / f"{name}.toml"


def _factory(name: str) -> Callable[[], Path]:
    return partial(_recipe, name)


@hookimpl
def register_experiments(register: Register) -> None:
    """Offers the recipes."""
    for name, summary in _SUMMARIES.items():
        register(name, _factory(name), summary=summary)
