"""Going through photographs: what is left to do, counting, and writing each batch as it is done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple, Protocol, TypeVar

from ...formats.coco import ImageId
from ...images import ImageRef
from ...images.failures import Failures
from ..run_models import Outcome
from .progress import Progress

T = TypeVar("T")


class ResumableFile(Protocol):
    """Holds a line for each photograph that is done, and can go on where an earlier run stopped."""

    @property
    def done(self) -> Mapping[ImageId, int]:
        """The photographs that it held when it was opened, in its order."""
        ...

    def take_back(self, images: Sequence[ImageId]) -> Mapping[ImageId, str]:
        """Take its last lines, those of `images`, off, and give them."""
        ...

    def put_back(self, line: str) -> None:
        """Write a line that was taken off again."""
        ...

    def flush(self) -> None:
        """Called after every batch."""
        ...


class Work(NamedTuple):
    """What is left to do of a run.

    cut: the photographs whose lines end the file, and whose batch the earlier run did not finish: it is made again.
    batches: the photographs to go through, in whole batches; that of `cut` is the first.
    retried: photographs that failed in the earlier run.
    """

    cut: list[ImageId]
    batches: list[ImageRef]
    retried: list[ImageRef]

    @classmethod
    def left(cls, refs: Sequence[ImageRef], done: Mapping[ImageId, int], batch_size: int) -> Work:
        """Batches begin at the same photographs as in a run that is not interrupted.

        The sixth digit of a probability can depend on what else is in the batch, so only then are the files the same.
        """
        order = list(done)
        cut: list[ImageId] = []
        batches: list[ImageRef] = []
        retried: list[ImageRef] = []
        all_batches = list(_batches(refs, batch_size))
        begun = [index for index, batch in enumerate(all_batches) if any(ref.image_id in done for ref in batch)]
        last = begun[-1] if begun else -1
        for index, batch in enumerate(all_batches):
            missing = [ref for ref in batch if ref.image_id not in done]
            held = [ref.image_id for ref in batch if ref.image_id in done]
            if index > last:
                batches += missing
            elif index == last and missing and held == order[-len(held) :]:
                cut, batches = held, list(batch)
            else:
                retried += missing
        return cls(cut, batches, retried)


def _batches(refs: Sequence[ImageRef], size: int) -> Generator[Sequence[ImageRef], None, None]:
    for start in range(0, len(refs), size):
        yield refs[start : start + size]


def continue_through(
    refs: Sequence[ImageRef],
    file: ResumableFile,
    run: Callable[[Sequence[ImageRef]], Generator[Outcome[T], None, None]],
    write: Callable[[ImageRef, T], None],
    counts: Failures,
    batch_size: int,
    progress: Progress,
) -> None:
    """`run` those of `refs` that `file` does not hold, and `write` and count every result.

    Photographs that it holds are counted as skipped, also where their batch is made again: if one of them has become
    unreadable, its line stays as it was.
    """
    work = Work.left(refs, file.done, batch_size)
    counts.skipped += sum(ref.image_id in file.done for ref in refs)
    todo = len(work.batches) + len(work.retried)
    if not todo:
        return
    cut = set(work.cut)
    with progress("images", todo) as advance:
        for refs_of_run in filter(None, (work.batches, work.retried)):
            with closing(run(refs_of_run)) as outcomes:
                for outcome in outcomes:
                    if work.cut:
                        _write_again(outcome, refs_of_run, file, work.cut, write)
                        work = work._replace(cut=[])
                    else:
                        for ref, result in zip(outcome.refs, outcome.results, strict=True):
                            write(ref, result)
                    file.flush()
                    counts.done += sum(ref.image_id not in cut for ref in outcome.refs)
                    counts.add(failure for failure in outcome.failures if failure.image_id not in cut)
                    advance(len(outcome))


def _write_again(
    outcome: Outcome[T],
    refs: Sequence[ImageRef],
    file: ResumableFile,
    cut: Sequence[ImageId],
    write: Callable[[ImageRef, T], None],
) -> None:
    """Write the batch that was cut; a photograph that cannot be read any more keeps its line."""
    results = {ref.image_id: result for ref, result in zip(outcome.refs, outcome.results, strict=True)}
    lines = file.take_back(cut)
    for ref in refs[: len(outcome)]:
        if ref.image_id in results:
            write(ref, results[ref.image_id])
        elif ref.image_id in lines:
            file.put_back(lines[ref.image_id])


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
