"""Captions photographs: images -> encoder once -> captioner and tagger -> filter -> combiner, a batch at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..affect.prior_scorer import prior_scorer
from ..anp import Tag
from ..caption import Caption, Rewrite
from ..images import ImageRef
from ..plugin.interfaces import Captioner, Combiner, ImageBatch, PriorCombiner, Scorer, ScoringTagger, Tagger
from .edits import check_edits, limit_edits
from .run_models import Outcome, RunSettings, attribute_errors, check_count, run_models
from .tag import tag_batch
from .tag_filter import TagFilter, filtered_scorer

ALL_TAGS = 1000
"""What a tagger is asked for where the filter sets no limit."""


class CaptionedImage(NamedTuple):
    """A photograph's plain caption, its caption with feeling, and the tags that passed the filter, best first."""

    caption: Caption
    rewrite: Rewrite
    tags: Sequence[Tag]


@dataclass(frozen=True)
class CaptionModels:
    """What captions a photograph. A combiner needs a tagger; without a combiner captions stay plain.

    max_edits: at most so many a caption; None: the combiner's own default.
    """

    captioner: Captioner
    tag_filter: TagFilter
    tagger: Tagger | None = None
    combiner: Combiner | None = None
    max_edits: int | None = None


def caption_images(
    refs: Iterable[ImageRef], models: CaptionModels, settings: RunSettings
) -> Generator[Outcome[CaptionedImage], None, None]:
    """Caption each image, in the order of `refs`; one that cannot be read is among its batch's failures.

    Raises SentikitError where a model fails, breaks its contract, or needs more memory than there is.
    """
    image_models: list[Captioner | Tagger] = [models.captioner]
    if models.tagger is not None:
        image_models.append(models.tagger)
    return run_models(refs, image_models, lambda batches: _caption_batch(models, batches, settings), settings)


def _caption_batch(models: CaptionModels, batches: Sequence[ImageBatch], settings: RunSettings) -> list[CaptionedImage]:
    with attribute_errors("The captioner", settings):
        captions = models.captioner.caption(batches[0])
    check_count("The captioner", captions, len(batches[0]))
    tags: list[Sequence[Tag]] = [()] * len(captions)
    if models.tagger is not None:
        asked = models.tag_filter.top_k or ALL_TAGS
        tags = [models.tag_filter.apply(found) for found in tag_batch(models.tagger, batches[1], asked, settings)]
    if models.combiner is None:
        return [CaptionedImage(one, Rewrite(one.text), found) for one, found in zip(captions, tags, strict=True)]
    rewrites = _combine(models, models.combiner, list(zip(captions, tags, strict=True)), batches[1], settings)
    return [CaptionedImage(*parts) for parts in zip(captions, rewrites, tags, strict=True)]


def _combine(
    models: CaptionModels,
    combiner: Combiner,
    items: Sequence[tuple[Caption, Sequence[Tag]]],
    batch: ImageBatch,
    settings: RunSettings,
) -> list[Rewrite]:
    scorer = _scorer(models, combiner, batch, settings)
    with attribute_errors("The combiner", settings):
        rewrites = combiner.combine(items, scorer)
    check_count("The combiner", rewrites, len(items))
    limit = combiner.default_max_edits if models.max_edits is None else models.max_edits
    limited = []
    for (caption, tags), rewrite in zip(items, rewrites, strict=True):
        check_edits("The combiner", caption.text, rewrite)
        limited.append(limit_edits(caption.text, rewrite, tags, limit))
    return limited


def _scorer(models: CaptionModels, combiner: Combiner, batch: ImageBatch, settings: RunSettings) -> Scorer | None:
    """What the combiner may ask, without what the filter leaves out; None for one that asks nothing."""
    if isinstance(combiner, PriorCombiner):
        return filtered_scorer(prior_scorer(combiner, models.tag_filter.ontology), models.tag_filter)
    if combiner.needs_scorer and isinstance(models.tagger, ScoringTagger):
        with attribute_errors("The tagger's scorer", settings):
            return filtered_scorer(models.tagger.scorer(batch), models.tag_filter)
    return None
