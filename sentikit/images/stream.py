"""Streams photographs in batches, decoded ahead by worker threads.

Threads, because Pillow and numpy let go of Python's lock while they decode and resize: they scale as processes do, and
need no pickling of images.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from ..io.text import short_reason
from .decode import ImageProblem
from .failures import Failure
from .find import ImageRef
from .photos import load_photo
from .prefetch import prefetch

if TYPE_CHECKING:
    from ..plugin.batches import Photo

T = TypeVar("T")


@dataclass
class Batch(Generic[T]):
    """Consecutive images: `refs` and `prepared` go together; those in `failures` are in neither.

    A batch in which every image failed has no refs.
    """

    refs: list[ImageRef] = field(default_factory=list)
    prepared: list[T] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __len__(self) -> int:
        """How many images it took, good and failed: what a progress bar advances by."""
        return len(self.refs) + len(self.failures)


def default_workers() -> int:
    """A thread for each processor this process may use, at most eight."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, 8)


def stream_batches(
    refs: Iterable[ImageRef],
    batch_size: int,
    prepare: Callable[[Photo, ImageRef], T],
    workers: int | None = None,
    at_least: int | None = None,
) -> Iterator[Batch[T]]:
    """Decode each image once, `prepare` it, and yield the results in order, `batch_size` images at a time.

    While one batch is in use the next is decoded, and no more than that (but at least an image for each worker). An
    image that cannot be decoded or prepared is among its batch's failures; nothing is raised for it.

    prepare: called in worker threads with the photograph, decoded, and its reference.
    workers: threads; 0 decodes in the caller's; None is `default_workers`.
    at_least: as for `decode_image`.
    Closing the iterator, as Ctrl-C does, waits only for the images being decoded at that moment.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    workers = default_workers() if workers is None else workers

    def one(ref: ImageRef) -> tuple[ImageRef, T | Failure]:
        return ref, _prepare_one(ref, prepare, at_least)

    results = prefetch(one, refs, workers, max(batch_size, workers))
    try:
        while batch := _batch(islice(results, batch_size)):
            yield batch
            del batch  # or two batches would be held while the next is made
    finally:
        results.close()


def _batch(results: Iterable[tuple[ImageRef, T | Failure]]) -> Batch[T]:
    batch: Batch[T] = Batch()
    for ref, result in results:
        if isinstance(result, Failure):
            batch.failures.append(result)
        else:
            batch.refs.append(ref)
            batch.prepared.append(result)
    return batch


def _prepare_one(ref: ImageRef, prepare: Callable[[Photo, ImageRef], T], at_least: int | None) -> T | Failure:
    try:
        photo = load_photo(ref, at_least)
    except ImageProblem as problem:
        return Failure(ref.path, ref.image_id, problem.reason)
    try:
        return prepare(photo, ref)
    except Exception as error:
        why = " ".join(str(error).split())[:200]
        reason = f"it could not be prepared ({type(error).__name__}: {why})"
        return Failure(ref.path, ref.image_id, short_reason(reason))
