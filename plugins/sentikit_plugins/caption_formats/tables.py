"""CSV and TSV with a header. A changed caption is changed in its row's own text; all other bytes stay."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sentikit import SentikitError, UsageError
from sentikit.formats.columns import CAPTIONS, IDS, NAMES, Columns, guess_columns, id_of_text
from sentikit.formats.interface import (
    CaptionBatch,
    CaptionCopy,
    CaptionRecord,
    Change,
    FileNotes,
    Provenance,
    Recognition,
    Target,
)
from sentikit.formats.units import Units, text_copy
from sentikit.io.files import atomic_write, check_is_file, readable_os_errors
from sentikit.io.messages import MISSING, Problem

from .cells import CellEditor

_ROWS = 8000
_DELIMITERS = (",", "\t", ";", "|")
_SCALAR = (str, int, float, bool)
_NUMBERS = frozenset(("id", "width", "height", "license", "sentid", "caption_id"))
"""Columns whose whole numbers other formats have as numbers."""


class Table:
    """Rows of text under a header."""

    is_folder = False
    is_coco = False
    provenance: Provenance = "beside"

    def __init__(
        self, suffixes: Sequence[str], delimiter: str | None, caption: str | None = None, image: str | None = None
    ) -> None:
        """`delimiter`: None: the one that the header has most of."""
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise UsageError(f"A delimiter is one character, such as ';', not {delimiter!r}.")
        self.suffixes = suffixes
        self._delimiter = delimiter
        self._columns = caption, image

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By the suffix, or by a header that names a caption and an image."""
        header = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace").strip()
        if not header or header[0] in "{[" or "\0" in header or "\r" in header or path.is_dir():
            return "no"
        if path.suffix.lower() in self.suffixes:
            return "yes"
        delimiter = self._delimiter or _delimiter_of(header)
        names = {name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])}
        known = not names.isdisjoint(CAPTIONS) and not names.isdisjoint((*NAMES, *IDS))
        return "yes" if known and (delimiter == "\t") == (".tsv" in self.suffixes) else "no"

    def read(self, path: Path) -> TableSource:
        """Open a file."""
        return TableSource(path, self._delimiter, *self._columns)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A row for each caption. Lists and objects do not fit into a cell and are lost."""
        lost: Counter[str] = Counter()
        caption, image = self._columns[0] or "caption", self._columns[1] or "file_name"
        own = {"image_id", "file_name", image, caption}
        others = [name for name in fields if name not in own]
        with atomic_write(path, force=target.force, inputs=target.inputs) as handle:
            writer = csv.writer(handle, delimiter=self._delimiter or ",", lineterminator="\n")
            keys = [key for key in ("image_id", "file_name") if key in fields]
            writer.writerow([*(image if key == "file_name" else key for key in keys), caption, *others])
            for record in captions:
                known = {"image_id": record.image_id, "file_name": record.file_name}
                lost.update(
                    key for key, value in record.others.items() if not isinstance(value, (*_SCALAR, type(None)))
                )
                lost.update(own.intersection(record.others))
                cells = [record.others.get(name) for name in others]
                plain = [cell if isinstance(cell, _SCALAR) else None for cell in cells]
                writer.writerow([*(known[key] for key in keys), record.text, *plain])
        return lost


def _delimiter_of(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


class TableSource:
    """An open file."""

    def __init__(self, path: Path, delimiter: str | None, caption: str | None, image: str | None) -> None:
        self.path = path
        self.notes = FileNotes(path)
        with readable_os_errors("read", path):
            check_is_file(path)
            try:
                with self._open() as lines:
                    header = lines.readline()
                    self._delimiter = delimiter or _delimiter_of(header)
                    rows = csv.reader(chain([header.removeprefix("\ufeff")], lines), delimiter=self._delimiter)
                    self._names = next(rows, [])
            except csv.Error as error:
                raise SentikitError(f"Cannot read {path}: line 1: {error}; is a quotation mark not closed?") from None
            except UnicodeDecodeError as error:
                raise self._no_utf8(1, error) from None
        if not header.strip():
            raise SentikitError(f"Cannot read {path}: it is empty." if not header else f"{path} has no header.")
        self._columns = guess_columns(path, self._names, caption, image)
        self._at = self._places(self._columns)

    def _places(self, columns: Columns) -> tuple[int, int | None, int | None]:
        places = [None if name is None else self._names.index(name) for name in columns]
        assert places[0] is not None
        return places[0], places[1], places[2]

    def _open(self) -> Any:
        return self.path.open(encoding="utf-8", newline="")

    def copy_to(self, output: Path, target: Target) -> AbstractContextManager[CaptionCopy]:
        """A copy with the same rows."""
        return text_copy(output, target)

    def batches(self) -> Iterator[CaptionBatch]:
        """Some thousand rows at a time."""
        self.notes = FileNotes(self.path)
        for column, number in Counter(self._names).items():
            if number > 1:
                self.notes.not_carried[column] += number - 1
        with readable_os_errors("read", self.path), self._open() as handle:
            kept: list[str] = []
            reader = csv.reader(_keeping(handle, kept), delimiter=self._delimiter)
            line = 1
            head = True
            units: list[str] = []
            try:
                while rows := list(islice(reader, _ROWS)):
                    batch, units = self._batch(rows, kept, line, head)
                    yield batch
                    line, head = line + len(kept), False
                    kept.clear()
            except csv.Error as error:
                raise SentikitError(
                    f"Cannot read {self.path}: line {line + len(kept) - 1:,}: {error}; is a quotation mark not closed?"
                ) from None
            except UnicodeDecodeError as error:
                raise self._no_utf8(line, error) from None
            if units and units[-1].count("\n") > 1 and units[-1].count('"') % 2:
                number = line - units[-1].count("\n")
                raise SentikitError(f"Cannot read {self.path}: a quotation mark in line {number:,} is not closed.")

    def _no_utf8(self, line: int, error: UnicodeDecodeError) -> SentikitError:
        byte = error.object[error.start]
        return SentikitError(
            f"Cannot read {self.path}: it is not UTF-8 (from line {line:,}, byte 0x{byte:02x}); save it as UTF-8."
        )

    def _batch(self, rows: list[list[str]], kept: list[str], line: int, head: bool) -> tuple[CaptionBatch, list[str]]:
        if len(kept) == len(rows):
            units, starts = kept.copy(), list(range(line, line + len(rows)))
        else:
            units, starts = _joined(kept, self._delimiter, line)
        caption, name, identity = self._at
        owners: Sequence[int] = range(len(rows))
        if head:
            owners = range(1, len(rows))
            rows = rows[1:]
        width = len(self._names)
        if set(map(len, rows)) != {width} or not all(map(str.strip, map(itemgetter(caption), rows))):
            rows, owners = self._usable(rows, owners, starts)
        texts = list(map(itemgetter(caption), rows))
        names = list(map(itemgetter(name), rows)) if name is not None else [None] * len(rows)
        ids = list(map(_Ids().__getitem__, map(itemgetter(identity), rows))) if identity is not None else None
        columns = {caption, name, identity}
        first = {key: at for at, key in reversed(list(enumerate(self._names)))}
        editor = CellEditor(self._delimiter, caption)

        def others(index: int) -> dict[str, Any]:
            row = rows[index]
            found = {key: row[at] for key, at in first.items() if at not in columns and row[at] != ""}
            return {key: id_of_text(cell) if key in _NUMBERS else cell for key, cell in found.items()}

        def raw(index: int) -> str | None:
            row = units[owners[index]]
            if '"' not in row:
                return None
            cell = editor.cell(row)
            return None if cell == editor.written(texts[index]) else cell

        batch = CaptionBatch(
            texts,
            ids if ids is not None else [None] * len(rows),
            names,
            place=lambda index: f"line {starts[owners[index]]:,}",
            content=_LazyUnits(units, owners, editor),
            others=others,
            raw=raw,
        )
        return batch, units

    def _usable(
        self, rows: list[list[str]], owners: Sequence[int], starts: Sequence[int]
    ) -> tuple[list[list[str]], list[int]]:
        caption, name, identity = self._at
        good, places = [], []
        for owner, row in zip(owners, rows, strict=True):
            if not row:
                continue
            problem = None
            if len(row) != len(self._names):
                what = f"it has {len(row)} cells and the header {len(self._names)}"
                problem = Problem(f"line {starts[owner]:,}", "", MISSING, what)
            elif not row[caption].strip():
                problem = Problem(f"line {starts[owner]:,}", self._columns.caption, row[caption], "it is blank")
            elif not any(row[at] for at in (name, identity) if at is not None):
                problem = Problem(f"line {starts[owner]:,}", "", MISSING, "it does not name its image")
            if problem is None:
                good.append(row)
                places.append(owner)
            else:
                self.notes.complain(problem)
        return good, places


class _Ids(dict[str, Any]):
    """The id that a cell stands for."""

    def __missing__(self, cell: str) -> Any:
        identity = self[cell] = id_of_text(cell)
        return identity


class _LazyUnits(Units):
    """Units of text, which become bytes when they are written."""

    def __init__(self, units: list[str], owners: Sequence[int], editor: CellEditor) -> None:
        super().__init__([], owners, (), editor)
        self._text = units
        self._cells = editor

    def render(self, changes: Mapping[int, Change], run: Mapping[str, Any] | None = None) -> bytes:
        """The part of the file with these captions changed."""
        units = self._text
        if changes:
            units = units.copy()
            for index, change in changes.items():
                owner = self.owners[index]
                units[owner] = self._cells.changed(units[owner], change)
        return "".join(units).encode("utf-8")


def _keeping(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _joined(lines: list[str], delimiter: str, first: int) -> tuple[list[str], list[int]]:
    """The lines of each row as one text, and the number of its first line."""
    reader = csv.reader(lines, delimiter=delimiter)
    units, starts, before = [], [], 0
    for _ in reader:
        units.append("".join(lines[before : reader.line_num]))
        starts.append(first + before)
        before = reader.line_num
    return units, starts
