"""Captions beside photographs: `dog.txt` or `dog.caption` beside `dog.jpg`, a caption a line."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from sentikit.formats.units import Units
from sentikit.io.files import atomic_write, read_text, readable_os_errors
from sentikit.io.messages import Problem
from sentikit.io.paths import as_text, natural_key, shown

from .json_documents import lost_keys
from .photo_files import photos_by_stem, sidecar_path

_FILES = 1000


class Sidecars:
    """A folder with a text file beside each photograph."""

    is_folder = True
    is_coco = False
    provenance: Provenance = "beside"

    def __init__(self, suffix: str | None = None) -> None:
        """`suffix`: of the text files; None: .txt or, if a folder has none of these, .caption."""
        self.suffixes: Sequence[str] = (".txt", ".caption") if suffix is None else (suffix,)
        self._suffix = suffix

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """A folder with a text file that has the name of a photograph beside it, or at least with text files."""
        if not path.is_dir() or (path / "metadata.jsonl").is_file():
            return "no"
        if any(next(_beside_photos(path, suffix), None) for suffix in self._suffixes()):
            return "yes"
        return "maybe" if any(next(_alone(path, suffix), None) for suffix in self._suffixes()) else "no"

    def _suffixes(self) -> Sequence[str]:
        return (".txt", ".caption") if self._suffix is None else (self._suffix,)

    def read(self, path: Path) -> SidecarSource:
        """Open a folder. In one without photographs, every text file has captions."""
        if not path.is_dir():
            raise SentikitError(f"Cannot read {shown(path)}: it is not a folder.")
        for find in (_beside_photos, _alone):
            for suffix in self._suffixes():
                if files := list(find(path, suffix)):
                    return SidecarSource(path, files)
        suffixes = " or ".join(self._suffixes())
        raise SentikitError(
            f"{shown(path)} has no captions: no photograph in it has a {suffixes} file of its name beside it."
        )

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A text file for each photograph, with a caption a line."""
        lost: Counter[str] = Counter()
        texts: dict[str, list[str]] = {}
        for record in lost_keys(captions, lost):
            name = record.file_name or str(record.image_id)
            lost["image_id"] += record.file_name is not None and record.image_id is not None
            line = " ".join(record.text.splitlines())
            lost["line breaks in captions"] += line != record.text
            texts.setdefault(name, []).append(line)
        for name, lines in texts.items():
            put(sidecar_path(path, name, self._suffixes()[0]), ("\n".join(lines) + "\n").encode("utf-8"), target)
        return +lost


def put(path: Path, content: bytes, target: Target) -> None:
    """Write one photograph's file. Raises SentikitError if it is there and the target does not say what then."""
    if path.exists():
        if target.existing == "skip":
            return
        if target.existing == "append":
            before = path.read_bytes()
            content = before + (b"" if before.endswith(b"\n") or not before else b"\n") + content
        elif target.existing is None and not target.force:
            refuse_existing(path)
    with readable_os_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, force=True) as handle:
        handle.write_bytes(content)


def refuse_existing(path: Path, ways: str = "--overwrite, --append or --skip-existing") -> None:
    """Raise SentikitError, with the options that help, if a photograph's file is there already."""
    if path.exists():
        raise SentikitError(f"{shown(path)} exists already: give {ways}, or a new folder.")


def _beside_photos(folder: Path, suffix: str) -> Iterator[tuple[Path, str]]:
    """The text files beside photographs, with the photograph's name in the folder."""
    for directory, names in photos_by_stem(folder):
        for stem, photo in names.items():
            path = directory / (stem + suffix)
            if path.is_file():
                yield path, _name_in(folder, directory / photo)


def _alone(folder: Path, suffix: str) -> Iterator[tuple[Path, str]]:
    """All text files of a folder without photographs, with the name of their photograph as far as it is known."""
    for path in sorted(folder.rglob(f"*{suffix}"), key=lambda path: natural_key(str(path))):
        if path.is_file() and not path.name.startswith("."):
            yield path, _name_in(folder, path.with_suffix(""))


def _name_in(folder: Path, path: Path) -> str:
    return as_text(os.path.relpath(path, folder)).replace(os.sep, "/")


class SidecarSource:
    """An open folder."""

    def __init__(self, path: Path, files: Sequence[tuple[Path, str]]) -> None:
        self.path = path
        self.notes = FileNotes(path)
        self._files = files

    def batches(self) -> Iterator[CaptionBatch]:
        """A thousand files at a time."""
        self.notes = FileNotes(self.path)
        for start in range(0, len(self._files), _FILES):
            yield self._batch(self._files[start : start + _FILES])

    def _batch(self, files: Sequence[tuple[Path, str]]) -> CaptionBatch:
        texts: list[str] = []
        names: list[str] = []
        files_of: list[str] = []
        owners: list[int] = []
        numbers: list[int] = []
        parts: list[bytes] = []
        ends: list[tuple[Path, int]] = []
        for path, photo in files:
            read_text(path)  # which says what is wrong
            lines = path.read_bytes().splitlines(keepends=True)
            for number, line in enumerate(lines, 1):
                text = line.decode("utf-8-sig").strip()
                if text:
                    texts.append(text)
                    names.append(photo)
                    files_of.append(_name_in(self.path, path))
                    numbers.append(number)
                    owners.append(len(parts) + number - 1)
            if not any(line.strip() for line in lines):
                self.notes.complain(Problem(path.name, "", "", "it is blank"))
            parts += lines
            ends.append((path, len(parts)))
        return CaptionBatch(
            texts,
            [None] * len(texts),
            names,
            place=lambda index: f"{files_of[index]}, line {numbers[index]:,}",
            content=(Units(parts, owners, texts, LineEditor()), ends),
        )

    @contextmanager
    def copy_to(self, output: Path, target: Target) -> Iterator[CaptionCopy]:
        """The same files in another folder, or changed in their own; they are written when all is known."""
        in_place = output.resolve() == self.path.resolve()
        if not in_place and target.existing is None and not target.force:
            for path, _ in self._files:
                refuse_existing(output / path.relative_to(self.path), "--overwrite")
        copy = _FolderCopy()
        yield copy
        for path, before, content in copy.files:
            if in_place and content == before:
                continue
            own = target._replace(existing="overwrite") if in_place else target
            put(output / path.relative_to(self.path), content, own)


class _FolderCopy:
    def __init__(self) -> None:
        self.files: list[tuple[Path, bytes, bytes]] = []

    def write(self, batch: CaptionBatch, changes: Mapping[int, Change]) -> None:
        units, ends = batch.content
        parts: list[bytes] = units.parts.copy()
        for index, change in changes.items():
            owner = units.owners[index]
            parts[owner] = units.editor.edit(parts[owner], [(units.locators[index], change)], None)
        start = 0
        for path, end in ends:
            self.files.append((path, b"".join(units.parts[start:end]), b"".join(parts[start:end])))
            start = end


class LineEditor:
    """Changes a line's text, and keeps the blanks around it. A locator is the text that is there."""

    def edit(self, unit: bytes, changes: Sequence[tuple[Any, Change]], run: Mapping[str, Any] | None) -> bytes:
        """See `UnitEditor`."""
        text, change = changes[0]
        return unit.replace(text.encode("utf-8"), change.text.encode("utf-8"), 1)
