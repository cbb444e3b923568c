"""Runs image models over many photographs, a batch at a time, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from ..errors import PluginError, SentikitError, UsageError
from ..images import ImageRef, stream_batches
from ..images.failures import Failure
from ..images.stream import Batch
from ..io.messages import show
from ..nn.devices import MOST_IN_BATCH, MOST_WORKERS, autocast, explain_out_of_memory
from ..plugin.batches import ImageBatch, ImageFailure
from ..plugin.interfaces import Captioner, Tagger
from ..plugin.kinds import reason
from .image_models import Prepared, distinct_encoders, encode_batch, prepare_for

T = TypeVar("T")


@dataclass(frozen=True)
class RunSettings:
    """How models run. Raises UsageError for a number that makes no sense.

    device: a torch device, as `pick_device` gives it.
    workers: threads that decode; None: one for each processor.
    """

    device: str = "cpu"
    batch_size: int = 16
    workers: int | None = None

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("batch-size", self.batch_size, 1, MOST_IN_BATCH),
            ("workers", self.workers, 0, MOST_WORKERS),
        ):
            if value is not None and (type(value) is not int or not least <= value <= most):
                raise UsageError(f"{name} must be a whole number from {least} to {most:,}, not {show(value)}.")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of a batch: a result for each of `refs`, in order, and the images that could not be read."""

    refs: list[ImageRef]
    results: list[T]
    failures: list[Failure]

    def __len__(self) -> int:
        """How many images it took, good and failed."""
        return len(self.refs) + len(self.failures)


def run_models(
    refs: Iterable[ImageRef],
    models: Sequence[Captioner | Tagger],
    work: Callable[[list[ImageBatch]], Sequence[T | ImageFailure]],
    settings: RunSettings,
) -> Generator[Outcome[T], None, None]:
    """Read each image once, encode it once for each distinct encoder, and do `work` with the batch of each model.

    An `ImageFailure` that `work` gives is among its batch's failures. Raises SentikitError if the memory is too small,
    and what `work` raises.
    """
    return run_ahead(refs, models, lambda batches: partial(work, batches), settings, 0)


def run_ahead(
    refs: Iterable[ImageRef],
    models: Sequence[Captioner | Tagger],
    begin: Callable[[list[ImageBatch]], Callable[[], Sequence[T | ImageFailure]]],
    settings: RunSettings,
    ahead: int,
) -> Generator[Outcome[T], None, None]:
    """As `run_models`, for work that waits for others: `begin` starts it, and the function it gives finishes it.

    ahead: batches that are started before the oldest is finished. Results come in the order of `refs`.
    """
    for encoder in distinct_encoders(models).values():
        encoder.to(settings.device)
    for model in models:
        model.to(settings.device)
    started: deque[tuple[Batch[Prepared], Callable[[], Sequence[T | ImageFailure]]]] = deque()
    for batch in stream_batches(refs, settings.batch_size, prepare_for(models), settings.workers):
        started.append((batch, _begin(batch, models, begin, settings)))
        del batch
        if len(started) > ahead:
            yield _finish(*started.popleft(), settings)
    while started:
        yield _finish(*started.popleft(), settings)


def _begin(
    batch: Batch[Prepared],
    models: Sequence[Captioner | Tagger],
    begin: Callable[[list[ImageBatch]], Callable[[], Sequence[T | ImageFailure]]],
    settings: RunSettings,
) -> Callable[[], Sequence[T | ImageFailure]]:
    if not batch.refs:
        return list
    with attribute_errors("The encoder", settings), autocast(settings.device):
        encoded = encode_batch(models, _on_device(batch.prepared, settings.device))
    with autocast(settings.device):
        return begin(encoded)


def _finish(
    batch: Batch[Prepared], finish: Callable[[], Sequence[T | ImageFailure]], settings: RunSettings
) -> Outcome[T]:
    with autocast(settings.device):
        found = finish()
    refs_done, results, failures = _sorted_out(batch.refs, found, batch.failures)
    return Outcome(refs_done, results, failures)


def _sorted_out(
    refs: Sequence[ImageRef], found: Sequence[T | ImageFailure], failures: Sequence[Failure]
) -> tuple[list[ImageRef], list[T], list[Failure]]:
    """The references and results of the images that were done, and all failures."""
    good = [(ref, result) for ref, result in zip(refs, found, strict=True) if not isinstance(result, ImageFailure)]
    failed = [
        Failure(ref.path, ref.image_id, result.reason)
        for ref, result in zip(refs, found, strict=True)
        if isinstance(result, ImageFailure)
    ]
    return [ref for ref, _ in good], [result for _, result in good], [*failures, *failed]


@contextmanager
def attribute_errors(what: str, settings: RunSettings) -> Iterator[None]:
    """Turn whatever a plugin raises in the block into a SentikitError: that `what`, "The tagger 'x'", failed."""
    try:
        with explain_out_of_memory(settings.batch_size):
            yield
    except SentikitError:
        raise
    except Exception as error:
        raise PluginError(f"{what} failed: {reason(error)}.") from error


def _on_device(prepared: Sequence[Prepared], device: str) -> Sequence[Prepared]:
    if device == "cpu":
        return prepared
    return [
        replace(item, inputs={identity: tensor.to(device) for identity, tensor in item.inputs.items()})
        for item in prepared
    ]
