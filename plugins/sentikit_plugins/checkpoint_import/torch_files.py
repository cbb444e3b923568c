"""The two forms of file that torch.save writes: a zip archive, and before PyTorch 1.6 a row of pickles.

Only what is asked for is read, and nothing of it is larger than the file itself: an archive may not be compressed.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sentikit import SentikitError
from sentikit.io.files import check_is_file, readable_os_errors
from sentikit.io.messages import show

from .inert import Storage
from .pickles import Pickled, read_pickle

LARGEST_PICKLE = 64 * 2**20
LARGEST_FILE = 16 * 2**30
MOST_ENTRIES = 100_000
BYTES = {
    "bfloat16": 2, "bool": 1, "float16": 2, "float32": 4, "float64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "uint8": 1,
}  # fmt: skip
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257
_PICKLE_OF_ZIP = re.compile(r"(?P<root>(?:[^/]+/)?)data\.pkl")


class TorchFile(Protocol):
    """An open file of torch.save's."""

    content: Any
    """What was saved, as inert data."""

    def read(self, storage: Storage) -> bytes:
        """The storage's bytes, exactly as many as it states, little end first. Raises SentikitError."""
        ...


@contextmanager
def open_torch_file(path: Path) -> Iterator[TorchFile]:
    """The file, of whichever form. Raises SentikitError if it is neither, is damaged, or names what is not allowed."""
    with readable_os_errors("read", path):
        check_is_file(path)
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise SentikitError(f"{path} has {size / 2**30:,.0f} GiB, and a checkpoint may have 16 at most.")
        with path.open("rb") as file:
            head = file.read(512)
            file.seek(0)
            if head[:4] == b"PK\x03\x04":
                yield _ZipFile(path, file, size)
            elif head[:1] == b"\x80":
                yield _PickleRow(path, file, size)
            else:
                yield _refuse_other(path, head)


def _refuse_other(path: Path, head: bytes) -> TorchFile:
    if head[_TAR_MARK_AT : _TAR_MARK_AT + 5] == _TAR_MARK:
        raise SentikitError(
            f"{path} is a tar archive, as torch.save wrote them before 2017: save it again with a newer PyTorch."
        )
    raise SentikitError(f"{path} is not a file that torch.save wrote: name the tutorial's checkpoint (.pth.tar).")


class _ZipFile:
    """``<name>/data.pkl``, and each storage in ``<name>/data/<key>``."""

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
            raise self._damaged() from error
        self._entries = self._checked(size)
        pickles = [found for name in self._entries if (found := _PICKLE_OF_ZIP.fullmatch(name))]
        if len(pickles) != 1:
            raise SentikitError(f"{path} is a zip archive that torch.save did not write: it has no data.pkl.")
        self._root = pickles[0]["root"]
        if (order := self._entries.get(f"{self._root}byteorder")) and self._read(order, 16) != b"little":
            raise SentikitError(f"{path} was saved on a big-endian machine: save it again on another one.")
        data = BytesIO(self._read(self._entries[pickles[0][0]], LARGEST_PICKLE))
        self.content: Any = read_pickle(data, str(path)).content

    def _checked(self, size: int) -> dict[str, zipfile.ZipInfo]:
        """The entries by name: not compressed, and together no larger than the file, so that none hides another."""
        entries = self._zip.infolist()
        if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
            raise SentikitError(f"{self._path} is compressed or encrypted, as torch.save never does: unpack it first.")
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > size:
            raise SentikitError(f"{self._path} claims to hold more than its own {size:,} bytes: it is damaged.")
        found = {entry.filename: entry for entry in entries}
        if len(found) < len(entries):
            raise SentikitError(f"{self._path} holds two files of the same name: it is damaged.")
        return found

    def read(self, storage: Storage) -> bytes:
        """See `TorchFile`."""
        entry = self._entries.get(f"{self._root}data/{storage.key}")
        wanted = _length(storage)
        if entry is None or entry.file_size != wanted:
            held = "none" if entry is None else f"{entry.file_size:,}"
            raise SentikitError(f"{self._path}: the storage {storage.key} has {held} of its {wanted:,} bytes: damaged.")
        return self._read(entry, wanted)

    def _read(self, entry: zipfile.ZipInfo, most: int) -> bytes:
        if entry.file_size > most:
            raise SentikitError(f"{self._path}: {entry.filename} has {entry.file_size:,} bytes, of {most:,} allowed.")
        try:
            return self._zip.read(entry)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, struct.error) as error:
            raise self._damaged() from error

    def _damaged(self) -> SentikitError:
        return SentikitError(f"{self._path} is a damaged zip archive: get it again.")


class _PickleRow:
    """Magic number, version, system, content and the storages' keys, a pickle each; then each storage with its size."""

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self._path, self._file = path, file
        pickles = BytesIO(file.read(LARGEST_PICKLE))

        def following() -> Pickled:
            return read_pickle(pickles, str(path))

        if following().content != _MAGIC or following().content != _PROTOCOL:
            raise SentikitError(f"{path} is a pickle that torch.save did not write: name the tutorial's checkpoint.")
        system = following().content
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise SentikitError(f"{path} was saved on a big-endian machine: save it again on another one.")
        self.content, storages = following()
        keys = following().content
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise SentikitError(f"{path} is damaged: it does not list its storages. Get it again.")
        self._places = self._locate(keys, storages, pickles.tell(), size)

    def _locate(self, keys: list[str], storages: Mapping[str, Storage], place: int, size: int) -> dict[str, int]:
        """Where each storage's numbers begin. Before them stands how many they are."""
        places: dict[str, int] = {}
        for key in keys:
            if key not in storages or key in places:
                raise SentikitError(f"{self._path} is damaged: the storage {show(key)} belongs to nothing.")
            count, length = storages[key].count, _length(storages[key])
            self._file.seek(place)
            if self._file.read(8) != struct.pack("<Q", count) or place + 8 + length > size:
                raise SentikitError(
                    f"{self._path} is damaged: the storage {key} has not the {count:,} numbers it states."
                )
            places[key] = place + 8
            place += 8 + length
        return places

    def read(self, storage: Storage) -> bytes:
        """See `TorchFile`."""
        if storage.key not in self._places:
            raise SentikitError(f"{self._path} is damaged: it lacks the storage {storage.key}. Get it again.")
        self._file.seek(self._places[storage.key])
        return self._file.read(_length(storage))


def _length(storage: Storage) -> int:
    """Its bytes."""
    return storage.count * BYTES[storage.dtype]
