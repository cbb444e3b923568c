"""A tagger's adjectives put before the nouns of captions, as number sequences to be learnt from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from sentikit import Tag
from sentikit.english import article
from sentikit.english.noun_phrases import NounFinder, NounPhrase
from sentikit.nn.vocabulary import Vocabulary


class Noun(NamedTuple):
    """A noun of a caption that can take an adjective."""

    word_index: int
    """Its number among the caption's words, from 0."""
    lemma: str


class Pair(NamedTuple):
    """An adjective before a noun of a caption of an image."""

    image: int
    caption: int
    word_index: int
    """Of the noun in the caption without the adjective: its number among the words, from 0."""
    ids: list[int]
    """`[SOS]`, the words before the noun, the adjective, the noun."""
    tag: Tag
    agrees: bool
    """Whether the tag's noun is the caption's."""


def find_nouns(
    finder: NounFinder, captions: Iterable[Sequence[str]], wanted: Collection[str] | None
) -> Iterator[tuple[Noun, ...]]:
    """Those nouns of each caption, given as words, that are `wanted`, in singular or plural; None: all of them.

    A noun right after another that belongs to it ("track" in "train track") is none: nothing goes between the two.
    """
    captions = list(captions)
    found = finder.find((" ".join(words), wanted) for words in captions)
    for words, phrases in zip(captions, found, strict=True):
        starts = [0, *accumulate(len(word) + 1 for word in words)]
        yield tuple(
            Noun(bisect_right(starts, phrase.head_start) - 1, phrase.lemma)
            for phrase in phrases
            if not _is_compound(phrase)
        )


def _is_compound(phrase: NounPhrase) -> bool:
    return bool(phrase.modifiers) and not phrase.modifiers[-1].is_adjective


class Pairing:
    """Puts the tags of images on the nouns of their captions."""

    def __init__(self, vocabulary: Vocabulary, lemma: Callable[[str], str], everywhere: bool) -> None:
        """`everywhere`: nouns with which no tag agrees get the image's most probable one."""
        self._vocabulary = vocabulary
        self._lemma = lemma
        self._everywhere = everywhere
        articles = ("a", "an")
        self._articles = (
            {vocabulary.id(word) for word in articles} if all(map(vocabulary.__contains__, articles)) else ()
        )

    def __call__(
        self,
        captions: Sequence[Sequence[list[int]]],
        nouns: Sequence[Sequence[Sequence[Noun]]],
        tags: Sequence[list[Tag]],
    ) -> list[Pair]:
        """The pairs of a batch in the order of images, captions and nouns.

        captions: encoded, of each image. nouns: of each of them. tags: of each image, best first.
        An adjective that is no word of the vocabulary is passed over; so are nouns that are none, or were cut off, and
        captions that have the adjective already.
        """
        return [
            pair
            for image, (encoded, found, known) in enumerate(zip(captions, nouns, tags, strict=True))
            for pair in self._of_image(image, encoded, found, known)
        ]

    def _of_image(
        self, image: int, captions: Sequence[list[int]], nouns: Sequence[Sequence[Noun]], tags: Sequence[Tag]
    ) -> Iterator[Pair]:
        usable = [tag for tag in tags if tag.adjective in self._vocabulary]
        by_noun = {self._lemma(tag.noun): tag for tag in reversed(usable)}
        best = usable[0] if usable and self._everywhere else None
        for caption, (ids, found) in enumerate(zip(captions, nouns, strict=True)):
            for word_index, lemma in found:
                agreeing = by_noun.get(lemma)
                tag = agreeing or best
                if tag and (put := self._put(ids, word_index, tag.adjective)):
                    yield Pair(image, caption, word_index, put, tag, agreeing is not None)

    def _put(self, ids: list[int], word_index: int, adjective: str) -> list[int]:
        """The caption up to its noun, with the adjective and the article that it wants; [] where it cannot be put."""
        number = self._vocabulary.id(adjective)
        noun = ids[word_index + 1] if word_index + 2 < len(ids) else self._vocabulary.unknown
        if noun == self._vocabulary.unknown or number in ids:
            return []
        before = ids[: word_index + 1]
        if before[-1] in self._articles:
            before[-1] = self._vocabulary.id(article(adjective))
        return [*before, number, noun]
