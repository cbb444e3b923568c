"""Restoring the captions of an updated file, in any format and in flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ...errors import SentikitError
from ...formats.coco.mark import leads_back
from ...formats.interface import CaptionBatch, CaptionSource, Change, Target
from ...formats.provenance import Record, provenance_path, read_provenance
from ...io.messages import MISSING, Problem
from ...io.paths import shown
from ..caption_files import ChosenFormat

_KEPT = 100


class FileRestored(NamedTuple):
    """How many captions are the original again, and those that are left as they are.

    A caption that was the original already, as after a run that was interrupted, is among the first.
    """

    captions: int
    left: list[Problem]
    left_count: int


def restore_file(
    path: Path, form: ChosenFormat, source: CaptionSource, output: Path, target: Target, *, strict: bool = False
) -> FileRestored:
    """Write a copy of an updated file with its original captions.

    Captions that were changed after the update are kept and reported.
    Raises SentikitError if there is nothing to restore; `strict`: if a caption cannot be restored.
    """
    records = Records.of_file(path, form)
    if form.format.provenance == "beside" and not provenance_path(path).is_file():
        name = provenance_path(path).name
        raise SentikitError(f"{shown(path)} has nothing to restore: there is no record of edits beside it ({name}).")
    restored, before, already = 0, 0, 0
    left: list[Problem] = []
    lefts = 0
    with source.copy_to(output, target) as copy:
        for batch in source.batches():
            changes: dict[int, Change] = {}
            for index, record in records.of(batch, before).items():
                if leads_back(batch.texts[index], record.mark):
                    changes[index] = Change(record.mark.original, None, record.raw)
                elif batch.texts[index] == record.mark.original:
                    already += 1
                else:
                    lefts += 1
                    problem = Problem(
                        batch.place(index), "caption", batch.texts[index], "it was changed after the update"
                    )
                    if strict:
                        raise SentikitError(f"{shown(path)}: {problem}.")
                    if len(left) < _KEPT:
                        left.append(problem)
            try:
                copy.write(batch, changes)
            except UnicodeEncodeError:
                raise SentikitError(f"{shown(path)}: an original in the record of its edits is no text.") from None
            restored += len(changes)
            before += len(batch.texts)
        unfound = records.rest()
        if unfound:
            lefts += len(unfound)
            left += [Problem(one.place, "caption", MISSING, "it is no longer there") for one in unfound[:_KEPT]]
        if strict and left:
            raise SentikitError(f"{shown(path)}: {left[0]}.")
        restored += already
        if not restored:
            raise SentikitError(f"{shown(path)} has nothing to restore, and nothing was written.")
    return FileRestored(restored, left, lefts)


class Records:
    """The record beside a file, asked for batch by batch; in order, or for folders by place."""

    def __init__(self, records: Iterator[Record], by_place: bool) -> None:
        self._records = records
        self._next = None if by_place else next(records, None)
        self._by_place = {record.place: record for record in records} if by_place else None

    @classmethod
    def of_file(cls, path: Path, form: ChosenFormat) -> Records:
        """Those beside a file; none if it has none or keeps them inside."""
        record_path = provenance_path(path)
        if form.format.provenance == "inside" or not record_path.is_file():
            return cls(iter(()), False)
        return cls(read_provenance(record_path), form.format.is_folder)

    def of(self, batch: CaptionBatch, before: int) -> dict[int, Record]:
        """The records of a batch's captions, by their indices; those of marks inside the file as well."""
        if batch.marks:
            return {index: Record(0, "", mark, None) for index, mark in batch.marks.items()}
        if self._by_place is not None:
            places = map(batch.place, range(len(batch.texts)))
            return {i: self._by_place.pop(place) for i, place in enumerate(places) if place in self._by_place}
        found: dict[int, Record] = {}
        while self._next is not None and self._next.number < before + len(batch.texts):
            found[self._next.number - before] = self._next
            self._next = next(self._records, None)
        return found

    def rest(self) -> list[Record]:
        """Those whose caption did not come."""
        if self._by_place is not None:
            return list(self._by_place.values())
        return [] if self._next is None else [self._next, *self._records]
