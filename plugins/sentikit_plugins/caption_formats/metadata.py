"""Hugging Face's image folders, with a `metadata.jsonl`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentikit import SentikitError
from sentikit.formats.interface import CaptionRecord, Recognition, Target
from sentikit.io.files import atomic_write
from sentikit.io.text import json_text

from .json_lines import METADATA, JsonLines, JsonLinesSource


class Metadata(JsonLines):
    """A folder of photographs with a `metadata.jsonl`, as Hugging Face's imagefolder reads it."""

    suffixes = (METADATA,)

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By the name."""
        return "yes" if (path / METADATA).is_file() or path.name == METADATA else "no"

    def read(self, path: Path) -> JsonLinesSource:
        """Open the folder or its file."""
        return super().read(path / METADATA if path.is_dir() else path)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A line for each photograph, with its captions; they must come together, photograph by photograph."""
        lost: Counter[str] = Counter()
        name = self._columns[0] or "text"
        with atomic_write(path, force=target.force, inputs=target.inputs) as handle:
            for image, records in _by_image(captions):
                texts = [record.text for record in records]
                line: dict[str, Any] = {"file_name": image, name: texts[0] if len(texts) == 1 else texts}
                if records[0].image_id is not None:
                    line["image_id"] = records[0].image_id
                if len(records) == 1:
                    lost.update(key for key in line if key in records[0].others)
                    line |= {key: value for key, value in records[0].others.items() if key not in line}
                else:
                    lost.update(key for record in records for key in record.others)
                handle.write(json_text(line) + "\n")
        return lost


def _by_image(captions: Iterable[CaptionRecord]) -> Iterator[tuple[str, list[CaptionRecord]]]:
    """Consecutive captions of a photograph."""
    group: list[CaptionRecord] = []
    last = None
    for record in captions:
        name = record.file_name
        if name is None:
            raise SentikitError(
                f"A metadata.jsonl names photographs, and image {record.image_id!r} has no file name: "
                "convert to jsonl or coco."
            )
        if group and name != last:
            yield last or "", group
            group = []
        last = name
        group.append(record)
    if group:
        yield last or "", group
