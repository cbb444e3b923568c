"""Parquet files, as Hugging Face's datasets have them. Provenance is a column of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentikit import MissingExtraError, SentikitError
from sentikit.formats.columns import Columns, guess_columns, to_id
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
from sentikit.formats.json_units import mark_value, read_marks
from sentikit.io.files import atomic_write, check_is_file, readable_os_errors
from sentikit.io.messages import MISSING, Problem

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "sentikit"
_ROWS = 2000
_RUN, _BEFORE, _HUB = b"sentikit", b"sentikit.huggingface", b"huggingface"


class Parquet:
    """A table with a column of captions, each a text or a list of texts."""

    suffixes: Sequence[str] = (".parquet",)
    is_folder = False
    is_coco = False
    provenance: Provenance = "inside"

    def __init__(self, caption_column: str | None = None, image_column: str | None = None) -> None:
        self._columns = caption_column, image_column

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By its first bytes."""
        return "yes" if start.startswith(b"PAR1") else "no"

    def read(self, path: Path) -> ParquetSource:
        """Open a file. Raises MissingExtraError without pyarrow."""
        return ParquetSource(path, *self._columns)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A row for each caption. A column has the type of its values; of mixed ones, text."""
        pyarrow, parquet = _pyarrow()
        lost: Counter[str] = Counter()
        caption = self._columns[0] or "caption"
        names = [name for name in (*fields, caption) if name != caption] + [caption]
        own = ("image_id", "file_name", caption)
        records = iter(captions)
        first = list(islice(records, _ROWS))
        schema: Any = None
        writer: Any = None
        with atomic_write(path, force=target.force, inputs=target.inputs) as handle, ExitStack() as stack:
            while first:
                rows = [_row(record, caption) for record in first]
                lost.update(key for record in first for key in own if key in record.others)
                if schema is None:
                    schema = pyarrow.schema([(name, _type(pyarrow, [row.get(name) for row in rows])) for name in names])
                    writer = stack.enter_context(_closed(parquet.ParquetWriter(handle.buffer, schema)))
                arrays = [_array(pyarrow, schema.field(name), rows, lost) for name in names]
                writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
                first = list(islice(records, _ROWS))
        return lost


@contextmanager
def _closed(writer: Any) -> Iterator[Any]:
    """Closes a writer while its file is open, also where the block fails: it would try again when it is deleted."""
    try:
        yield writer
        writer.close()
    except BaseException:
        with suppress(Exception):
            writer.close()
        writer.is_open = False
        raise


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("Reading and writing Parquet", "parquet") from None
    return pyarrow, pyarrow.parquet


def _row(record: CaptionRecord, caption: str) -> dict[str, Any]:
    own = {"image_id": record.image_id, "file_name": record.file_name, caption: record.text}
    return {**record.others, **own}


def _type(pyarrow: Any, values: Sequence[Any]) -> Any:
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int}:
        return pyarrow.int64()
    if kinds and kinds <= {int, float}:
        return pyarrow.float64()
    return pyarrow.bool_() if kinds == {bool} else pyarrow.string()


def _array(pyarrow: Any, field: Any, rows: Sequence[Mapping[str, Any]], lost: Counter[str]) -> Any:
    """A column; what its type cannot hold becomes JSON text in a column of text, and is lost in others."""
    values = [row.get(field.name) for row in rows]
    if field.type == pyarrow.string():
        values = [value if value is None or type(value) is str else json.dumps(value) for value in values]
    try:
        return pyarrow.array(values, field.type)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
        good = [_fitting(pyarrow, value, field.type) for value in values]
        lost[field.name] += sum(value is not None and other is None for value, other in zip(values, good, strict=True))
        return pyarrow.array(good, field.type)


def _fitting(pyarrow: Any, value: Any, kind: Any) -> Any:
    try:
        pyarrow.array([value], kind)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
        return None
    return value


class ParquetSource:
    """An open file."""

    def __init__(self, path: Path, caption: str | None, image: str | None) -> None:
        self.path = path
        self.notes = FileNotes(path)
        self._pyarrow, self._parquet = _pyarrow()
        with readable_os_errors("read", path):
            check_is_file(path)
        schema = self._file().schema_arrow
        for name, number in Counter(schema.names).items():
            if number > 1:
                raise SentikitError(
                    f"Cannot read {path}: it has {number} columns {name!r}; rename all but one of them."
                )
        names = [name for name in schema.names if name != KEY]
        self._columns: Columns = guess_columns(path, names, caption, image)
        self._binary = [name for name in names if _holds_bytes(self._pyarrow, schema.field(name).type)]

    def _file(self) -> Any:
        with readable_os_errors("read", self.path):
            try:
                return self._parquet.ParquetFile(self.path)
            except self._pyarrow.ArrowInvalid as error:
                raise SentikitError(f"Cannot read {self.path}: it is no sound Parquet file ({error}).") from None

    def batches(self) -> Iterator[CaptionBatch]:
        """Some thousand rows at a time."""
        self.notes = FileNotes(self.path)
        for name in self._binary:
            if name != self._columns.name:
                self.notes.not_carried[name] += 1
        row = 0
        with readable_os_errors("read", self.path):
            try:
                for part in self._file().iter_batches(batch_size=_ROWS):
                    yield self._batch(part, row)
                    row += part.num_rows
            except self._pyarrow.ArrowInvalid as error:
                raise SentikitError(f"Cannot read {self.path}: after row {row:,}: {error}.") from None

    def _batch(self, part: pa.RecordBatch, row: int) -> CaptionBatch:
        caption, name, identity = self._columns
        captions = part.column(caption).to_pylist()
        names = [None] * len(captions) if name is None else _names(part.column(name))
        ids = [None] * len(captions) if identity is None else list(map(to_id, part.column(identity).to_pylist()))
        marks_of = part.column(KEY).to_pylist() if KEY in part.schema.names else [None] * len(captions)
        batch = CaptionBatch([], [], [], place=lambda index: f"row {row + owners[index][0] + 1:,}")
        owners: list[tuple[int, int, int | None]] = []
        of_ids, of_names, marks = [], [], {}
        for place, value in enumerate(captions):
            where = f"row {row + place + 1:,}"
            texts = [value] if type(value) is str else value if type(value) is list else []
            good = [(index, text) for index, text in enumerate(texts) if type(text) is str and text.strip()]
            if not good or (ids[place] is None and not names[place]):
                self.notes.complain(
                    self._no_image(where) if good else Problem(where, caption, value, "it has no caption")
                )
                continue
            found = self._marks(where, marks_of[place], len(good))
            for number, (index, text) in enumerate(good):
                if number in found:
                    marks[len(owners)] = found[number]
                batch.texts.append(text)
                owners.append((place, number, None if type(value) is str else index))
                of_ids.append(ids[place])
                of_names.append(names[place])
        keys = [key for key in part.schema.names if key not in (*self._columns, KEY, *self._binary)]
        columns = {key: part.column(key) for key in keys}

        def others(index: int) -> dict[str, Any]:
            place = owners[index][0]
            values = {key: column[place].as_py() for key, column in columns.items()}
            return {key: _plain(value) for key, value in values.items() if value is not None}

        batch.image_ids, batch.file_names, batch.marks = of_ids, of_names, marks
        batch.content, batch.others = (part, captions, marks_of, owners), others
        return batch

    def _no_image(self, where: str) -> Problem:
        _, name, identity = self._columns
        what = "it does not name its image: give the column that does with --image-column"
        return Problem(where, name or identity or "", MISSING, what)

    def _marks(self, where: str, text: str | None, captions: int) -> dict[int, Any]:
        if text is None:
            return {}
        try:
            if type(text) is not str:
                raise ValueError("it was not written by sentikit, or it is damaged; rename or remove it")
            return read_marks({KEY: json.loads(text)}, [()] * captions)
        except (ValueError, TypeError, RecursionError) as error:
            why = str(error) if type(error) is ValueError else "it is damaged; rename or remove it"
            self.notes.complain(Problem(where, KEY, text, why))
            return {}

    @contextmanager
    def copy_to(self, output: Path, target: Target) -> Iterator[CaptionCopy]:
        """A copy with the same columns and, if it is updated, one for the record of the edits."""
        if target.run is not None and KEY in self._file().schema_arrow.names:
            raise SentikitError(
                f"{self.path} was updated by sentikit already, or has a column {KEY!r} of its own: restore it first "
                f"(sentikit restore-captions {self.path}), or rename the column."
            )
        metadata = self._file().metadata
        compression = metadata.row_group(0).column(0).compression if metadata.num_row_groups else "SNAPPY"
        schema = _updated_schema(self._pyarrow, self._file().schema_arrow, target.run)
        compression = "NONE" if compression == "UNCOMPRESSED" else compression
        with (
            atomic_write(output, force=target.force, inputs=target.inputs) as handle,
            readable_os_errors("write", output),
            _closed(self._parquet.ParquetWriter(handle.buffer, schema, compression=compression)) as writer,
        ):
            yield _Copy(self._pyarrow, writer, schema, self._columns.caption)


def _updated_schema(pyarrow: Any, schema: Any, run: Mapping[str, Any] | None) -> Any:
    """The schema with the column of marks and the settings of the run, or without them."""
    metadata = dict(schema.metadata or {})
    place = schema.get_field_index(KEY)
    if run is None:
        if place >= 0:
            schema = schema.remove(place)
        metadata.pop(_RUN, None)
        if _BEFORE in metadata:
            metadata[_HUB] = metadata.pop(_BEFORE)
        return schema.with_metadata(metadata or None)
    if place < 0:
        schema = schema.append(pyarrow.field(KEY, pyarrow.string()))
    metadata[_RUN] = json.dumps(dict(run)).encode("utf-8")
    try:  # Hugging Face's datasets refuse a column that their own description of the table does not have
        described = json.loads(metadata[_HUB])
        described["info"]["features"][KEY] = {"dtype": "string", "_type": "Value"}
        metadata[_BEFORE], metadata[_HUB] = metadata[_HUB], json.dumps(described).encode("utf-8")
    except (KeyError, ValueError, TypeError):
        pass
    return schema.with_metadata(metadata)


class _Copy:
    def __init__(self, pyarrow: Any, writer: Any, schema: Any, caption: str) -> None:
        self._pyarrow, self._writer, self._schema, self._caption = pyarrow, writer, schema, caption

    def write(self, batch: CaptionBatch, changes: Mapping[int, Change]) -> None:
        part, captions, marks_of, owners = batch.content
        captions, marks_of = list(captions), list(marks_of)
        new_marks: dict[int, dict[int, Any]] = {}
        kept = dict(batch.marks)
        for index, change in changes.items():
            place, _, inner = owners[index]
            if inner is None:
                captions[place] = change.text
            else:
                captions[place] = [*captions[place][:inner], change.text, *captions[place][inner + 1 :]]
            new_marks.setdefault(place, {})
            if change.mark is not None:
                kept[index] = change.mark
            else:
                kept.pop(index, None)
        for index, mark in kept.items():
            place, number, _ = owners[index]
            if place in new_marks:
                new_marks[place][number] = mark
        last_number = {place: number for place, number, _ in owners}
        for place, marks in new_marks.items():
            several = last_number[place] > 0
            marks_of[place] = json.dumps(mark_value(marks, several)) if marks else None
        arrays = []
        for field in self._schema:
            if field.name == KEY:
                arrays.append(self._pyarrow.array(marks_of, field.type))
            elif field.name == self._caption and changes:
                arrays.append(self._pyarrow.array(captions, field.type))
            else:
                arrays.append(part.column(field.name))
        self._writer.write_batch(self._pyarrow.record_batch(arrays, schema=self._schema))


def _plain(value: Any) -> Any:
    """A value as other formats can have it: days, times, decimals and the like as text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if value is None or type(value) in (str, int, float, bool) else str(value)


def _holds_bytes(pyarrow: Any, kind: Any) -> bool:
    if pyarrow.types.is_struct(kind):
        return any(_holds_bytes(pyarrow, kind.field(index).type) for index in range(kind.num_fields))
    return bool(pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind))


def _names(column: Any) -> list[str | None]:
    """The file names of a column of text, or of images with their path."""
    if hasattr(column.type, "num_fields") and column.type.num_fields and column.type.get_field_index("path") >= 0:
        column = column.field("path")
    return [value if type(value) is str else None for value in column.to_pylist()]
