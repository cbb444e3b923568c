"""How common ANPs are, whatever the image: a scorer that answers from an ontology's counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log

from ..anp import ANP, Tag
from ..errors import UsageError
from .adjective_counts import AdjectiveCounts
from .ontology import Ontology


class PriorScorer:
    """See `Scorer`: all images are alike to it. ANPs that were not counted or are not insertable get no score.

    Equally common ANPs stay in the ontology's order.
    """

    def __init__(self, ontology: Ontology) -> None:
        """Raises UsageError where the ontology counts nothing."""
        self._counts = AdjectiveCounts.of_ontology(ontology)
        if not self._counts.total:
            raise UsageError(
                f"The ontology {ontology.name!r} has no counts, so none of its adjectives is the commonest of a noun: "
                "name one that 'sentikit ontology build' made."
            )
        self._scored = AdjectiveCounts(
            {anp: count for anp, count in self._counts.items() if count and ontology.insertable(anp)}
        )

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`: the logarithm of an ANP's share of all that was counted."""
        return [[log(self._counts.probability(anp)) if anp in self._scored else -inf for anp in row] for row in anps]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`: the commonest adjective of a noun first."""
        return [[self._ranked(noun) for noun in row] for row in nouns]

    def _ranked(self, noun: str) -> list[Tag]:
        anps = [ANP(adjective, noun) for adjective in self._scored.ranked(noun)]
        return [Tag(anp, self._scored.given_noun(anp)) for anp in anps]
