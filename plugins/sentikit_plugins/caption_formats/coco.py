"""COCO captions: a document that the engine reads whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sentikit.formats.coco import KEY, CocoCaptions, edit_entry, inspect_captions, read_mark, write_document
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

from .image_ids import ImageIds

IMAGE_KEYS = ("width", "height", "license", "coco_url", "flickr_url", "date_captured", "split", "url")
"""What other formats say of captions and COCO says of images."""
_OWN = ("image_id", "file_name", "caption")
_BATCH = 1000


class Coco:
    """COCO captions JSON."""

    suffixes: Sequence[str] = (".json",)
    is_folder = False
    is_coco = True
    provenance: Provenance = "inside"

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """Every JSON object may be one: the file says what it is after its images."""
        text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        unreadable = text.startswith((b"{", b"PK\x03\x04", b"\x1f\x8b")) or not text.strip(b"\0")
        return "maybe" if not path.is_dir() and (unreadable or path.suffix.lower() == ".json") else "no"

    def read(self, path: Path) -> CocoSource:
        """Open a file."""
        return CocoSource(path, inspect_captions(path))

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A document with an image for each image and an annotation for each caption."""
        ids = ImageIds()
        lost: Counter[str] = Counter()
        images: dict[int | str, dict[str, Any]] = {}
        annotations: list[dict[str, Any]] = []
        taken: set[Any] = set()
        for record in captions:
            identity = ids.of(record)
            image = images.setdefault(identity, {"id": identity})
            if record.file_name is not None:
                name = image.setdefault("file_name", record.file_name)
                lost["file_name"] += name != record.file_name
            lost.update(key for key in _OWN if key in record.others)
            others = {key: value for key, value in record.others.items() if key not in _OWN}
            for key in IMAGE_KEYS:
                if key in others:
                    image.setdefault(key, others.pop(key))
            own = others.pop("id", None)
            if type(own) not in (int, str) or own in taken:
                own = None
            taken.add(own)
            annotations.append({"id": own, "image_id": identity, "caption": record.text, **others})
        _number(annotations, taken)
        document = {"images": list(images.values()), "annotations": annotations}
        write_document(path, document, force=target.force, inputs=target.inputs)
        return +lost


def _number(annotations: list[dict[str, Any]], taken: set[Any]) -> None:
    """Give ids to the annotations that have none."""
    number = 1
    for annotation in annotations:
        if annotation["id"] is None:
            while number in taken:
                number += 1
            taken.add(number)
            annotation["id"] = number


class CocoSource:
    """An open document."""

    def __init__(self, path: Path, captions: CocoCaptions) -> None:
        self.notes = FileNotes(path)
        for problem in captions.problems:
            self.notes.complain(problem)
        for key in captions.document:
            if key not in ("images", "annotations", KEY):
                self.notes.not_carried[key] += 1
        if captions.uncaptioned:
            self.notes.not_carried["images without captions"] += len(captions.uncaptioned)
        self._captions = captions
        self._usable = list(captions.usable())

    def batches(self) -> Iterator[CaptionBatch]:
        """A thousand captions at a time."""
        for start in range(0, len(self._usable), _BATCH):
            yield self._batch(self._usable[start : start + _BATCH])

    def _batch(self, part: list[tuple[int, dict[str, Any]]]) -> CaptionBatch:
        annotations = [annotation for _, annotation in part]
        images = [self._captions.images[annotation["image_id"]] for annotation in annotations]

        def others(index: int) -> dict[str, Any]:
            image = {key: value for key, value in images[index].items() if key not in ("id", "file_name")}
            known = ("image_id", "caption", KEY)
            return image | {key: value for key, value in annotations[index].items() if key not in known}

        return CaptionBatch(
            [annotation["caption"] for annotation in annotations],
            [image["id"] for image in images],
            [image.get("file_name") for image in images],
            place=lambda index: f"annotations[{part[index][0]}]",
            content=annotations,
            others=others,
            marks={index: read_mark(one[KEY]) for index, one in enumerate(annotations) if KEY in one},
        )

    @contextmanager
    def copy_to(self, output: Path, target: Target) -> Iterator[CaptionCopy]:
        """The document with changed annotations, written in the end."""
        yield _Copy()
        document = self._captions.document
        if target.run is not None:
            document[KEY] = dict(target.run)
        else:
            document.pop(KEY, None)
        write_document(output, document, force=target.force, inputs=target.inputs)


class _Copy:
    def write(self, batch: CaptionBatch, changes: Mapping[int, Change]) -> None:
        for index, change in changes.items():
            annotation = batch.content[index]
            annotation["caption"] = change.text
            annotation.pop(KEY, None)
            if change.mark is not None:
                edits = [edit_entry(edit) for edit in change.mark.edits]
                annotation[KEY] = {"original": change.mark.original, "edits": edits}
