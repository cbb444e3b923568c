"""Puts a tagger's adjectives on the nouns of generated captions."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from sentikit import Caption, Edit, Rewrite, Scorer, Tag
from sentikit.english import insertion, words
from sentikit.english.noun_phrases import NounFinder, NounPhrase
from sentikit.english.placement import Candidate, place_adjectives

_CANDIDATES = 5
"""So many adjectives of a noun are worth trying."""


class NounForcing:
    """A noun that the tagger knows gets the adjective that it scores best for this image and this noun.

    Nouns are found, and adjectives placed, with the care of the spacy-lemma rewriter. The likeliest ANP of the image
    is placed first, and the flow keeps the best: an edit's probability is that of its ANP, not of the adjective given
    the noun, by which a noun with a single adjective would always win.
    """

    needs_scorer = True
    default_max_edits: int | None = 1

    def __init__(self) -> None:
        self._finder = NounFinder()

    def combine(self, items: Sequence[tuple[Caption, Sequence[Tag]]], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`. Raises MissingPipeline where spaCy's English pipeline is not installed."""
        assert scorer is not None
        phrases = list(self._finder.find((caption.text, None) for caption, _ in items))
        nouns = [
            list(dict.fromkeys(noun for phrase in found for noun in _forms(caption.text, phrase)))
            for (caption, _), found in zip(items, phrases, strict=True)
        ]
        tags = [
            dict(zip(wanted, ranked, strict=True))
            for wanted, ranked in zip(nouns, scorer.adjectives(nouns), strict=True)
        ]
        candidates = [
            [
                Candidate(phrase, tag)
                for phrase in found
                for noun in _forms(caption.text, phrase)
                for tag in known[noun][:_CANDIDATES]
            ]
            for (caption, _), found, known in zip(items, phrases, tags, strict=True)
        ]
        scores = scorer.score([[candidate.tag.anp for candidate in row] for row in candidates])
        rewrites = []
        for (caption, _), row, likelihoods in zip(items, candidates, scores, strict=True):
            likely = [
                Candidate(phrase, tag._replace(probability=exp(likelihood)))
                for (phrase, tag), likelihood in zip(row, likelihoods, strict=True)
            ]
            likely.sort(key=lambda candidate: -(candidate.tag.probability or 0.0))
            rewrites.append(place_adjectives(caption.text, likely, self._finder.lemma))
        return rewrites


def _forms(text: str, phrase: NounPhrase) -> list[str]:
    """The noun as it stands in the caption, and its lemma: an ontology may have either."""
    return list(dict.fromkeys((text[phrase.head_start : phrase.head_end].lower(), phrase.lemma)))


class PaperNounForcing:
    """The paper's own: the ANPs that the tagger generated, each before its noun where the caption has that very word.

    It knows no grammar; "train track" is a train (figure 11).
    """

    needs_scorer = False
    default_max_edits: int | None = None

    def combine(self, items: Sequence[tuple[Caption, Sequence[Tag]]], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`."""
        return [self._combine(caption.text, tags) for caption, tags in items]

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
