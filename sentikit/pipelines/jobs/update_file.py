"""Updating, restoring and converting files of captions, in any format and in flat memory."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ...caption import Rewrite, undo_edits
from ...errors import SentikitError
from ...formats.coco.mark import Mark
from ...formats.interface import CaptionBatch, CaptionSource, Change, Existing, Target
from ...formats.provenance import Record, provenance_beside, provenance_path, read_provenance
from ...formats.tags import TagFile, read_tags
from ...formats.tags.index import TagIndex
from ...io.messages import MISSING, Problem, count
from ...io.paths import shown
from ..caption_files import ChosenFormat
from ..rewrite_stream import Texts, rewrite_stream
from ..tag_filter import TagFilter
from ..update import RewriterChoice, UpdateStatistics
from .progress import Progress, no_progress

log = logging.getLogger("sentikit.jobs")

_KEPT = 100


@dataclass(frozen=True)
class FileUpdate:
    """Which file to update, from which tags, and how.

    output: the new file or folder; for a folder, it may be `path` itself.
    existing: what happens to a photograph's file that is there already.
    untagged_failed: captions whose image has no tags have no readable photograph, as the tags were just made.
    """

    path: Path
    form: ChosenFormat
    source: CaptionSource
    tags: Path
    rewriter: RewriterChoice
    tag_filter: TagFilter
    output: Path
    max_edits: int | None = None
    jobs: int = 1
    strict: bool = False
    force: bool = False
    existing: Existing | None = None
    untagged_failed: bool = False

    def settings(self) -> dict[str, Any]:
        """What the provenance records of the run; nothing about day or machine."""
        return {
            "version": version("sentikit-captions"),
            "rewriter": self.rewriter.name,
            "options": dict(self.rewriter.options),
            "tags": self.tags.name,
            "filter": self.tag_filter.to_json(),
            "max_edits": self.max_edits,
        }


@dataclass
class FileUpdated:
    """What came of it: the counts, and the first changed captions, before and after."""

    statistics: UpdateStatistics = field(default_factory=UpdateStatistics)
    examples: list[tuple[str, str]] = field(default_factory=list)
    provenance: Path | None = None


def update_file(request: FileUpdate, examples: int = 0, progress: Progress = no_progress) -> FileUpdated:
    """Write a copy of the file with updated captions, and the record of the edits where the format has no place for it.

    Raises SentikitError if the file was updated already, the tags do not fit, the rewriter fails, or not one caption is
    updated; nothing is written then.
    """
    refuse_updated(request.path, request.form)
    tag_file = read_tags(request.tags, strict=request.strict)
    request.tag_filter.check(tag_file)
    log_all(tag_file.warnings())
    return _Update(request, tag_file, examples, progress).run()


def refuse_updated(path: Path, form: ChosenFormat) -> None:
    """Raise SentikitError if there is a record of edits beside the file."""
    if form.format.provenance == "beside" and provenance_path(path).exists():
        raise SentikitError(
            f"{shown(path)} was updated by sentikit already: restore it first (sentikit restore-captions "
            f"{shown(path)}), or remove {shown(provenance_path(path))} if that was done otherwise."
        )


class _Update:
    def __init__(self, request: FileUpdate, tag_file: TagFile, examples: int, progress: Progress) -> None:
        self._request = request
        self._tag_file = tag_file
        self._index = TagIndex(tag_file)
        self._examples = examples
        self._progress = progress
        self._done = FileUpdated()
        self._images = 0
        self._last: Any = None
        self._waiting: deque[CaptionBatch] = deque()

    def run(self) -> FileUpdated:
        request, settings = self._request, self._request.settings()
        statistics = self._done.statistics
        target = Target(request.force, (request.path, request.tags), request.existing)
        if request.form.format.provenance == "inside":
            target = target._replace(run=settings)
        table = self._tag_file.tags
        allowed = list(map(request.tag_filter.allows, table.anps))
        usable = table.only(allowed, request.tag_filter.top_k, request.tag_filter.min_probability)
        tagged = bytearray(bool(len(table[row])) for row in range(len(table)))
        with ExitStack() as stack:
            copy = stack.enter_context(request.source.copy_to(request.output, target))
            record = stack.enter_context(self._provenance(settings))
            advance = stack.enter_context(self._progress("captions", None))
            results = rewrite_stream(self._texts(), usable, tagged, request.rewriter, request.max_edits, request.jobs)
            for result in results:
                batch = self._waiting.popleft()
                changes = self._changes(batch, result.rewrites)
                if record is not None:
                    record.write(batch, statistics.captions, changes)
                copy.write(batch, changes)
                statistics.add(result)
                advance(result.captions)
            statistics.images = self._images
            self._check()
        return self._done

    def _texts(self) -> Iterator[Texts]:
        for batch in self._request.source.batches():
            if batch.marks:
                raise SentikitError(
                    f"{shown(self._request.path)}, {batch.place(next(iter(batch.marks)))}, was updated by sentikit "
                    f"already: restore it first (sentikit restore-captions {shown(self._request.path)})."
                )
            self._count_images(batch)
            self._waiting.append(batch)
            yield Texts(batch.texts, self._index.rows(batch.image_ids, batch.file_names))

    def _count_images(self, batch: CaptionBatch) -> None:
        """Consecutive captions of an image count as one: in flat memory there is no list of all images."""
        keys = batch.image_ids if batch.image_ids and batch.image_ids[0] is not None else batch.file_names
        if keys:
            changes = sum(one != other for one, other in zip(keys, chain((self._last,), keys), strict=False))
            self._images += changes
            self._last = keys[-1]

    def _changes(self, batch: CaptionBatch, rewrites: Mapping[int, Rewrite]) -> dict[int, Change]:
        shown_examples, texts = self._done.examples, batch.texts
        if len(shown_examples) < self._examples:
            for index, rewrite in rewrites.items():
                if len(shown_examples) < self._examples:
                    shown_examples.append((texts[index], rewrite.text))
        return {index: Change(text, Mark(texts[index], edits)) for index, (text, edits) in rewrites.items()}

    def _provenance(self, settings: Mapping[str, Any]) -> Any:
        request = self._request
        if request.form.format.provenance == "inside":
            return nullcontext()
        if request.form.format.is_folder:
            request.output.mkdir(parents=True, exist_ok=True)
        self._done.provenance = path = provenance_path(request.output)
        form = {"format": request.form.name}
        return provenance_beside(path, {**settings, **form}, force=request.force, inputs=[request.path])

    def _check(self) -> None:
        statistics, notes = self._done.statistics, self._request.source.notes
        if self._request.strict and notes.problems:
            raise SentikitError(f"{shown(self._request.path)}: {notes.problems[0]}.")
        log_all(notes.warnings())
        statistics.skipped = notes.problem_count
        statistics.captions += notes.problem_count
        if not statistics.captions:
            raise SentikitError(f"{shown(self._request.path)} has no captions.")
        if statistics.captions > notes.problem_count:
            self._index.check()
        log_all(self._index.warnings())
        if self._request.untagged_failed:
            statistics.fail(self._index.untagged_captions)
        if not statistics.updated:
            raise SentikitError(
                f"Not one of the {count(statistics.captions, 'caption')} was updated, and nothing was written: no tag "
                "that passes the filters has its noun in a caption of its image."
            )


class FileRestored(NamedTuple):
    """How many captions are the original again, and those that are left as they are."""

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
    records: _Records = _Records(iter(()), False)
    if form.format.provenance == "beside":
        record_path = provenance_path(path)
        if not record_path.is_file():
            raise SentikitError(
                f"{shown(path)} has nothing to restore: there is no record of edits beside it ({record_path.name})."
            )
        records = _Records(read_provenance(record_path), form.format.is_folder)
    restored, before = 0, 0
    left: list[Problem] = []
    lefts = 0
    with source.copy_to(output, target) as copy:
        for batch in source.batches():
            changes: dict[int, Change] = {}
            found = {index: Record(0, "", mark, None) for index, mark in batch.marks.items()}
            for index, record in (found or records.of(batch, before)).items():
                if _leads_back(batch.texts[index], record.mark):
                    changes[index] = Change(record.mark.original, None, record.raw)
                else:
                    lefts += 1
                    problem = Problem(
                        batch.place(index), "caption", batch.texts[index], "it was changed after the update"
                    )
                    if strict:
                        raise SentikitError(f"{shown(path)}: {problem}.")
                    if len(left) < _KEPT:
                        left.append(problem)
            copy.write(batch, changes)
            restored += len(changes)
            before += len(batch.texts)
        unfound = records.rest()
        if unfound:
            lefts += len(unfound)
            left += [Problem(one.place, "caption", MISSING, "it is no longer there") for one in unfound[:_KEPT]]
        if strict and left:
            raise SentikitError(f"{shown(path)}: {left[0]}.")
        if not restored:
            raise SentikitError(f"{shown(path)} has nothing to restore, and nothing was written.")
    return FileRestored(restored, left, lefts)


class _Records:
    """The record beside a file, asked for batch by batch; in order, or for folders by place."""

    def __init__(self, records: Iterator[Record], by_place: bool) -> None:
        self._records = records
        self._next = None if by_place else next(records, None)
        self._by_place = {record.place: record for record in records} if by_place else None

    def of(self, batch: CaptionBatch, before: int) -> dict[int, Record]:
        """The records of a batch's captions."""
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


def _leads_back(text: str, mark: Mark) -> bool:
    try:
        return undo_edits(text, mark.edits) == mark.original
    except ValueError:
        return False


def log_all(sentences: list[str]) -> None:
    """Log each as a warning."""
    for sentence in sentences:
        log.warning(sentence)


class Converted(NamedTuple):
    """How many captions were converted, and what could not be carried over, by name."""

    captions: int
    lost: Counter[str]


def convert_file(
    source: CaptionSource, form: ChosenFormat, output: Path, target: Target, progress: Progress = no_progress
) -> Converted:
    """Write the captions of `source` as a new file of another format.

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
    marked = Counter[str]()
    with progress("captions", total) as advance:

        def records() -> Iterator[Any]:
            for batch in source.batches():
                marked["edits"] += len(batch.marks)
                yield from batch.records()
                advance(len(batch.texts))

        lost = Counter(form.format.write(output, records(), list(fields), target))
    return Converted(total, +(lost + marked + source.notes.not_carried))
