"""The bars of `sentikit train`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from ..commands.progress import progress_bar
from ..training.display import Display


class TrainingBars(Display):
    """Bars on stderr; in a pipe or a log they vanish."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None

    def features(self, what: str, photographs: int) -> AbstractContextManager[Callable[[int], None]]:
        """See `Display`."""
        return progress_bar(f"features ({what})", photographs)

    def begin(self, steps: int, done: int) -> None:
        """See `Display`."""
        if not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("loss {task.fields[loss]:.3f}  rate {task.fields[rate]:.2g}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=steps, completed=done, epoch=0, loss=0.0, rate=0.0)
        self._bar.start()

    def step(self, done: int, epoch: int, loss: float, rate: float) -> None:
        """See `Display`."""
        if self._bar:
            self._bar.update(self._task, completed=done, epoch=epoch, loss=loss, rate=rate)

    def end(self) -> None:
        """See `Display`."""
        if self._bar:
            self._bar.stop()
