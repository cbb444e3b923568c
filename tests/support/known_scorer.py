"""A scorer whose opinions a test writes down."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from sentikit import ANP, Tag


class KnownScorer:
    """A scorer that thinks the same of every image."""

    def __init__(self, probabilities: dict[str, float]) -> None:
        self._known = {ANP.parse(text): value for text, value in probabilities.items()}

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        return [[log(self._known[anp]) if anp in self._known else float("-inf") for anp in row] for row in anps]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        return [[self._of(noun) for noun in row] for row in nouns]

    def _of(self, noun: str) -> list[Tag]:
        found = {anp: value for anp, value in self._known.items() if anp.noun == noun}
        total = sum(found.values())
        return sorted(
            (Tag(anp, value / total) for anp, value in found.items()), key=lambda tag: -(tag.probability or 0)
        )
