"""Captions photographs: images -> encoder once -> captioner and tagger -> filter -> combiner, a batch at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from ..anp import Tag
from ..caption import Caption, Rewrite
from ..english.language import is_foreign, not_english
from ..errors import UsageError
from ..images import ImageRef
from ..io.messages import show
from ..plugin.batches import CombinerItem, ImageBatch, ImageFailure
from ..plugin.interfaces import Captioner, Combiner, PipelinedCaptioner, Tagger
from .checks import checked_captions
from .combining import ItemScorer, combine_batch, scorer_for, under_rules
from .image_models import Named
from .run_models import Outcome, RunSettings, attribute_errors, run_ahead
from .tag import tag_batch
from .tag_filter import TagFilter

log = logging.getLogger("sentikit.pipelines")

ALL_TAGS = 1000
"""How many tags a tagger is asked for if the filter sets no limit."""
MOST_CAPTIONS = 100
"""Captions of a photograph."""


class RewrittenCaption(NamedTuple):
    """One caption of a photograph: as the captioner wrote it, and with feeling."""

    caption: Caption
    rewrite: Rewrite


class CaptionedImage(NamedTuple):
    """A photograph's captions, best first, and the tags that passed the filter, best first."""

    candidates: tuple[RewrittenCaption, ...]
    tags: Sequence[Tag]

    @property
    def caption(self) -> Caption:
        """The best plain caption."""
        return self.candidates[0].caption

    @property
    def rewrite(self) -> Rewrite:
        """The best caption with feeling."""
        return self.candidates[0].rewrite


@dataclass(frozen=True)
class CaptionModels:
    """The models that caption a photograph. A combiner needs a tagger; without a combiner captions stay plain.

    Raises UsageError for a number that makes no sense.

    max_edits: at most this many edits a caption; None: the combiner's own default.
    captions: at most this many captions a photograph.
    language: "en", or "any" to edit captions of every language.
    """

    captioner: Named[Captioner]
    tag_filter: TagFilter
    tagger: Named[Tagger] | None = None
    combiner: Named[Combiner] | None = None
    max_edits: int | None = None
    captions: int = 1
    language: str = "en"

    def __post_init__(self) -> None:
        if not 1 <= self.captions <= MOST_CAPTIONS:
            raise UsageError(f"captions must be from 1 to {MOST_CAPTIONS}, not {show(self.captions)}.")
        if self.max_edits is not None and self.max_edits < 0:
            raise UsageError(f"max-edits must be at least 0, not {show(self.max_edits)}.")


