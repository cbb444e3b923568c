"""What a run says while it runs: a progress bar, a line an epoch, TensorBoard on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from ..errors import MissingExtraError, SentikitError
from ..io.files import atomic_write, read_text
from ..io.paths import as_text
from ..plugin.batches import Example
from .batches import batches_in_an_epoch
from .checkpoint import Progress
from .distributed import World
from .settings import Settings
from .task import say

METRICS = "metrics.jsonl"
"""The name of the file with a line an epoch, in the run's folder."""
_SHOWN_FAILURES = 5


class Reporter:
    """Speaks on stderr and writes the run's metrics."""

    def __init__(self, folder: Path, examples: int, settings: Settings, world: World, tensorboard: bool) -> None:
        """Raises MissingExtraError where TensorBoard is wanted and not installed."""
        self._metrics = folder / METRICS
        self._settings = settings
        self._world = world
        self._steps = batches_in_an_epoch(examples, settings.batch_size)
        self._failures: set[Path] = set()
        self._bar: Any = None
        self._task: Any = None
        self._board = _tensorboard(folder) if tensorboard and world.leads else None

    def failed(self, example: Example, reason: str) -> None:
        """A photograph could not be read: it is left out, and the first few are named. Called from many threads."""
        if example.image in self._failures:
            return
        self._failures.add(example.image)
        if len(self._failures) <= _SHOWN_FAILURES:
            click.echo(f"Left out: {reason}", err=True)
        elif len(self._failures) == _SHOWN_FAILURES + 1:
            click.echo("Left out: more photographs that cannot be read; they are counted at the end.", err=True)

    @contextmanager
    def caching(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar for the features of the training or the validation photographs."""
        from ..commands.progress import progress_bar

        if not self._world.leads:
            yield lambda count: None
            return
        with progress_bar(f"features ({name})", total) as advance:
            yield advance

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()
        if self._board:
            self._board.close()

    def begin(self, progress: Progress) -> None:
        """The run starts or goes on from `progress`: what was logged after it, before a crash, is forgotten."""
        if not self._world.leads:
            return
        if progress.updates:
            say(f"Going on with epoch {progress.epoch + 1}, step {progress.step + 1}.")
        _keep_epochs(self._metrics, progress.epoch)
        if sys.stderr.isatty():
            self._bar, self._task = _bar(self._settings.epochs * self._steps, self._done(progress))
            self._bar.start()

    def step(self, progress: Progress, loss: float, rate: float) -> None:
        """A step is done. loss: the epoch's mean so far; rate: the learning rate."""
        if self._bar:
            done = self._done(progress)
            self._bar.update(self._task, completed=done, epoch=progress.epoch + 1, loss=loss, rate=rate)
        if self._board:
            self._board.add_scalar("train/loss", loss, progress.updates)

    def epoch(self, row: dict[str, float], monitor: str) -> None:
        """An epoch is done: log `row` and print the most important of it."""
        try:
            with self._metrics.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
        except OSError as error:
            raise SentikitError(f"Cannot write {self._metrics}: {error.strerror or error}.") from error
        numbers = ", ".join(f"{name} {row[name]:.4g}" for name in ("lr", "loss", monitor))
        say(f"epoch {row['epoch']}/{self._settings.epochs} in {row['seconds']:.0f} s: {numbers}")
        if self._board:
            for name, value in row.items():
                self._board.add_scalar(f"epoch/{name}", value, row["epoch"])

    def finish(self, monitor: str, progress: Progress) -> None:
        """The last lines: how many photographs could not be read, and the best epoch."""
        if failures := self._world.union(self._failures):
            say(f"Photographs that could not be read: {len(failures):,}.")
        if progress.best is not None:
            say(f"Best: epoch {progress.best_epoch + 1}, {monitor} {progress.best:.4g}.")

    def _done(self, progress: Progress) -> int:
        return progress.epoch * self._steps + progress.step


def _bar(total: int, done: int) -> tuple[Any, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.3f}  rate {task.fields[rate]:.2g}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    return bar, bar.add_task("", total=total, completed=done, epoch=0, loss=0.0, rate=0.0)


def _keep_epochs(metrics: Path, epochs: int) -> None:
    """Only the lines of the first `epochs` epochs stay in the file, if there is one."""
    if not metrics.exists():
        return
    lines = []
    for line in read_text(metrics).splitlines():
        try:
            if json.loads(line)["epoch"] <= epochs:
                lines.append(line)
        except (ValueError, KeyError, TypeError):
            continue  # cut off by the crash
    with atomic_write(metrics, force=True) as file:
        file.writelines(f"{line}\n" for line in lines)


def _tensorboard(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise MissingExtraError("--tensorboard", "train") from None
    return SummaryWriter(as_text(folder / "tensorboard"))
