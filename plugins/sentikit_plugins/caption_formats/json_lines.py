"""JSON lines with a caption or a list of captions each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from sentikit import SentikitError
from sentikit.formats.columns import Columns, guess_columns, no_id, to_id
from sentikit.formats.interface import (
    CaptionBatch,
    CaptionCopy,
    CaptionRecord,
    FileNotes,
    Provenance,
    Recognition,
    Target,
)
from sentikit.formats.json_units import JsonEditor, JsonPath, read_marks, repeats
from sentikit.formats.units import Units, line_batches, text_copy
from sentikit.io.files import atomic_write, check_is_file, readable_os_errors
from sentikit.io.messages import MISSING, Problem
from sentikit.io.text import json_text

from .line_values import KEY, Same, SkippedLineError, has_mark, line_value

METADATA = "metadata.jsonl"
"""The name of a file that is a format of its own."""
TWICE = "the object has this key more than once, and only the last value is used"
_PLAIN = frozenset((int, str))


class Lines(NamedTuple):
    """The lines of a batch that hold captions: their places in it, their values, and the number of the first line."""

    parts: list[bytes]
    owners: Sequence[int]
    values: list[dict[str, Any]]
    first: int


class JsonLines:
    """A file of JSON lines; each is an object with a caption or a list of captions."""

    suffixes: Sequence[str] = (".jsonl", ".ndjson")
    is_folder = False
    is_coco = False
    provenance: Provenance = "inside"

    def __init__(self, caption_column: str | None = None, image_column: str | None = None) -> None:
        self._columns = caption_column, image_column

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By a first line that is a whole object and, without a suffix that says so, another one after it."""
        line, _, rest = start.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
        if path.name == METADATA or path.is_dir():
            return "no"
        if not line.startswith(b"{"):
            return "maybe" if path.suffix.lower() in self.suffixes else "no"
        if path.suffix.lower() not in self.suffixes and not rest.lstrip().startswith(b"{"):
            return "no"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return "maybe" if path.suffix.lower() in self.suffixes else "no"
        return "no" if value.keys() & {"annotations", "images"} else "yes"

    def read(self, path: Path) -> JsonLinesSource:
        """Open a file."""
        return JsonLinesSource(path, *self._columns)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A line for each caption, with everything that is known of it."""
        caption, image = self._columns
        lost: Counter[str] = Counter()
        with atomic_write(path, force=target.force, inputs=target.inputs) as handle:
            for record in captions:
                own = {
                    **({} if record.image_id is None else {"image_id": record.image_id}),
                    **({} if record.file_name is None else {image or "file_name": record.file_name}),
                    caption or "caption": record.text,
                }
                lost.update(own.keys() & record.others.keys())
                line = {**own, **{key: value for key, value in record.others.items() if key not in own}}
                handle.write(json_text(line) + "\n")
        return lost


class JsonLinesSource:
    """An open file."""

    def __init__(self, path: Path, caption: str | None, image: str | None) -> None:
        self.path = path
        self.notes = FileNotes(path)
        with readable_os_errors("read", path):
            check_is_file(path)
            with path.open("rb") as handle:
                self._columns = self._guess(handle, caption, image)

    def _guess(self, lines: Iterable[bytes], caption: str | None, image: str | None) -> Columns:
        """By the first line that is an object and no header."""
        first: Problem | None = None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = line_value(line)
            except (ValueError, RecursionError):
                text = line.decode("utf-8", "replace").strip()
                first = first or Problem(f"line {number:,}", "", text, "it is not JSON")
                continue
            if type(value) is not dict:
                first = first or Problem(f"line {number:,}", "", value, "it is not an object")
            elif not (KEY in value and len(value) == 1) and (image is None or image in value):
                if "anps" in value and "caption" not in value and caption is None:
                    hint = "it is missing (a tag file has none; 'sentikit caption --jsonl' writes them)"
                    first = first or Problem(f"line {number:,}", "caption", MISSING, hint)
                    break
                return guess_columns(self.path, list(value), caption, image)
        raise SentikitError(f"{self.path} has no captions: the first problem is {first or 'that it is empty'}.")

    def copy_to(self, output: Path, target: Target) -> AbstractContextManager[CaptionCopy]:
        """A copy with the same lines."""
        return text_copy(output, target)

    def batches(self) -> Iterator[CaptionBatch]:
        """A mebibyte of lines at a time."""
        self.notes = FileNotes(self.path)
        for first, parts in line_batches(self.path):
            yield self._batch(parts, first)

    def _batch(self, parts: list[bytes], first: int) -> CaptionBatch:
        caption, name, identity = self._columns
        try:  # what nearly all lines are, in a few calls into C
            values: list[Any] = list(map(orjson.loads, parts))
            texts = list(map(itemgetter(caption), values))
            if set(map(type, texts)) == {str} and all(map(str.strip, texts)) and not any(map(has_mark, values)):
                names = list(map(itemgetter(name), values)) if name is not None else [None] * len(values)
                ids = list(map(itemgetter(identity), values)) if identity is not None else [None] * len(values)
                sound = (name is None or set(map(type, names)) == {str}) and (
                    identity is None or _PLAIN.issuperset(map(type, ids))
                )
                if sound:
                    lines = Lines(parts, range(len(parts)), values, first)
                    if sum(part.count(b'":') for part in parts) != sum(map(len, values)):
                        for number, (part, value) in enumerate(zip(parts, values, strict=True), first):
                            self._mention_repeats(f"line {number:,}", part, value)
                    locators = Same((0, 1, (caption,)))
                    return self._made(lines, texts, ids, names, locators, {})
        except (ValueError, KeyError, TypeError):
            pass
        return self._carefully(parts, first)

    def _carefully(self, parts: list[bytes], first: int) -> CaptionBatch:
        texts: list[str] = []
        ids: list[int | str | None] = []
        names: list[str | None] = []
        locators: list[tuple[int, int, JsonPath]] = []
        lines = Lines(parts, [], [], first)
        owners: list[int] = []
        marks = {}
        for place, part in enumerate(parts):
            if not part.strip(b" \t\r\n\xef\xbb\xbf"):
                continue
            where = f"line {first + place:,}"
            try:
                value, paths, identity, name = self._line(where, part)
                found = read_marks(value, paths)
            except SkippedLineError:
                continue
            except ValueError as error:
                self.notes.complain(Problem(where, KEY, MISSING, str(error)))
                continue
            captions = value[self._columns.caption]
            for index, path in enumerate(paths):
                text = captions if type(captions) is str else captions[path[-1]]
                if index in found:
                    marks[len(texts)] = found[index]
                texts.append(text)
                ids.append(identity)
                names.append(name)
                locators.append((index, len(paths), path))
                owners.append(place)
                lines.values.append(value)
        return self._made(lines._replace(owners=owners), texts, ids, names, locators, marks)

    def _line(self, where: str, part: bytes) -> tuple[dict[str, Any], list[JsonPath], int | str | None, str | None]:
        """The value of a line, its captions' paths, and its image. Raises SkippedLineError where it has none."""
        caption, name_key, id_key = self._columns
        try:
            value = line_value(part)
        except UnicodeDecodeError:
            raise SentikitError(f"Cannot read {self.path}: {where} is not UTF-8; save the file as UTF-8.") from None
        except (ValueError, RecursionError):
            self.notes.complain(Problem(where, "", part.decode("utf-8", "replace").strip(), "it is not JSON"))
            raise SkippedLineError from None
        if type(value) is not dict:
            self.notes.complain(Problem(where, "", value, "it is not an object"))
            raise SkippedLineError
        self._mention_repeats(where, part, value)
        if KEY in value and caption not in value:
            raise SkippedLineError  # the header that `sentikit caption` writes
        name = value.get(name_key) if name_key is not None else None
        raw_id = value.get(id_key) if id_key is not None else None
        identity = to_id(raw_id)
        for key, wrong in ((name_key, name is not None and type(name) is not str), (id_key, raw_id != identity)):
            if key is not None and wrong:
                self.notes.complain(Problem(where, key, value[key], no_id(value[key])))
                raise SkippedLineError
        if type(raw_id) is float:
            what = f"it is used as {identity}; write it as a whole number"
            self.notes.mention(Problem(where, id_key or "", raw_id, what))
        if identity is None and not name:
            self.notes.complain(Problem(where, id_key or name_key or "", MISSING, "it does not name its image"))
            raise SkippedLineError
        return value, self._paths(where, value.get(caption, MISSING)), identity, name or None

    def _mention_repeats(self, where: str, part: bytes, value: dict[str, Any]) -> None:
        """Name the keys that an object of the line has twice."""
        if part.count(b'":') != len(value):
            for place, key in repeats(part.decode("utf-8"), value):
                within = where if place == "the file" else f"{where}, {place}"
                self.notes.mention(Problem(within, key, MISSING, TWICE))

    def _paths(self, where: str, captions: Any) -> list[JsonPath]:
        caption = self._columns.caption
        if type(captions) is str and captions.strip():
            return [(caption,)]
        if type(captions) is list:
            paths: list[JsonPath] = [
                (caption, index) for index, one in enumerate(captions) if type(one) is str and one.strip()
            ]
            if len(paths) < len(captions):
                self.notes.complain(Problem(where, caption, captions, "not all of its captions are text"))
            if paths:
                return paths
            raise SkippedLineError
        what = "it is missing" if captions is MISSING else "it is blank" if captions == "" else "it is not text"
        self.notes.complain(Problem(where, caption, captions, what))
        raise SkippedLineError

    def _made(
        self,
        lines: Lines,
        texts: list[str],
        ids: Sequence[int | str | None],
        names: Sequence[str | None],
        locators: Sequence[Any],
        marks: Any,
    ) -> CaptionBatch:
        known = {*self._columns, KEY}
        owners, values, first = lines.owners, lines.values, lines.first

        def others(index: int) -> dict[str, Any]:
            return {key: value for key, value in values[index].items() if key not in known}

        return CaptionBatch(
            texts,
            ids,
            names,
            place=lambda index: f"line {first + owners[index]:,}",
            content=Units(lines.parts, owners, locators, JsonEditor()),
            others=others,
            marks=marks,
        )
