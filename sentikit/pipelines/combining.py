"""Combiners in a pipeline: the scorer that each needs, rewriters as combiners, and the checks of what they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ..affect.ontology import Ontology
from ..affect.prior_scorer import PriorScorer
from ..anp import ANP, Tag
from ..caption import Rewrite
from ..errors import PluginError, UsageError
from ..plugin.batches import CombinerItem, ImageBatch
from ..plugin.interfaces import (
    Combiner,
    Counting,
    EditsPerSentence,
    PriorCombiner,
    Rewriter,
    RuledWriter,
    Scorer,
    ScorerNeed,
    ScoringTagger,
    Tagger,
    TagRules,
)
from .checks import CheckedScorer, check_count, check_rewrite, in_sentence, scorer_label
from .edit_limits import edit_limit, limit_edits
from .image_models import Named
from .run_models import RunSettings, attribute_errors
from .tag_filter import TagFilter, filtered_scorer

A = TypeVar("A")
T = TypeVar("T")


class RewriterAsCombiner:
    """A rewriter at work in `sentikit caption`: it sees the caption and the tags, neither photograph nor scorer."""

    scorer: ScorerNeed = "none"
    default_edits_per_sentence: int
    """Only if the rewriter has it; see `EditsPerSentence`."""

    def __init__(self, rewriter: Rewriter) -> None:
        self._rewriter = rewriter
        self.default_max_edits = rewriter.default_max_edits
        if isinstance(rewriter, EditsPerSentence):
            self.default_edits_per_sentence = rewriter.default_edits_per_sentence

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """See `Combiner`."""
        return list(self._rewriter.rewrite((item.caption, item.tags) for item in items))

    def with_rules(self, rules: TagRules) -> RewriterAsCombiner:
        """See `RuledWriter`."""
        if not isinstance(self._rewriter, RuledWriter):
            return self
        ruled: Any = self._rewriter.with_rules(rules)
        return RewriterAsCombiner(ruled)

    @property
    def counts(self) -> Counter[str]:
        """See `Counting`."""
        return self._rewriter.counts if isinstance(self._rewriter, Counting) else Counter()


def under_rules(writer: Named[Any], rules: TagRules) -> Named[Any]:
    """A rewriter or combiner for a run with these rules; one that inserts only the tags it is given stays as it is."""
    if not isinstance(writer.model, RuledWriter):
        return writer
    return Named(writer.label, writer.model.with_rules(rules))


def counts_of(models: Iterable[Named[Any] | None]) -> dict[str, Counter[str]]:
    """What the models counted, by their labels; without those that counted nothing."""
    counting = [one for one in models if one is not None and isinstance(one.model, Counting)]
    return {one.label: Counter(one.model.counts) for one in counting if one.model.counts}


def combine_batch(
    combiner: Named[Combiner],
    items: Sequence[CombinerItem],
    scorer: Scorer | None,
    max_edits: int | None,
    settings: RunSettings,
) -> list[Rewrite]:
    """One rewrite for each item, checked, with at most `max_edits` edits (None: the combiner's own default).

    scorer: row i belongs to item i; see `ItemScorer`.
    An edit records the probability of its tag in the item's list; of a tag that is not in it, the combiner's.
    Raises PluginError if the combiner fails or breaks its contract.
    """
    with attribute_errors(combiner.label, settings):
        rewrites = combiner.model.combine(items, scorer)
    check_count(combiner.label, rewrites, len(items), "captions")
    limit = edit_limit(combiner.model, max_edits)
    for item, rewrite in zip(items, rewrites, strict=True):
        check_rewrite(combiner.label, item.caption.text, rewrite)
    return [
        _as_listed(limit_edits(item.caption.text, one, item.tags, limit), item.tags)
        for item, one in zip(items, rewrites, strict=True)
    ]


def _as_listed(rewrite: Rewrite, tags: Sequence[Tag]) -> Rewrite:
    """`rewrite` with the probabilities that its edits' tags have among `tags`.

    If these have only ranks, so has a tag that is not among them: its tagger's scores are no probabilities.
    """
    listed = {tag.anp: tag.probability for tag in tags} if rewrite.edits else {}
    only_ranks = bool(listed) and all(probability is None for probability in listed.values())
    return rewrite._replace(
        edits=tuple(
            edit._replace(
                tag=edit.tag._replace(
                    probability=listed.get(edit.tag.anp, None if only_ranks else edit.tag.probability)
                )
            )
            for edit in rewrite.edits
        )
    )


def check_combiner(combiner: Named[Combiner], tagger: Named[Tagger] | None, ontology: Ontology | None) -> None:
    """Raises UsageError if `combiner` needs a scorer that neither the tagger nor an ontology provides."""
    need = combiner.model.scorer
    if need == "tagger" and tagger is not None and not isinstance(tagger.model, ScoringTagger):
        raise UsageError(
            f"{combiner.label} needs a tagger that can score given adjectives, and {in_sentence(tagger.label)} cannot: "
            "choose another combiner or another tagger."
        )
    if need == "prior":
        _prior_scorer(combiner.model, ontology)
    elif need not in ("none", "tagger"):
        raise PluginError(f"{combiner.label} has scorer = {need!r}, which must be 'none', 'tagger' or 'prior'.")


def scorer_for(
    combiner: Named[Combiner],
    tagger: Named[Tagger],
    batch: ImageBatch,
    tags: Sequence[Sequence[Tag]],
    tag_filter: TagFilter,
    settings: RunSettings,
) -> Scorer | None:
    """What the combiner may ask, without what the filter leaves out; None for one that asks nothing.

    tags: of each image of `batch`, as the tagger gave them.
    """
    if combiner.model.scorer == "prior":
        return filtered_scorer(_prior_scorer(combiner.model, tag_filter.ontology), tag_filter, tags)
    if combiner.model.scorer == "tagger" and isinstance(tagger.model, ScoringTagger):
        with attribute_errors(scorer_label(tagger.label), settings):
            scorer = tagger.model.scorer(batch)
        return filtered_scorer(CheckedScorer(tagger.label, scorer), tag_filter, tags)
    return None


def _prior_scorer(combiner: Combiner, ontology: Ontology | None) -> PriorScorer:
    """The scorer of a combiner that goes by counts. Raises UsageError if there are none."""
    own = combiner.prior if isinstance(combiner, PriorCombiner) else None
    known = own or ontology
    if known is None:
        raise UsageError(
            "The combiner ranks adjectives by how common they are, and there are no counts: give an ontology with "
            "--ontology FILE, or use a tagger whose pack has one."
        )
    return PriorScorer(known)


class ItemScorer:
    """A scorer by items: several captions of an image share its row, and an image that failed has none."""

    def __init__(self, scorer: Scorer, rows: Sequence[int], images: int) -> None:
        """`rows`: the row of `scorer`, which has one for each of `images`, that each item belongs to."""
        self._scorer = scorer
        self._rows = rows
        self._images = images

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`."""
        return _by_item(self._rows, self._images, anps, self._scorer.score)

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`."""
        return _by_item(self._rows, self._images, nouns, self._scorer.adjectives)


def _by_item(
    rows: Sequence[int],
    images: int,
    asked: Sequence[Sequence[A]],
    answer: Callable[[list[list[A]]], Sequence[Sequence[T]]],
) -> list[list[T]]:
    """The answers to what each item asked, from a function that answers for every image at once."""
    together: list[list[A]] = [[] for _ in range(images)]
    spans = []
    for row, questions in zip(rows, asked, strict=True):
        spans.append((row, len(together[row]), len(questions)))
        together[row] += questions
    answers = answer(together)
    return [list(answers[row][start : start + count]) for row, start, count in spans]
