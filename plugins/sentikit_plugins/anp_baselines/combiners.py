"""One adjective a noun, the best by one measure and no second choice."""

from __future__ import annotations

from collections.abc import Sequence

from sentikit import CombinerItem, Ontology, Rewrite, Scorer, ScorerNeed
from sentikit.english.noun_phrases import NounFinder, NounPhrase
from sentikit.english.placement import Candidate, place_adjectives, place_plainly
from sentikit.english.scored_nouns import scored_nouns


class AnpScoring:
    """A noun gets the adjective that the scorer likes best of that noun's.

    Nouns are found, and adjectives placed, as noun-forcing does it; only the choice differs. Where the best adjective
    clashes with the caption it goes in all the same or, `careful`, the noun gets none.
    """

    scorer: ScorerNeed = "tagger"
    default_max_edits: int | None = 1

    def __init__(self, careful: bool) -> None:
        self._careful = careful
        self._finder = NounFinder()

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`. Raises MissingPipeline where spaCy's English pipeline is not installed."""
        assert scorer is not None
        texts = [item.caption.text for item in items]
        candidates = map(_one_a_noun, scored_nouns(texts, self._finder, scorer, 1))
        return [self._place(text, row) for text, row in zip(texts, candidates, strict=True)]

    def _place(self, text: str, candidates: Sequence[Candidate]) -> Rewrite:
        if self._careful:
            return place_adjectives(text, candidates, self._finder.lemma)
        return place_plainly(text, candidates)


class AnpReplace(AnpScoring):
    """The same with a scorer that does not see the image: a noun gets its commonest adjective."""

    scorer: ScorerNeed = "prior"

    def __init__(self, prior: Ontology | None, careful: bool) -> None:
        super().__init__(careful)
        self.prior = prior


def _one_a_noun(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of a noun that the scorer knows as singular and as plural, the likelier one; they come likeliest first."""
    best: dict[NounPhrase, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.phrase, candidate)
    return list(best.values())
