"""Updating a file of captions, in any format and in flat memory."""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from ...caption import Rewrite
from ...errors import SentikitError
from ...formats.coco.mark import Mark
from ...formats.interface import CaptionBatch, CaptionSource, Change, Existing, Target
from ...formats.provenance import provenance_beside, provenance_path
from ...formats.tags import TagFile, read_tags
from ...formats.tags.index import TagIndex
from ...io.memory import paused_collector
from ...io.paths import shown
from ..caption_files import ChosenFormat
from ..edit_limits import EditRules
from ..rewrite_stream import Texts, rewrite_stream
from ..tag_filter import TagFilter
from ..update import RewriterChoice, UpdateStatistics
from .progress import Progress, no_progress
from .update import check_updated

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
    language: str = "en"
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
            "language": self.language,
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
    with paused_collector():
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
            stack.enter_context(paused_collector())
            copy = stack.enter_context(request.source.copy_to(request.output, target))
            record = stack.enter_context(self._provenance(settings))
            advance = stack.enter_context(self._progress("captions", None))
            rewriter = replace(request.rewriter, rules=request.tag_filter)
            rules = EditRules(request.max_edits, request.language)
            results = rewrite_stream(self._texts(), usable, tagged, rewriter, rules, request.jobs)
            for result in results:
                batch = self._waiting.popleft()
                changes = self._changes(batch, result.rewrites)
                if record is not None:
                    record.write(batch, statistics.captions, changes)
                copy.write(batch, changes)
                statistics.add(result)
                advance(result.captions)
                gc.collect(0)  # what a plugin leaves in circles; the collector itself would look at all tags, too
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
        if self._request.strict and (wrong := notes.problems + notes.faults):
            raise SentikitError(f"{shown(self._request.path)}: {wrong[0]}.")
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
        check_updated(statistics)


def log_all(sentences: list[str]) -> None:
    """Log each as a warning."""
    for sentence in sentences:
        log.warning(sentence)
