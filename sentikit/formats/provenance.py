"""The record of the edits beside a file whose format has no place for it: `captions.csv.sentikit.jsonl`.

A header line has the settings of the run. A line for each changed caption has its number in the file, its place for
people, the original, the edits and, if the format would write the original in another way, its raw text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ..errors import SentikitError
from ..io.files import Output, atomic_write, read_text
from ..io.messages import show
from ..io.paths import shown
from .coco.mark import KEY, Mark, edit_entry, read_mark
from .interface import CaptionBatch, Change

NAME = ".sentikit.jsonl"


def provenance_path(path: Path) -> Path:
    """Where the record of a file's or a folder's edits stands."""
    return path / NAME if path.is_dir() else path.with_name(path.name + NAME)


class Record(NamedTuple):
    """An updated caption. number: how many captions of the file come before it."""

    number: int
    place: str
    mark: Mark
    raw: str | None


class ProvenanceWriter:
    """Writes the record of one file."""

    def __init__(self, handle: Output) -> None:
        self._handle = handle

    def write(self, batch: CaptionBatch, before: int, changes: Mapping[int, Change]) -> None:
        """Record the changes of a batch; `before`: how many captions come before it."""
        lines = []
        for index, change in changes.items():
            if change.mark is None:
                continue
            raw = batch.raw(index)
            lines.append(
                {
                    "number": before + index,
                    "place": batch.place(index),
                    "original": change.mark.original,
                    **({} if raw is None else {"raw": raw}),
                    "edits": [edit_entry(edit) for edit in change.mark.edits],
                }
            )
        if lines:
            self._handle.write_bytes(b"".join([_line(line) for line in lines]))


def _line(value: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(value) + b"\n"
    except TypeError:  # lone surrogates
        return json.dumps(value).encode("ascii") + b"\n"


@contextmanager
def provenance_beside(
    path: Path, settings: Mapping[str, Any], *, force: bool, inputs: Iterable[Path] = ()
) -> Iterator[ProvenanceWriter]:
    """A new record at `path`, whole or not there."""
    if path.is_symlink():
        raise SentikitError(f"Cannot write {shown(path)}: it is a link to another place; remove it.")
    with atomic_write(path, force=force, inputs=inputs) as handle:
        handle.write_bytes(_line({KEY: settings}))
        yield ProvenanceWriter(handle)


def read_provenance(path: Path) -> Iterator[Record]:
    """The records of a file, in its order. Raises SentikitError, with the line, for a damaged one."""
    before = -1
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                value = json.loads(line)
                if number == 1 and KEY in value:
                    continue
                record = Record(value["number"], value["place"], read_mark(value), value.get("raw"))
                if not _is_sound(record) or record.number <= before:
                    raise ValueError("a number, a place or a raw text that no update writes")
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                text = show(line.decode("utf-8", "replace").strip())
                raise SentikitError(f"{path}, line {number:,}: {text} is no record of an update.") from None
            before = record.number
            yield record


def _is_sound(record: Record) -> bool:
    return type(record.number) is int and type(record.place) is str and type(record.raw) in (str, type(None))


def read_settings(path: Path) -> dict[str, Any]:
    """The settings of the run that a record names first; empty if it names none."""
    try:
        value = json.loads(read_text(path).partition("\n")[0])
    except ValueError:
        return {}
    settings = value.get(KEY) if isinstance(value, dict) else None
    return settings if isinstance(settings, dict) else {}
