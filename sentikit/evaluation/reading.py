"""What captions say and how they are written: their ANPs, and slips of grammar. Several metrics need the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from ..affect.emotional import is_emotional, is_emotional_word
from ..anp import ANP
from ..english.adjectives import has_adjective
from ..english.articles import article
from ..english.meanings import are_synonyms
from ..english.noun_phrases import NounFinder, NounPhrase
from ..english.order import misplaced
from ..english.stated import StatedANPs

_ARTICLE = re.compile(r"(?<![\w'’&-])(an?)\s+[^\w\s]*(?=\w)", re.IGNORECASE)


class Reading(NamedTuple):
    """What is known of a caption after it was read.

    adjectives: whether a word of it is mostly used as an adjective.
    anps: the adjectives that it states, with their nouns; `emotional` are those of them that tell a feeling.
    articles: how many times it says "a" or "an"; `wrong_articles` are those that the next word's sound denies.
    phrases: its noun phrases with two adjectives or more. misplaced: neighbours among these that stand the wrong way
    round. doubled: adjectives of one noun that say the same twice.
    """

    adjectives: bool
    anps: frozenset[ANP]
    emotional: frozenset[ANP]
    articles: int
    wrong_articles: int
    phrases: int
    misplaced: int
    doubled: int


def read_texts(texts: Iterable[str]) -> list[Reading]:
    """The reading of each text, in order. A text is read once, however often it is asked for.

    Raises MissingPipeline where spaCy's English pipeline is not installed.
    """
    return _reader().read(list(texts))


@cache
def _reader() -> _Reader:
    return _Reader()


class _Reader:
    """Reads texts with spaCy's tagger, and remembers them."""

    def __init__(self) -> None:
        self._finder = NounFinder()
        self._stated = StatedANPs(_is_adjective)
        self._known: dict[str, Reading] = {}

    def read(self, texts: Sequence[str]) -> list[Reading]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for text, phrases in zip(new, self._finder.find((text, None) for text in new), strict=True):
            self._known[text] = self._reading(text, phrases)
        return [self._known[text] for text in texts]

    def _reading(self, text: str, phrases: Sequence[NounPhrase]) -> Reading:
        anps = self._stated.said(text, phrases)
        spoken = _ARTICLE.finditer(text)
        right = [match[1].lower() == article(text[match.end() :]) for match in spoken]
        described = [phrase for phrase in phrases if sum(modifier.is_adjective for modifier in phrase.modifiers) > 1]
        return Reading(
            adjectives=has_adjective(text),
            anps=anps,
            emotional=frozenset(filter(is_emotional, anps)),
            articles=len(right),
            wrong_articles=right.count(False),
            phrases=len(described),
            misplaced=sum(map(misplaced, described)),
            doubled=sum(map(_doubled, described)),
        )


def _is_adjective(word: str) -> bool:
    return has_adjective(word) or is_emotional_word(word)


def _doubled(phrase: NounPhrase) -> int:
    words = [modifier.word for modifier in phrase.modifiers if modifier.is_adjective]
    return sum(any(are_synonyms(word, other) for other in words[:index]) for index, word in enumerate(words))
