"""How common ANPs are, whatever the image: a scorer that answers from an ontology's counts."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log

from ..anp import ANP, Tag
from ..errors import UsageError
from .ontology import Ontology


class PriorScorer:
    """See `Scorer`: to it all images are alike. It has no opinion of what may not go into a text.

    Equally common ANPs stand in the ontology's order.
    """

    def __init__(self, ontology: Ontology) -> None:
        """Raises UsageError where the ontology counts nothing."""
        total = sum(entry.count for entry in ontology.entries.values())
        if not total:
            raise UsageError(
                f"The ontology {ontology.name!r} has no counts, so none of its adjectives is the commonest of a noun: "
                "name one that 'sentikit ontology build' made."
            )
        self._share = {
            anp: entry.count / total for anp, entry in ontology.entries.items() if entry.count and entry.insertable
        }
        self._of_noun: dict[str, list[ANP]] = {}
        for anp in sorted(self._share, key=lambda anp: -self._share[anp]):
            self._of_noun.setdefault(anp.noun, []).append(anp)

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`: the logarithm of an ANP's share of all that was counted."""
        return [[log(self._share[anp]) if anp in self._share else -inf for anp in row] for row in anps]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`: the commonest adjective of a noun first."""
        return [[self._ranked(noun) for noun in row] for row in nouns]

    def _ranked(self, noun: str) -> list[Tag]:
        anps = self._of_noun.get(noun, [])
        total = sum(self._share[anp] for anp in anps)
        return [Tag(anp, self._share[anp] / total) for anp in anps]
