"""Going through photographs: what is left to do, counting, and writing each batch as it is done."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Iterable
from contextlib import closing
from typing import TypeVar

from ...images import ImageRef
from ...images.failures import Failures
from ..run_models import Outcome
from .progress import Progress

T = TypeVar("T")


def run_through(
    outcomes: Generator[Outcome[T], None, None],
    write: Callable[[Outcome[T]], None],
    counts: Failures,
    total: int,
    progress: Progress,
) -> None:
    """`write` every outcome and count it, reporting progress of `total` images."""
    with progress("images", total) as advance, closing(outcomes):
        for outcome in outcomes:
            write(outcome)
            counts.done += len(outcome.refs)
            counts.add(outcome.failures)
            advance(len(outcome))


def left_to_do(refs: Iterable[ImageRef], done: Container[int | str], counts: Failures) -> list[ImageRef]:
    """Those of `refs` that are not done; the others are counted as skipped."""
    refs = list(refs)
    todo = [ref for ref in refs if ref.image_id not in done]
    counts.skipped += len(refs) - len(todo)
    return todo
