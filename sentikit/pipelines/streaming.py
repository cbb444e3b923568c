"""Runs a pipeline for the Python API: one result for each photograph, in order, failures in their place."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TypeVar

from ..errors import UsageError
from ..images import ImageProblem, ImageRef
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
    run: Callable[[Iterable[ImageRef]], Generator[Outcome[T], None, None]],
    done: Callable[[ImageRef, T], R],
    failed: Callable[[ImageRef, Failure], R],
    progress: ProgressCallback | None,
) -> R | Iterator[R]:
    """The result of one photograph, or a lazy iterator over those of several, in order."""
    if progress is not None and not callable(progress):
        raise UsageError(f"progress is a function of two numbers, not {type(progress).__name__}.")
    refs, alone = photo_refs(photos)
    results = _ordered(refs, run, done, failed, progress)
    if not alone:
        return results
    result = next(results)
    if result.error is not None:
        raise ImageProblem(result.ref.path, result.error)
    return result


def _ordered(
    refs: Iterable[ImageRef],
    run: Callable[[Iterable[ImageRef]], Generator[Outcome[T], None, None]],
    done: Callable[[ImageRef, T], R],
    failed: Callable[[ImageRef, Failure], R],
    progress: ProgressCallback | None,
) -> Iterator[R]:
    """The photographs are numbered on their way through, as failures come apart from the others."""
    waiting: dict[int, ImageRef] = {}
    total = len(refs) if isinstance(refs, Sequence) else None

    def numbered() -> Iterator[ImageRef]:
        for number, ref in enumerate(refs):
            # A result keeps the photographs of a list for its thumbnail; those of a generator would fill the memory.
            waiting[number] = ref._replace(source=None) if total is None else ref
            yield ref._replace(image_id=number)

    finished = 0
    with closing(run(numbered())) as outcomes:
        for outcome in outcomes:
            finished += len(outcome)
            if progress is not None:
                progress(finished, total)
            results: dict[int, R] = {}
            for ref, result in zip(outcome.refs, outcome.results, strict=True):
                results[int(ref.image_id)] = done(waiting.pop(int(ref.image_id)), result)
            for failure in outcome.failures:
                results[int(failure.image_id)] = failed(waiting.pop(int(failure.image_id)), failure)
            for number in sorted(results):
                yield results[number]
