"""How a training run shows how far it is, while it runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext


class Display:
    """Is told how far a run is, in the leading process alone. This one shows nothing; the command's has bars."""

    def features(self, what: str, photographs: int) -> AbstractContextManager[Callable[[int], None]]:
        """Features are cached. The function that the context gives is told how many more photographs are done.

        what: "training" or "validation".
        """
        return nullcontext(_nothing)

    def begin(self, steps: int, done: int) -> None:
        """The run begins, or goes on after `done` of its `steps`."""

    def step(self, done: int, epoch: int, loss: float, rate: float) -> None:
        """The `done`-th step of the run is done. epoch: from 1; loss: its mean so far; rate: the learning rate."""

    def end(self) -> None:
        """The run is over, or fails."""


def _nothing(count: int) -> None:
    pass
