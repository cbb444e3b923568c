"""Progress bars on stderr. There are none in a pipe or a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from ..pipelines.jobs.progress import no_progress


@contextmanager
def progress_bar(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Yields a function that advances the bar by a number of items. It does nothing if stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda count: progress.advance(task, count)


def hidden_on_terminal(out: TextIO) -> Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]:
    """The bar, or none if the results themselves appear on a terminal."""
    return no_progress if out.isatty() else progress_bar
