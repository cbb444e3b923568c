"""Counted adjective-noun pairs: every P(ANP) and P(adjective | noun) that sentikit takes from counts is made here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ..anp import ANP
from .ontology import Ontology


class AdjectiveCounts(Mapping[ANP, float]):
    """The counts of a list of ANPs, by ANP. An ANP of the list may have the count 0; others have no probability."""

    def __init__(self, counts: Mapping[ANP, float]) -> None:
        self._counts = dict(counts)
        self._of_noun: dict[str, dict[str, float]] = {}
        for anp, count in self._counts.items():
            self._of_noun.setdefault(anp.noun, {})[anp.adjective] = count
        self._noun_totals = {noun: sum(adjectives.values()) for noun, adjectives in self._of_noun.items()}
        self.total = sum(self._counts.values())

    @classmethod
    def of_ontology(cls, ontology: Ontology) -> AdjectiveCounts:
        """The counts that an ontology gives its ANPs."""
        return cls({anp: entry.count for anp, entry in ontology.entries.items()})

    @classmethod
    def of_images(cls, images: Iterable[Iterable[ANP]]) -> AdjectiveCounts:
        """How many images have each ANP; an image counts once, however often it names the ANP."""
        return cls(Counter(anp for anps in images for anp in set(anps)))

    def __getitem__(self, anp: ANP) -> float:
        return self._counts[anp]

    def __iter__(self) -> Iterator[ANP]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def counted(self) -> AdjectiveCounts:
        """Without the ANPs whose count is 0."""
        return AdjectiveCounts({anp: count for anp, count in self.items() if count})

    def of_noun(self, noun: str) -> Mapping[str, float]:
        """The counts of a noun's adjectives; none for a noun that is not in the list."""
        return self._of_noun.get(noun, {})

    def ranked(self, noun: str) -> list[str]:
        """A noun's adjectives, the commonest first; equally common ones stay in the list's order."""
        adjectives = self.of_noun(noun)
        return sorted(adjectives, key=lambda adjective: -adjectives[adjective])

    def probability(self, anp: ANP) -> float:
        """P(ANP): its share of all that was counted, not smoothed; 0 for an ANP that is not in the list."""
        return self.get(anp, 0.0) / self.total if self.total else 0.0

    def given_noun(self, anp: ANP, smoothing: float = 0.0) -> float:
        """P(adjective | noun): the ANP's share of what was counted of its noun; 0 for an ANP that is not in the list.

        smoothing: added to the count of each of the noun's adjectives first (Lidstone; 1: Laplace).
        The adjectives of a noun that was never counted are equally probable.
        """
        if anp not in self:
            return 0.0
        adjectives = self._of_noun[anp.noun]
        total = self._noun_totals[anp.noun] + smoothing * len(adjectives)
        return (self[anp] + smoothing) / total if total else 1 / len(adjectives)
