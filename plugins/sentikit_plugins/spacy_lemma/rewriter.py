"""Puts adjectives on the nouns of captions as a careful writer would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sentikit import Caption, Rewrite, Tag
from sentikit.english.noun_phrases import NounFinder, NounPhrase
from sentikit.english.placement import Candidate, place_adjectives

_BATCH = 1024


class SpacyLemma:
    """The careful writer: nouns by lemma and only where they are nouns, adjectives where English puts them.

    Every good edit of a caption is made; the pipeline keeps the most probable one of a sentence, three of a caption.
    """

    default_max_edits: int | None = 3
    default_edits_per_sentence = 1

    def __init__(self) -> None:
        self.finder = NounFinder()

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order; it reads some thousand items ahead at most.

        Raises MissingPipeline where spaCy's English pipeline is not installed.
        """
        source = iter(items)
        while batch := list(islice(source, _BATCH)):
            wanted = ((caption.text, {tag.noun for tag in tags}) for caption, tags in batch)
            for (caption, tags), phrases in zip(batch, self.finder.find(wanted), strict=True):
                yield self.decide(caption, tags, phrases)

    def decide(self, caption: Caption, tags: Sequence[Tag], phrases: Sequence[NounPhrase]) -> Rewrite:
        """The rewrite of a caption whose noun phrases are known. Tags come best first."""
        if not phrases:
            return Rewrite(caption.text)
        lemma = self.finder.lemma
        candidates = [Candidate(phrase, tag) for tag in tags for phrase in phrases if phrase.lemma == lemma(tag.noun)]
        return place_adjectives(caption.text, candidates, lemma)
