"""Checking a file of captions, in any format, without changing it; and reading one with its edits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ...formats.coco.captions import ImageId
from ...formats.coco.mark import Mark, leads_back
from ...formats.interface import CaptionSource
from ...io.messages import MISSING, Problem
from ..caption_files import ChosenFormat
from .restore_file import Records

_KEPT = 100


@dataclass
class FileCounts:
    """What a file has. problems: the first hundred; problem_count: all."""

    captions: int = 0
    updated: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)


def check_file(path: Path, form: ChosenFormat, source: CaptionSource) -> FileCounts:
    """Read a file to its end; captions that cannot be restored are problems too."""
    counts = FileCounts()
    changed: list[Problem] = []
    changed_count = 0
    for caption in marked_captions(path, form, source):
        counts.captions += 1
        if caption.mark is not None:
            counts.updated += 1
            if not leads_back(caption.text, caption.mark):
                changed_count += 1
                if len(changed) < _KEPT:
                    changed.append(Problem(caption.place, "caption", caption.text, "it was changed after the update"))
    notes = source.notes
    counts.problems = (notes.problems + notes.faults + changed)[:_KEPT]
    counts.problem_count = notes.problem_count + notes.fault_count + changed_count
    if not counts.captions and not counts.problem_count:
        counts.problems.append(Problem(source.notes.path.name, "", MISSING, "it has no captions"))
        counts.problem_count = 1
    return counts


class MarkedCaption(NamedTuple):
    """A caption with its image, its place in the file, and what an update did to it."""

    image_id: ImageId | None
    file_name: str | None
    text: str
    mark: Mark | None
    place: str


def marked_captions(path: Path, form: ChosenFormat, source: CaptionSource) -> Iterator[MarkedCaption]:
    """The captions of a file with the records of their edits, wherever these stand."""
    records = Records.of_file(path, form)
    before = 0
    for batch in source.batches():
        marks = records.of(batch, before)
        for index, text in enumerate(batch.texts):
            record = marks.get(index)
            mark = None if record is None else record.mark
            place = "" if mark is None else batch.place(index)
            yield MarkedCaption(batch.image_ids[index], batch.file_names[index], text, mark, place)
        before += len(batch.texts)
