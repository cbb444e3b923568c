"""Descriptions of photographs: read from `.xmp` files beside them, else from the photographs (XMP, IPTC); written only
as `.xmp` files. The photographs themselves are never changed."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sentikit import SentikitError
from sentikit.formats.interface import (
    FURTHER_CAPTIONS,
    CaptionBatch,
    CaptionCopy,
    CaptionRecord,
    Change,
    FileNotes,
    Provenance,
    Recognition,
    Target,
)
from sentikit.io.files import atomic_write, readable_os_errors
from sentikit.io.messages import MISSING, Problem
from sentikit.io.paths import as_text, shown

from .json_documents import lost_keys
from .photo_files import check_copy, photos_by_stem, refuse_existing, refuse_outside, sidecar_paths
from .xmp_text import description, new_packet, raw_description, with_description, xml_text

SUFFIX = ".xmp"
EMBEDDED = "\0embedded"
"""The raw text of a description that stands in the photograph: what an update makes for it is a new file."""
_FILES = 500


class Xmp:
    """A folder of photographs with descriptions."""

    suffixes: Sequence[str] = (SUFFIX,)
    is_folder = True
    is_coco = False
    provenance: Provenance = "beside"

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """A folder with .xmp files. What is only in the photographs is read with --format xmp."""
        if not path.is_dir() or next(path.rglob("*.txt"), None) or (path / "metadata.jsonl").is_file():
            return "no"
        return "yes" if next(path.rglob(f"*{SUFFIX}"), None) else "no"

    def read(self, path: Path) -> XmpSource:
        """Open a folder."""
        if not path.is_dir():
            raise SentikitError(f"Cannot read {shown(path)}: it is not a folder.")
        return XmpSource(path)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """An .xmp file beside each photograph, with its first caption; of one that is there, only that changes."""
        lost: Counter[str] = Counter()
        texts: dict[str, str] = {}
        for record in lost_keys(captions, lost):
            name = record.file_name or str(record.image_id)
            lost["image_id"] += record.file_name is not None and record.image_id is not None
            lost[FURTHER_CAPTIONS] += name in texts
            texts.setdefault(name, record.text)
        packets = {
            file: _packet(file, texts[name], target) for file, name in sidecar_paths(path, texts, SUFFIX).items()
        }
        for file, packet in packets.items():
            if packet is not None:
                _write(file, packet)
        return +lost


def _packet(path: Path, text: str, target: Target) -> str | None:
    """What an .xmp file is to be; None if it stays as it is."""
    if not path.exists():
        return new_packet(text)
    if target.existing == "skip":
        return None
    if target.existing is None and not target.force:
        refuse_existing(path)
    packet = _read(path)
    try:
        old = description(packet.encode("utf-8"))
        if target.existing == "append" and old:
            text = f"{old}\n{text}"
        return with_description(packet, xml_text(text))
    except ValueError as error:
        raise SentikitError(f"Cannot change {shown(path)}: {error}; move it away.") from None


def _read(path: Path) -> str:
    with readable_os_errors("read", path):
        try:
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            raise SentikitError(f"Cannot read {shown(path)}: it is not UTF-8.") from None


def _write(path: Path, packet: str) -> None:
    with readable_os_errors("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, force=True) as handle:
        handle.write_bytes(packet.encode("utf-8"))


class XmpSource:
    """An open folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes = FileNotes(path)
        self._photos = [(folder, stem, name) for folder, names in photos_by_stem(path) for stem, name in names.items()]
        if not self._photos:  # what an update wrote to a folder of its own
            files = sorted(path.rglob(f"*{SUFFIX}"))
            self._photos = [(file.parent, file.stem, file.stem) for file in files if not file.name.startswith(".")]
        if not self._photos:
            raise SentikitError(f"{shown(path)} has no captions: it has neither photographs nor {SUFFIX} files.")

    def batches(self) -> Iterator[CaptionBatch]:
        """Some hundred photographs at a time; those without a description are passed over."""
        self.notes = FileNotes(self.path)
        for start in range(0, len(self._photos), _FILES):
            yield self._batch(self._photos[start : start + _FILES])

    def _batch(self, photos: Sequence[tuple[Path, str, str]]) -> CaptionBatch:
        texts: list[str] = []
        names: list[str] = []
        files: list[tuple[Path, str | None]] = []
        for folder, stem, photo in photos:
            name = as_text(os.path.relpath(folder / photo, self.path)).replace(os.sep, "/")
            path = next((p for p in (folder / (stem + SUFFIX), folder / (photo + SUFFIX)) if p.is_file()), None)
            try:
                packet = None if path is None else _read(path)
                text = _embedded(folder / photo) if packet is None else description(packet.encode("utf-8"))
            except ValueError as error:
                self.notes.complain(Problem(name, "", MISSING, str(error)))
                continue
            if text is None:
                self.notes.left_out["photographs without a description"] += 1
            elif packet is not None and raw_description(packet) is None:
                self.notes.complain(Problem(name, "dc:description", text, "it stands in an unusual form"))
            else:
                texts.append(text)
                names.append(name)
                files.append((path or folder / (stem + SUFFIX), packet))

        def raw(index: int) -> str | None:
            packet = files[index][1]
            own = EMBEDDED if packet is None else raw_description(packet)
            return None if own == xml_text(texts[index]) else own

        def place(index: int) -> str:
            return as_text(os.path.relpath(files[index][0], self.path)).replace(os.sep, "/")

        return CaptionBatch(texts, [None] * len(texts), names, place=place, content=files, raw=raw)

    @contextmanager
    def copy_to(self, output: Path, target: Target) -> Iterator[CaptionCopy]:
        """The .xmp files in another folder, or changed in their own; they are written when all is known."""
        files = (folder / (stem + SUFFIX) for folder, stem, _ in self._photos)
        in_place = check_copy(self.path, output, files, target)
        copy = _Copy()
        yield copy
        for path, _, _ in copy.files:
            refuse_outside(output, output / path.relative_to(self.path))
        for path, before, after in copy.files:
            new = output / path.relative_to(self.path)
            if after is None:
                if in_place:
                    new.unlink(missing_ok=True)
            elif not in_place or after != before:
                if not in_place and target.existing is None and not target.force:
                    refuse_existing(new, "--overwrite")
                if not (target.existing == "skip" and new.exists()):
                    _write(new, after)


