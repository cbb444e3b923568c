"""How many edits a caption keeps, and which: the most probable ones, spread over its sentences."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..affect.denylist import singular
from ..anp import Tag
from ..caption import Edit, Rewrite
from ..english.sentences import sentence_starts
from ..plugin.interfaces import Combiner, EditsPerSentence, Rewriter


class EditRules(NamedTuple):
    """What a user asks of the edits of captions.

    max_edits: at most this many a caption; None: the rewriter's own default. language: "en", or "any" to edit captions
    of every language.
    """

    max_edits: int | None = None
    language: str = "en"


BY_DEFAULT = EditRules()


class EditLimit(NamedTuple):
    """caption: at most this many edits a caption; None: all.

    sentence: at most this many a sentence, and none on a noun or with an adjective that has been served. spread: give
    every sentence one before any gets a second.
    """

    caption: int | None
    sentence: int | None = None
    spread: bool = False


def edit_limit(model: Rewriter | Combiner, max_edits: int | None) -> EditLimit:
    """The limit that the user gave, or the model's own."""
    per_sentence = model.default_edits_per_sentence if isinstance(model, EditsPerSentence) else None
    if max_edits is not None:
        return EditLimit(max_edits, None, per_sentence is not None)
    return EditLimit(model.default_max_edits, per_sentence, per_sentence is not None)


def limit_edits(original: str, rewrite: Rewrite, tags: Sequence[Tag], limit: EditLimit) -> Rewrite:
    """`rewrite` with the most probable edits that `limit` lets it have.

    If probabilities are unknown, the rank among `tags`, which come best first, decides.
    """
    edits = rewrite.edits
    if len(edits) <= 1:
        return rewrite if limit.caption != 0 else Rewrite(original)
    if limit.caption is None or (limit.sentence is None and len(edits) <= limit.caption):
        return rewrite
    ranks = {tag.anp: rank for rank, tag in reversed(list(enumerate(tags)))}

    def badness(edit: Edit) -> tuple[float, int]:
        return -(edit.tag.probability or 0.0), ranks.get(edit.tag.anp, len(ranks))

    best = sorted(edits, key=badness)
    starts = sentence_starts(original) if limit.spread else [0]
    if len(starts) > 1:
        best = list(_spread(best, starts, limit.sentence))
    elif limit.sentence is not None:
        best = best[: limit.sentence]
    return Rewrite.from_edits(original, best[: limit.caption])


def _spread(best: Sequence[Edit], starts: Sequence[int], per_sentence: int | None) -> Iterator[Edit]:
    """`best`, the most probable first, in the order in which they are kept.

    First come those of sentences that have no edit yet, nor beside one that has; then those of sentences that have
    none yet; then, unless there is a limit `per_sentence` of 1, the others.
    """
    nouns: set[str] = set()
    adjectives: set[str] = set()
    served: dict[int, int] = {}
    left = list(best)
    for apart, most in ((True, 1), (False, 1), (False, per_sentence or len(best))):
        for edit in list(left):
            sentence = bisect(starts, edit.start) - 1
            noun, adjective = singular(edit.tag.noun), edit.tag.adjective
            again = noun in nouns or adjective in adjectives
            if served.get(sentence, 0) >= most or (again and (most == 1 or per_sentence is not None)):
                continue
            if apart and {sentence - 1, sentence + 1} & served.keys():
                continue
            served[sentence] = served.get(sentence, 0) + 1
            nouns.add(noun)
            adjectives.add(adjective)
            left.remove(edit)
            yield edit
