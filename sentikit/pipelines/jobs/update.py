"""Updating the captions of a dataset from its tags."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from ...english.language import not_english
from ...errors import SentikitError
from ...formats.coco import KEY, CocoCaptions, ImageId, mark_updated, write_document
from ...formats.tags import TagFile, match_tags, read_tags
from ...io.files import atomic_write
from ...io.memory import paused_collector
from ...io.messages import name_counts
from ..edit_limits import EditRules
from ..tag_filter import TagFilter
from ..update import CaptionedImages, ChunkResult, RewriterChoice, UpdateStatistics, rewrite_dataset
from .progress import Progress, no_progress

log = logging.getLogger("sentikit.jobs")

_ONLY_ONE = "The only caption was not updated"


@dataclass(frozen=True)
class UpdateRequest:
    """Which captions to update, from which tags, and how.

    tags: a tag file, or one that was read.
    just_tagged: the tags were made from the photographs, so what they lack could not be read.
    max_edits: at most this many edits a caption; None: the rewriter's own default.
    jobs: processes. language: "en", or "any" to edit captions of every language.
    """

    captions: CocoCaptions
    tags: Path | TagFile
    rewriter: RewriterChoice
    tag_filter: TagFilter
    max_edits: int | None = None
    jobs: int = 1
    just_tagged: bool = False
    strict: bool = False
    language: str = "en"

    def settings(self) -> dict[str, Any]:
        """What the updated file records of the run. Nothing about day or machine: same input, same bytes."""
        return {
            "version": version("sentikit-captions"),
            "rewriter": self.rewriter.name,
            "options": dict(self.rewriter.options),
            "tags": (self.tags if isinstance(self.tags, Path) else self.tags.path).name,
            "filter": self.tag_filter.to_json(),
            "max_edits": self.max_edits,
            "language": self.language,
        }


@dataclass(frozen=True)
class Updated:
    """An updated dataset: the document, the counts, and the first changed captions, before and after."""

    document: dict[str, Any] = field(repr=False)
    statistics: UpdateStatistics
    examples: list[tuple[str, str]] = field(default_factory=list, repr=False)

    def write(self, path: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> None:
        """Write the document, whole or not at all. Raises SentikitError if that fails."""
        write_document(path, self.document, force=force, inputs=inputs)

    def write_statistics(self, path: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> None:
        """Write the counts as JSON. Raises SentikitError if that fails."""
        write_statistics(self.statistics, path, force=force, inputs=inputs)


def write_statistics(
    statistics: UpdateStatistics, path: Path, *, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Write the counts of an update as JSON. Raises SentikitError if that fails."""
    with atomic_write(path, force=force, inputs=inputs) as handle:
        handle.write(json.dumps(statistics.to_json(), indent=1) + "\n")


def update_dataset(request: UpdateRequest, examples: int = 0, progress: Progress = no_progress) -> Updated:
    """Update the captions in place, in the document that `request` holds.

    examples: how many changed captions to keep in the result.
    Raises SentikitError if the tags do not fit, the rewriter fails, or not one caption is updated.
    """
    captions = request.captions
    with paused_collector():
        captioned, untagged = _captioned_images(request)
        statistics = UpdateStatistics(len(captions.images), captions=len(captions.bad), skipped=len(captions.bad))
        rules = EditRules(request.max_edits, request.language)
        rewriter = replace(request.rewriter, rules=request.tag_filter)
        results = rewrite_dataset(captioned, rewriter, rules, request.jobs)
        shown = _apply(captions, results, captioned.order, statistics, progress, examples)
        if request.just_tagged:
            statistics.fail(_count_left(captions, untagged))
    check_updated(statistics)
    captions.document[KEY] = request.settings()
    return Updated(captions.document, statistics, shown)


def check_updated(statistics: UpdateStatistics) -> None:
    """Warn of captions that are not English. Raises SentikitError, with the reason, if not one caption was updated."""
    left_alone = not_english(statistics.foreign)
    if not statistics.updated:
        many = f"Not one of the {statistics.captions:,} captions was updated"
        nothing = f"{many if statistics.captions != 1 else _ONLY_ONE}, and nothing was written"
        if statistics.counts:
            raise SentikitError(f"{nothing}. The rewriter counted {name_counts(statistics.counts)}.")
        why = left_alone or "no tag that passes the filters has its noun in a caption of its image."
        raise SentikitError(f"{nothing}: {why}")
    if left_alone:
        log.warning(left_alone)


def _captioned_images(request: UpdateRequest) -> tuple[CaptionedImages, set[ImageId]]:
    """The images that have captions, with their tags; and the ids of those that have none in the tag file."""
    captions = request.captions
    tag_file = read_tags(request.tags, strict=request.strict) if isinstance(request.tags, Path) else request.tags
    request.tag_filter.check(tag_file)
    matched = match_tags(captions.images, tag_file)
    for sentence in (*tag_file.warnings(), *matched.warnings()):
        log.warning(sentence)
    images = CaptionedImages(captions.images, captions.usable_annotations(), matched.tags, request.tag_filter)
    return images, set(matched.untagged)


def _apply(
    captions: CocoCaptions,
    results: Iterable[ChunkResult],
    order: Iterable[int],
    statistics: UpdateStatistics,
    progress: Progress,
    examples: int,
) -> list[tuple[str, str]]:
    """Put the rewrites into the document and count them; the first changed captions, before and after."""
    annotations = captions.usable_annotations()
    indices = iter(order)
    shown: list[tuple[str, str]] = []
    with progress("captions", len(annotations)) as advance:
        for result in results:
            statistics.add(result)
            own = list(islice(indices, result.captions))
            for index, rewrite in result.rewrites.items():
                annotation = annotations[own[index]]
                if len(shown) < examples:
                    shown.append((annotation["caption"], rewrite.text))
                mark_updated(annotation, rewrite)
            advance(result.captions)
    return shown


def _count_left(captions: CocoCaptions, images: set[ImageId]) -> int:
    """How many captions of `images` were not updated."""
    return sum(annotation["image_id"] in images and KEY not in annotation for _, annotation in captions.usable())
