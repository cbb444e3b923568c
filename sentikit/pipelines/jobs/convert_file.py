"""Converting a file of captions to another format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import SentikitError
from ...formats.interface import FURTHER_CAPTIONS, CaptionSource, Target
from ...formats.provenance import provenance_path, read_provenance
from ..caption_files import ChosenFormat
from .progress import Progress, no_progress


class Converted(NamedTuple):
    """How many captions were converted, and what could not be carried over, by name."""

    captions: int
    lost: Counter[str]


def convert_file(
    source: CaptionSource,
    form: ChosenFormat,
    output: Path,
    target: Target,
    progress: Progress = no_progress,
    record: Path | None = None,
) -> Converted:
    """Write the captions of `source` as a new file of another format.

    record: the record of the edits that stands beside the file.
    It is read twice: the first time for the names of what it says, so that it need not be in memory.
    """
    fields: dict[str, None] = {}
    total = 0
    for batch in source.batches():
        total += len(batch.texts)
        if any(identity is not None for identity in batch.image_ids):
            fields["image_id"] = None
        if any(name is not None for name in batch.file_names):
            fields["file_name"] = None
        for index in range(len(batch.texts)):
            fields.update(dict.fromkeys(batch.others(index)))
    if not total:
        raise SentikitError(f"{source.notes.path} has no captions, and nothing was written.")
    marked = Counter[str](edits=sum(1 for _ in read_provenance(record)) if record else 0)
    with progress("captions", total) as advance:

        def records() -> Iterator[Any]:
            for batch in source.batches():
                marked["edits"] += len(batch.marks)
                yield from batch.records()
                advance(len(batch.texts))

        lost = Counter(form.format.write(output, records(), list(fields), target))
    return Converted(total - lost[FURTHER_CAPTIONS], +(lost + marked + source.notes.not_carried))


def edits_beside(path: Path, form: ChosenFormat) -> Path | None:
    """The record of the edits of a file that has one beside it."""
    record = provenance_path(path)
    return record if form.format.provenance == "beside" and record.is_file() else None
