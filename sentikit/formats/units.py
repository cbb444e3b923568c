"""Text files as units: lines, rows, entries. A unit is copied byte for byte unless one of its captions changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..io.files import atomic_write, readable_os_errors
from .interface import CaptionBatch, CaptionCopy, Change, Target

_BYTES = 1 << 20
"""How much of a file is a batch: some thousand lines."""


class UnitEditor(Protocol):
    """Changes captions in the text of one unit."""

    def edit(self, unit: bytes, changes: Sequence[tuple[Any, Change]], run: Mapping[str, Any] | None) -> bytes:
        """The unit with new captions. Each change comes with what locates its caption in the unit.

        run: the settings of the run, to be kept in this unit if the format keeps them inside.
        """
        ...


@dataclass(eq=False)
class Units:
    """The part of a text file that a batch stands for.

    parts: every byte of it, one part after another; those that hold captions are units.
    owners: for each caption, the index of its unit. locators: for each caption, where it is in the unit.
    """

    parts: list[bytes]
    owners: Sequence[int]
    locators: Sequence[Any]
    editor: UnitEditor

    def unit(self, index: int) -> tuple[bytes, Any]:
        """The unit of a caption, and where the caption is in it."""
        return self.parts[self.owners[index]], self.locators[index]

    def render(self, changes: Mapping[int, Change], run: Mapping[str, Any] | None = None) -> bytes:
        """The part with these captions changed."""
        if not changes:
            return b"".join(self.parts)
        parts = self.parts.copy()
        by_unit: dict[int, list[tuple[Any, Change]]] = {}
        for index, change in changes.items():
            by_unit.setdefault(self.owners[index], []).append((self.locators[index], change))
        for owner, own in by_unit.items():
            parts[owner] = self.editor.edit(parts[owner], own, run)
            run = None
        return b"".join(parts)


def line_batches(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of a file, about a mebibyte at a time, each batch with the number of its first line, from 1.

    Raises SentikitError if the file cannot be read.
    """
    first = 1
    with readable_os_errors("read", path), path.open("rb") as handle:
        while lines := handle.readlines(_BYTES):
            yield first, lines
            first += len(lines)


@contextmanager
def text_copy(output: Path, target: Target) -> Iterator[CaptionCopy]:
    """A copy of a text file whose batches have `Units` for content."""
    with atomic_write(output, force=target.force, inputs=target.inputs) as handle:
        yield _TextCopy(handle.write_bytes, target.run)


class _TextCopy:
    def __init__(self, write: Any, run: Mapping[str, Any] | None) -> None:
        self._write = write
        self._run = run

    def write(self, batch: CaptionBatch, changes: Mapping[int, Change]) -> None:
        self._write(batch.content.render(changes, self._run))
        if changes:
            self._run = None
