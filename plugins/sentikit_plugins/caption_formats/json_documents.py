"""JSON documents with a list of entries: COCO results, Karpathy's splits, VizWiz, TextCaps, LLaVA conversations.

Each entry is a unit, so a copy is the original byte for byte wherever no caption changes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from sentikit import SentikitError
from sentikit.formats.columns import no_id, to_id
from sentikit.formats.interface import (
    CaptionBatch,
    CaptionCopy,
    CaptionRecord,
    FileNotes,
    Provenance,
    Recognition,
    Target,
)
from sentikit.formats.json_units import JsonEditor, JsonPath, read_marks, repeats, value_span
from sentikit.formats.units import Units, text_copy
from sentikit.io.files import read_text
from sentikit.io.messages import MISSING, Problem, show

KEY = "sentikit"
_BATCH = 1000
_SPACE = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


class Entry(NamedTuple):
    """What an entry says. paths: where its captions are. others: all else, for each caption."""

    image_id: int | str | None
    file_name: str | None
    paths: Sequence[JsonPath]
    others: Sequence[Mapping[str, Any]]


class UnusableError(Exception):
    """An entry without usable captions: the key, its value, and the end of a sentence."""


class JsonDocument:
    """A format of JSON documents. Subclasses say where the entries are and what is in one."""

    suffixes: Sequence[str] = (".json",)
    is_folder = False
    is_coco = False
    provenance: Provenance = "inside"
    list_path: JsonPath = ()
    """The keys that lead to the list of entries."""
    kind = ""
    """What a sentence calls such a file."""

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By a file's beginning."""
        raise NotImplementedError

    def entry(self, entry: dict[str, Any], document: Document, notes: FileNotes) -> Entry:
        """What an entry says. Raises UnusableError for one that says nothing."""
        raise NotImplementedError

    def read(self, path: Path) -> JsonDocumentSource:
        """Open a file."""
        return JsonDocumentSource(path, self)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """Write a new file."""
        raise NotImplementedError


@dataclass(frozen=True)
class Document:
    """The text of a document, what it holds beside its entries, and where each entry stands."""

    text: str
    rest: dict[str, Any]
    spans: list[tuple[int, int]]
    repeated: list[tuple[str, str]]

    @cached_property
    def image_names(self) -> dict[int | str, str | None]:
        """The file names of its `images` by id."""
        names: dict[int | str, str | None] = {}
        for image in self.rest.get("images") or ():
            if isinstance(image, dict) and (identity := to_id(image.get("id"))) is not None:
                name = image.get("file_name")
                names[identity] = name if isinstance(name, str) else None
        return names


def read_entries(path: Path, list_path: JsonPath, kind: str) -> Document:
    """A document whose entries are in the list at `list_path`. Raises SentikitError if there is none."""
    text = read_text(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = f"it is not JSON: {error}" if isinstance(error, ValueError) else "it is nested too deeply"
        raise SentikitError(f"Cannot read {path}: {why}.") from None
    entries = value
    for key in list_path:
        entries = entries.get(key) if isinstance(entries, dict) else None
    if not isinstance(entries, list):
        raise SentikitError(f"{path} is not {kind}: it is {show(value)}; name its format with --format.")
    at = value_span(text, list_path)[0] if list_path else _skip(text, 0)
    spans = []
    at = _skip(text, at + 1)
    for _ in entries:
        _, end = _decode(text, at)
        spans.append((at, end))
        at = _skip(text, end)
        at = _skip(text, at + 1)
    rest = {key: inner for key, inner in value.items() if key not in list_path} if isinstance(value, dict) else {}
    return Document(text, rest, spans, repeats(text, value))


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]


