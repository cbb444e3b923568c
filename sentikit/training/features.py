"""The output of the encoder's frozen part, computed once and kept on disk, so that an epoch takes minutes on a CPU."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SentikitError
from ..io.files import atomic_write, readable_os_errors
from ..io.locks import locked
from ..plugin.batches import Example
from .batches import PhotoSource, Pick

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


class CachedSource:
    """Reads a frozen backbone's cached outputs ``(photographs, orientations, ...)``, fp16 in a memory map."""

    def __init__(self, array: np.ndarray, rows: Sequence[int | None]) -> None:
        """`rows`: that of each example, None where its photograph could not be read."""
        self._array = array
        self._rows = rows

    def load(self, picks: Sequence[Pick]) -> tuple[Tensor | None, list[Pick]]:
        """See `Source`."""
        import numpy as np
        import torch

        kept = [pick for pick in picks if self._rows[pick.number] is not None]
        if not kept:
            return None, []
        found = np.stack([self._array[self._rows[pick.number], int(pick.mirrored)] for pick in kept])
        return torch.from_numpy(found).float(), kept


def cache_features(
    examples: Sequence[Example],
    photos: PhotoSource,
    frozen: Callable[[Tensor], Tensor],
    identity: str,
    mirror: bool,
    folder: Path,
    batch_size: int,
    failed: Callable[[Example, str], None],
    progress: Callable[[int], None],
) -> CachedSource:
    """Fill the cache of these photographs, or go on where an earlier run stopped.

    identity: what the frozen backbone and its preprocessing are; another one gets another file.
    failed: called with each photograph that could not be read in an earlier run; `photos` names those of this one.
    Raises SentikitError where no photograph can be read, or the cache cannot be used or is being filled by another run.
    """
    first: dict[Path, int] = {}
    for number, example in enumerate(examples):
        first.setdefault(example.image, number)
    images = list(first)
    key = hashlib.sha256(json.dumps([identity, mirror, [_state(image) for image in images]]).encode()).hexdigest()[:16]
    with readable_os_errors("make", folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / f"{key}.npy"):
        cache = _Cache(folder, key)
        for index in cache.bad:
            failed(
                examples[first[images[index]]], f"{images[index]}: it could not be read when its features were cached."
            )
        progress(cache.done)
        for start in range(cache.done, len(images), batch_size):
            batch = images[start : start + batch_size]
            for mirrored in (False, True) if mirror else (False,):
                inputs, kept = photos.load([Pick(first[image], mirrored, 0) for image in batch])
                good = {pick.number for pick in kept}
                rows = [start + index for index, image in enumerate(batch) if first[image] in good]
                if inputs is not None:
                    cache.put(rows, int(mirrored), frozen(inputs).cpu().numpy(), (len(images), 1 + mirror))
                if not mirrored:
                    cache.bad += sorted({*range(start, start + len(batch))} - {*rows})
            cache.keep(start + len(batch))
            progress(len(batch))
    bad = set(cache.bad)
    rows_of = {image: None if index in bad else index for index, image in enumerate(images)}
    return CachedSource(cache.array(), [rows_of[example.image] for example in examples])


class _Cache:
    """An array on disk that is filled from its beginning, and a journal of how far it is."""

    def __init__(self, folder: Path, key: str) -> None:
        self._data, self._journal = folder / f"{key}.npy", folder / f"{key}.json"
        self._array: Any = None
        self.done = 0
        self.bad: list[int] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if self._journal.exists() and self._data.exists():
                import numpy as np

                journal = json.loads(self._journal.read_text("utf-8"))
                self.done, self.bad = journal["done"], journal["bad"]
                self._array = np.load(self._data, mmap_mode="r+")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise SentikitError(
                f"The cached features in {self._data} cannot be used ({' '.join(str(error).split())}): delete the "
                "file, or name another folder with --cache-dir."
            ) from error

    def put(self, rows: Sequence[int], orientation: int, features: np.ndarray, shape: tuple[int, int]) -> None:
        """Write the features of `rows`. `shape`: of photographs and orientations, for the first ones that come."""
        import numpy as np

        split = features.astype(np.float16)
        if not np.isfinite(split).all():
            raise SentikitError("The encoder's features are too large to be cached: leave out --cache-features.")
        try:
            if self._array is None:
                self._array = np.lib.format.open_memmap(self._data, "w+", np.float16, (*shape, *features.shape[1:]))
                _reserve(self._data)
            self._array[rows, orientation] = split
        except OSError as error:
            raise SentikitError(f"Cannot write {self._data}: {error.strerror or error}.") from error

    def keep(self, done: int) -> None:
        """The first `done` photographs are through."""
        self.done = done
        if self._array is not None:
            self._array.flush()
            with atomic_write(self._journal, force=True) as file:
                json.dump({"done": done, "bad": self.bad}, file)

    def array(self) -> np.ndarray:
        """What was written, to be read. Raises SentikitError where there is nothing."""
        import numpy as np

        if self._array is None:
            raise SentikitError("Not one of the photographs could be read: give their folder with --images.")
        found: np.ndarray = np.load(self._data, mmap_mode="r")
        return found


def _reserve(path: Path) -> None:
    """Take the whole file's room on the disk now: writing to a mapped file on a full disk kills the process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _state(image: Path) -> tuple[str, int, int]:
    """What changes when a photograph does."""
    try:
        status = image.stat()
    except OSError:
        return str(image), 0, 0
    return str(image), status.st_size, status.st_mtime_ns
