"""Runs a pipeline for the Python API: one result for each photograph, in order, failures in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ..errors import SentikitError
from ..images import ImageRef
from ..images.failures import Failure
from ..images.sources import Photograph, photo_refs
from .results import CaptionResult, TagResult
from .run_models import Outcome

T = TypeVar("T")
R = TypeVar("R", CaptionResult, TagResult)
ProgressCallback = Callable[[int, "int | None"], None]
"""Called with how many are done, and how many there are, if that is known."""


def results_of(
    photos: Photograph | Iterable[Photograph],
    run: Callable[[Iterable[ImageRef]], Iterator[Outcome[T]]],
    done: Callable[[ImageRef, T], R],
    failed: Callable[[ImageRef, Failure], R],
    progress: ProgressCallback | None,
) -> R | Iterator[R]:
    """The result of one photograph, or a lazy iterator over those of several, in order."""
    refs, alone = photo_refs(photos)
    results = _ordered(refs, run, done, failed, progress)
    if not alone:
        return results
    result = next(results)
    if result.error is not None:
        raise SentikitError(f"{result.name}: {result.error}.")
    return result


def _ordered(
    refs: Iterable[ImageRef],
    run: Callable[[Iterable[ImageRef]], Iterator[Outcome[T]]],
    done: Callable[[ImageRef, T], R],
    failed: Callable[[ImageRef, Failure], R],
    progress: ProgressCallback | None,
) -> Iterator[R]:
    """The photographs are numbered on their way through, as failures come apart from the others."""
    waiting: dict[int, ImageRef] = {}

    def numbered() -> Iterator[ImageRef]:
        for number, ref in enumerate(refs):
            waiting[number] = ref
            yield ref._replace(image_id=number)

    total = len(refs) if isinstance(refs, Sequence) else None
    finished = 0
    for outcome in run(numbered()):
        results: dict[int, R] = {}
        for ref, result in zip(outcome.refs, outcome.results, strict=True):
            results[int(ref.image_id)] = done(waiting.pop(int(ref.image_id)), result)
        for failure in outcome.failures:
            results[int(failure.image_id)] = failed(waiting.pop(int(failure.image_id)), failure)
        finished += len(results)
        if progress is not None:
            progress(finished, total)
        for number in sorted(results):
            yield results[number]
