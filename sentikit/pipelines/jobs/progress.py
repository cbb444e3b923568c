"""How jobs report progress: a function that opens a bar and gives back what advances it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""(what is counted, how many there are) -> a context that gives the function to advance by a number of items."""


@contextmanager
def no_progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Reports nothing."""
    yield lambda count: None


def progress_to(callback: Callable[[int, int | None], None] | None) -> Progress:
    """A `Progress` that calls `callback(done, total)` as items are done; None reports nothing."""
    if callback is None:
        return no_progress

    @contextmanager
    def report(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            callback(done, total)

        yield advance

    return report
