"""The nouns of captions with the adjectives that a scorer has for them: what combiners that ask a scorer share."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf

from ..plugin.interfaces import Scorer
from .noun_phrases import NounFinder, NounPhrase
from .placement import Candidate


def scored_nouns(texts: Sequence[str], finder: NounFinder, scorer: Scorer, adjectives: int) -> list[list[Candidate]]:
    """For each text, its nouns with the `adjectives` best ones of each, the likeliest ANP of the image first.

    Which adjectives are best is decided by P(adjective | noun, image), and the order by the ANP's own probability,
    which the tags have: by the other, a noun with a single adjective would always come first. An ANP that the scorer
    holds impossible is no candidate. Row i of the scorer belongs to text i. Raises MissingPipeline where spaCy's
    English pipeline is not installed.
    """
    phrases = list(finder.find((text, None) for text in texts))
    nouns = [
        list(dict.fromkeys(noun for phrase in found for noun in noun_forms(text, phrase)))
        for text, found in zip(texts, phrases, strict=True)
    ]
    ranked = [
        dict(zip(wanted, tags, strict=True)) for wanted, tags in zip(nouns, scorer.adjectives(nouns), strict=True)
    ]
    candidates = [
        [
            Candidate(phrase, tag)
            for phrase in found
            for noun in noun_forms(text, phrase)
            for tag in known[noun][:adjectives]
        ]
        for text, found, known in zip(texts, phrases, ranked, strict=True)
    ]
    scores = scorer.score([[candidate.tag.anp for candidate in row] for row in candidates])
    return [_likeliest_first(row, values) for row, values in zip(candidates, scores, strict=True)]


def noun_forms(text: str, phrase: NounPhrase) -> list[str]:
    """The noun as it stands in the text, and its lemma: an ontology may have either."""
    return list(dict.fromkeys((text[phrase.head_start : phrase.head_end].lower(), phrase.lemma)))


def _likeliest_first(candidates: Sequence[Candidate], scores: Sequence[float]) -> list[Candidate]:
    likely = [
        Candidate(phrase, tag._replace(probability=exp(score)))
        for (phrase, tag), score in zip(candidates, scores, strict=True)
        if score > -inf
    ]
    return sorted(likely, key=lambda candidate: -(candidate.tag.probability or 0.0))
