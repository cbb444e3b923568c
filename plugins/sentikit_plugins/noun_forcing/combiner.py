"""Puts a tagger's adjectives on the nouns of generated captions."""

from __future__ import annotations

from collections.abc import Sequence

from sentikit import CombinerItem, Edit, Rewrite, Scorer, ScorerNeed, Tag
from sentikit.english import insertion, words
from sentikit.english.noun_phrases import NounFinder
from sentikit.english.placement import place_adjectives
from sentikit.english.scored_nouns import scored_nouns

_CANDIDATES = 5
"""So many adjectives of a noun are worth trying."""


class NounForcing:
    """A noun that the tagger knows gets the adjective that it scores best for this image and this noun.

    Nouns are found, and adjectives placed, with the care of the spacy-lemma rewriter. The likeliest ANP of the image
    is placed first, and the flow keeps the best: an edit's probability is that of its ANP, not of the adjective given
    the noun, by which a noun with a single adjective would always win.
    """

    scorer: ScorerNeed = "tagger"
    default_max_edits: int | None = 3
    default_edits_per_sentence = 1

    def __init__(self) -> None:
        self._finder = NounFinder()

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`. Raises MissingPipeline where spaCy's English pipeline is not installed."""
        assert scorer is not None
        texts = [item.caption.text for item in items]
        candidates = scored_nouns(texts, self._finder, scorer, _CANDIDATES)
        lemma = self._finder.lemma
        return [place_adjectives(text, row, lemma) for text, row in zip(texts, candidates, strict=True)]


class PaperNounForcing:
    """The paper's own: the ANPs that the tagger generated, each before its noun where the caption has that very word.

    It knows no grammar; "train track" is a train (figure 11).
    """

    scorer: ScorerNeed = "none"
    default_max_edits: int | None = None

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`."""
        return [self._combine(item.caption.text, item.tags) for item in items]

    def _combine(self, text: str, tags: Sequence[Tag]) -> Rewrite:
        found = words(text)
        first = {word.lower: word for word in reversed(found)}
        used = {word.lower for word in found}
        edits: list[Edit] = []
        for tag in tags:
            if tag.noun in first and tag.adjective not in used:
                edits.append(insertion(text, first.pop(tag.noun).start, tag.adjective, tag))
                used.add(tag.adjective)
        return Rewrite.from_edits(text, edits)
