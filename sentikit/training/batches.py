"""Batches of photographs in an order that depends only on the seed and the epoch, so that resuming repeats nothing."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from ..images import ImageProblem, load_image
from ..plugin.batches import Example

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

T = TypeVar("T")


class Pick(NamedTuple):
    """An example as this epoch sees it."""

    number: int
    """Of the example."""
    mirrored: bool
    seed: int

    @property
    def rng(self) -> random.Random:
        """Random numbers that depend on the run's seed, the epoch and the example alone."""
        return random.Random(self.seed)


class Source(Protocol):
    """Where the encoder's input comes from: photographs, or the cached output of its frozen part."""

    def load(self, picks: Sequence[Pick]) -> tuple[Tensor | None, list[Pick]]:
        """The inputs stacked, and the picks they belong to; an example that cannot be read is left out."""
        ...


class PhotoSource:
    """Decodes, augments and preprocesses photographs in threads: Pillow lets go of the interpreter's lock."""

    def __init__(
        self,
        examples: Sequence[Example],
        preprocess: Callable[[Image], Tensor],
        crop: bool,
        workers: int,
        failed: Callable[[Example, str], None],
    ) -> None:
        self._examples = examples
        self._preprocess = preprocess
        self._crop = crop
        self._failed = failed
        self._pool = ThreadPoolExecutor(max(1, workers))

    def load(self, picks: Sequence[Pick]) -> tuple[Tensor | None, list[Pick]]:
        """See `Source`."""
        import torch

        tensors = list(self._pool.map(self._one, picks))
        kept = [pick for pick, tensor in zip(picks, tensors, strict=True) if tensor is not None]
        found = [tensor for tensor in tensors if tensor is not None]
        return (torch.stack(found) if found else None), kept

    def _one(self, pick: Pick) -> Tensor | None:
        example = self._examples[pick.number]
        try:
            image = load_image(example.image)
        except ImageProblem as problem:
            self._failed(example, str(problem))
            return None
        if self._crop:
            image = _random_crop(image, pick.rng)
        if pick.mirrored:
            from PIL import ImageOps

            image = ImageOps.mirror(image)
        return self._preprocess(image)


def _random_crop(image: Image, rng: random.Random) -> Image:
    """80-100 % of the area, at the photograph's own proportions."""
    scale = rng.uniform(0.8, 1.0) ** 0.5
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def epoch_batches(
    count: int, batch_size: int, seed: int, epoch: int, mirror: bool, rank: int = 0, size: int = 1, start: int = 0
) -> Iterator[list[Pick]]:
    """This process's part of every batch of an epoch, from batch `start` on.

    A batch of the whole run is the same examples in the same order whatever the number of processes.
    """
    rng = random.Random(f"{seed}/{epoch}")
    order = list(range(count))
    rng.shuffle(order)
    seeds = [rng.getrandbits(48) for _ in order]
    picks = [Pick(index, mirror and bool(number & 1), number) for index, number in zip(order, seeds, strict=True)]
    for first in range(start * batch_size, count, batch_size):
        batch = picks[first : first + batch_size]
        yield batch[rank * len(batch) // size : (rank + 1) * len(batch) // size]


def batches_in_an_epoch(count: int, batch_size: int) -> int:
    """The number of batches, the last of which may be smaller."""
    return -(-count // batch_size)


def prefetch(items: Iterable[T], depth: int = 2) -> Generator[T, None, None]:
    """`items`, made by a thread that keeps `depth` of them ready. An error in it is raised here.

    To be closed where it is not read to its end, which waits for the item that is being made.
    """
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(depth)
    stop = threading.Event()

    def put(entry: tuple[T | None, BaseException | None]) -> None:
        while not stop.is_set():
            try:
                ready.put(entry, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put((item, None))
                if stop.is_set():
                    return
            put((None, StopIteration()))
        except BaseException as error:
            put((None, error))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        worker.join()
