"""Flickr's .token files: ``1000268201_693b08cb0e.jpg#0<tab>A child in a pink dress ...`` a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sentikit import SentikitError
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
from sentikit.formats.units import Units, line_batches, text_copy
from sentikit.io.files import atomic_write, check_is_file, readable_os_errors
from sentikit.io.messages import Problem

from .json_documents import lost_keys

_LINE = re.compile(rb"(?:\xef\xbb\xbf)?([^\t\r\n]+)#([0-9]+)\t([^\r\n]*)")


class Token:
    """Lines of image, number and caption."""

    suffixes: Sequence[str] = (".token",)
    is_folder = False
    is_coco = False
    provenance: Provenance = "beside"

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By its first line."""
        return "yes" if _LINE.match(start) else "no"

    def read(self, path: Path) -> TokenSource:
        """Open a file."""
        return TokenSource(path)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A line for each caption, numbered within its image. Line breaks in a caption become blanks."""
        lost: Counter[str] = Counter()
        numbers: Counter[str] = Counter()
        with atomic_write(path, force=target.force, inputs=target.inputs) as handle:
            for record in lost_keys(captions, lost, ("number",)):
                name = record.file_name or str(record.image_id)
                lost["image_id"] += record.file_name is not None and record.image_id is not None
                text = " ".join(record.text.split("\n")).replace("\r", " ")
                lost["line breaks in captions"] += text != record.text
                handle.write(f"{name}#{numbers[name]}\t{text}\n")
                numbers[name] += 1
        return +lost


class TokenSource:
    """An open file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes = FileNotes(path)
        with readable_os_errors("read", path):
            check_is_file(path)

    def copy_to(self, output: Path, target: Target) -> AbstractContextManager[CaptionCopy]:
        """A copy with the same lines."""
        return text_copy(output, target)

    def batches(self) -> Iterator[CaptionBatch]:
        """A mebibyte of lines at a time."""
        self.notes = FileNotes(self.path)
        for first, parts in line_batches(self.path):
            yield self._batch(parts, first)

    def _batch(self, parts: list[bytes], first: int) -> CaptionBatch:
        texts, names, numbers = [], [], []
        owners = []
        for place, part in enumerate(parts):
            found = _LINE.match(part)
            try:
                text = found[3].decode("utf-8") if found else ""
                if found and text.strip():
                    texts.append(text)
                    names.append(found[1].decode("utf-8"))
                    numbers.append(int(found[2]))
                    owners.append(place)
                elif part.strip():
                    what = "it is blank" if found else "it is no 'image#number<tab>caption'"
                    shown = part.decode("utf-8").strip()
                    self.notes.complain(Problem(f"line {first + place:,}", "", shown, what))
            except UnicodeDecodeError:
                raise SentikitError(
                    f"Cannot read {self.path}: line {first + place:,} is not UTF-8; save the file as UTF-8."
                ) from None
        return CaptionBatch(
            texts,
            [None] * len(texts),
            names,
            place=lambda index: f"line {first + owners[index]:,}",
            content=Units(parts, owners, owners, TokenEditor()),
            others=lambda index: {"number": numbers[index]},
        )


class TokenEditor:
    """Changes what stands after the tab."""

    def edit(self, unit: bytes, changes: Sequence[tuple[Any, Change]], run: Mapping[str, Any] | None) -> bytes:
        """See `UnitEditor`."""
        found = _LINE.match(unit)
        assert found is not None
        return unit[: found.start(3)] + changes[0][1].text.encode("utf-8") + unit[found.end(3) :]