class _Copy:
    def __init__(self) -> None:
        self.files: list[tuple[Path, str | None, str | None]] = []

    def write(self, batch: CaptionBatch, changes: Mapping[int, Change]) -> None:
        for index, (path, packet) in enumerate(batch.content):
            change = changes.get(index)
            if change is None:
                if packet is not None:
                    self.files.append((path, packet, packet))
            elif change.raw == EMBEDDED and change.mark is None:
                if packet == new_packet(batch.texts[index]):
                    self.files.append((path, packet, None))
                elif packet is not None:  # something else was added to it, or it is the user's own
                    self.files.append((path, packet, self._changed(path, packet, xml_text(change.text))))
            elif packet is None:
                self.files.append((path, None, new_packet(change.text)))
            else:
                raw = xml_text(change.text) if change.raw is None else change.raw
                self.files.append((path, packet, self._changed(path, packet, raw)))

    def _changed(self, path: Path, packet: str, raw: str) -> str:
        try:
            return with_description(packet, raw)
        except ValueError as error:
            raise SentikitError(f"Cannot change {shown(path)}: {error}.") from None


def _embedded(photo: Path) -> str | None:
    """The description in a photograph's own XMP, else its IPTC caption. Raises ValueError for a broken one."""
    from PIL import Image, IptcImagePlugin, UnidentifiedImageError

    if not photo.is_file():
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(photo, formats=("JPEG", "MPO", "PNG", "TIFF", "WEBP")) as image:
                packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
                iptc = IptcImagePlugin.getiptcinfo(image) or {}
    except UnidentifiedImageError:
        return None
    except Exception as error:  # Pillow's readers raise what they like on broken files
        raise ValueError(f"its header cannot be read ({type(error).__name__})") from None
    if isinstance(packet, str):
        packet = packet.encode("utf-8")
    text = description(packet) if packet else None
    caption = iptc.get((2, 120))
    if text is None and isinstance(caption, bytes):
        text = caption.decode("utf-8", "replace").strip() or None
    return text