def caption_images(
    refs: Iterable[ImageRef], models: CaptionModels, settings: RunSettings
) -> Generator[Outcome[CaptionedImage], None, None]:
    """Caption each image, in the order of `refs`; one that cannot be read or captioned is among its batch's failures.

    Raises SentikitError if a model fails, breaks its contract, or needs more memory than there is.
    """
    image_models: list[Captioner | Tagger] = [models.captioner.model]
    if models.tagger is not None:
        image_models.append(models.tagger.model)
    if models.combiner is not None:
        models = replace(models, combiner=under_rules(models.combiner, models.tag_filter))
    captioner = models.captioner.model
    ahead = 0
    if isinstance(captioner, PipelinedCaptioner):  # so many that it has enough to do while the oldest is finished
        ahead = -(-captioner.in_flight // settings.batch_size)
    foreign = _Foreign()
    outcomes = run_ahead(
        refs, image_models, lambda batches: _begin(models, batches, settings, foreign), settings, ahead
    )
    return _told(outcomes, foreign)


@dataclass
class _Foreign:
    """How many captions of a run were left alone because they are not in English."""

    captions: int = 0


def _told(
    outcomes: Generator[Outcome[CaptionedImage], None, None], foreign: _Foreign
) -> Generator[Outcome[CaptionedImage], None, None]:
    """`outcomes`, and a message behind them if captions were left alone."""
    with closing(outcomes):
        yield from outcomes
    if foreign.captions:
        log.warning(not_english(foreign.captions))


def _begin(
    models: CaptionModels, batches: Sequence[ImageBatch], settings: RunSettings, foreign: _Foreign
) -> Callable[[], list[CaptionedImage | ImageFailure]]:
    captioner = models.captioner.model
    answers: Callable[[], Sequence[Sequence[Caption] | ImageFailure]]
    if isinstance(captioner, PipelinedCaptioner):
        with attribute_errors(models.captioner.label, settings):
            answers = captioner.begin(batches[0], models.captions)
    else:
        answers = partial(captioner.caption, batches[0], models.captions)
    return lambda: _caption_batch(models, batches, answers, settings, foreign)


def _caption_batch(
    models: CaptionModels,
    batches: Sequence[ImageBatch],
    answers: Callable[[], Sequence[Sequence[Caption] | ImageFailure]],
    settings: RunSettings,
    foreign: _Foreign,
) -> list[CaptionedImage | ImageFailure]:
    with attribute_errors(models.captioner.label, settings):
        answer = answers()
    captions = checked_captions(models.captioner.label, answer, len(batches[0]), models.captions)
    unfiltered: list[list[Tag] | ImageFailure] = [[] for _ in captions]
    if models.tagger is not None:
        asked = models.tag_filter.top_k or ALL_TAGS
        unfiltered = tag_batch(models.tagger, batches[1], asked, settings)
    tags = [_filtered(found, models.tag_filter) for found in unfiltered]
    items, rows = _items(captions, tags, batches[0])
    listed = [() if isinstance(found, ImageFailure) else found for found in unfiltered]
    rewrites = iter(_english_only(models, _combine(models, items, rows, batches, listed, settings), items, foreign))
    return [_captioned(own, found, rewrites) for own, found in zip(captions, tags, strict=True)]


def _filtered(tags: list[Tag] | ImageFailure, tag_filter: TagFilter) -> list[Tag] | ImageFailure:
    return tags if isinstance(tags, ImageFailure) else tag_filter.apply(tags)


def _items(
    captions: Sequence[list[Caption] | ImageFailure], tags: Sequence[list[Tag] | ImageFailure], batch: ImageBatch
) -> tuple[list[CombinerItem], list[int]]:
    """Every caption of every image that did not fail, and the image's place in the batch."""
    items, rows = [], []
    for row, (own, found) in enumerate(zip(captions, tags, strict=True)):
        if not isinstance(own, ImageFailure) and not isinstance(found, ImageFailure):
            items += [CombinerItem(caption, found, batch.photos[row]) for caption in own]
            rows += [row] * len(own)
    return items, rows


def _combine(
    models: CaptionModels,
    items: Sequence[CombinerItem],
    rows: Sequence[int],
    batches: Sequence[ImageBatch],
    tags: Sequence[Sequence[Tag]],
    settings: RunSettings,
) -> list[Rewrite]:
    """A rewrite for each item. `tags`: of each image, as the tagger gave them."""
    if models.combiner is None or models.tagger is None or not items:
        return [Rewrite(item.caption.text) for item in items]
    scorer = scorer_for(models.combiner, models.tagger, batches[1], tags, models.tag_filter, settings)
    by_item = ItemScorer(scorer, rows, len(batches[1])) if scorer else None
    return combine_batch(models.combiner, items, by_item, models.max_edits, settings)


def _english_only(
    models: CaptionModels, rewrites: Sequence[Rewrite], items: Sequence[CombinerItem], foreign: _Foreign
) -> list[Rewrite]:
    """`rewrites` without edits of captions that are not in English, which are counted."""
    if models.language == "any":
        return list(rewrites)
    kept = []
    for rewrite, item in zip(rewrites, items, strict=True):
        if rewrite.edits and is_foreign(item.caption.text):
            foreign.captions += 1
            rewrite = Rewrite(item.caption.text)
        kept.append(rewrite)
    return kept


def _captioned(
    captions: list[Caption] | ImageFailure, tags: list[Tag] | ImageFailure, rewrites: Iterable[Rewrite]
) -> CaptionedImage | ImageFailure:
    """The image's captions with the next of `rewrites`, or why it has none."""
    if isinstance(captions, ImageFailure):
        return captions
    if isinstance(tags, ImageFailure):
        return tags
    return CaptionedImage(
        tuple(RewrittenCaption(one, rewrite) for one, rewrite in zip(captions, rewrites, strict=False)), tags
    )