class JsonDocumentSource:
    """An open document."""

    def __init__(self, path: Path, form: JsonDocument) -> None:
        self.path = path
        self.notes = FileNotes(path)
        self._form = form
        self._document = read_entries(path, form.list_path, form.kind)
        if not self._document.spans:
            raise SentikitError(f"{path} has no captions: its list of entries is empty.")

    def copy_to(self, output: Path, target: Target) -> AbstractContextManager[CaptionCopy]:
        """A copy with the same entries."""
        return text_copy(output, target)

    def batches(self) -> Iterator[CaptionBatch]:
        """A thousand entries at a time."""
        self.notes = FileNotes(self.path)
        for key in self._document.rest:
            self.notes.not_carried[key] += 1
        for place, key in self._document.repeated:
            self.notes.mention(Problem(place, key, MISSING, TWICE))
        spans = self._document.spans
        for start in range(0, len(spans), _BATCH):
            yield self._batch(start, min(start + _BATCH, len(spans)))

    def _batch(self, start: int, stop: int) -> CaptionBatch:
        text, spans = self._document.text, self._document.spans
        at = 0 if start == 0 else spans[start - 1][1]
        parts: list[bytes] = []
        batch = CaptionBatch([], [], [], place=lambda index: places[index])
        places: list[str] = []
        locators: list[tuple[int, int, JsonPath]] = []
        owners: list[int] = []
        others: list[Mapping[str, Any]] = []
        marks = {}
        ids: list[int | str | None] = []
        names: list[str | None] = []
        for index in range(start, stop):
            first, last = spans[index]
            parts += [
                text[at:first].encode("utf-8", "surrogatepass"),
                text[first:last].encode("utf-8", "surrogatepass"),
            ]
            at = last
            where = f"{self._where}[{index}]"
            value = json.loads(text[first:last])
            try:
                if not isinstance(value, dict):
                    raise UnusableError("", value, "it is not an object")
                entry = self._form.entry(value, self._document, self.notes)
                found = read_marks(value, entry.paths)
            except UnusableError as error:
                self.notes.complain(Problem(where, *error.args))
                continue
            except ValueError as error:
                self.notes.complain(Problem(where, KEY, value[KEY], str(error)))
                continue
            for number, path in enumerate(entry.paths):
                if number in found:
                    marks[len(batch.texts)] = found[number]
                batch.texts.append(_at(value, path))
                ids.append(entry.image_id)
                names.append(entry.file_name)
                places.append(where + "".join(f"[{step}]" if type(step) is int else f".{step}" for step in path[:-1]))
                locators.append((number, len(entry.paths), path))
                owners.append(len(parts) - 1)
                others.append(entry.others[number])
        if stop == len(spans):
            parts.append(text[at:].encode("utf-8", "surrogatepass"))
        batch.image_ids, batch.file_names, batch.marks = ids, names, marks
        batch.content = Units(parts, owners, locators, JsonEditor())
        batch.others = others.__getitem__
        return batch

    @property
    def _where(self) -> str:
        return ".".join(map(str, self._form.list_path)) if self._form.list_path else ""


def _at(value: Any, path: JsonPath) -> str:
    for step in path:
        value = value[step]
    return str(value)


def caption_at(entry: Mapping[str, Any], key: str) -> str:
    """The caption under a key. Raises UnusableError for none."""
    text = entry.get(key, MISSING)
    if not isinstance(text, str):
        raise UnusableError(key, text, "it is missing" if text is MISSING else "it is not text")
    if not text.strip():
        raise UnusableError(key, text, "it is blank")
    return text


TWICE = "the object has this key more than once, and only the last value is used"


def image_id_of(entry: Mapping[str, Any], key: str) -> int | str:
    """The image's id under a key; 1.0 is 1. Raises UnusableError for none."""
    value = entry.get(key, MISSING)
    identity = to_id(value)
    if identity is None:
        raise UnusableError(key, value, "it is missing" if value is MISSING else no_id(value))
    return identity


def without(entry: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The other keys of an entry."""
    return {key: value for key, value in entry.items() if key not in keys and key != KEY}


def lost_keys(
    captions: Iterable[CaptionRecord], lost: Counter[str], kept: Sequence[str] = ()
) -> Iterator[CaptionRecord]:
    """The captions, while what they say beyond `kept` is counted."""
    for record in captions:
        lost.update(key for key in record.others if key not in kept)
        yield record
