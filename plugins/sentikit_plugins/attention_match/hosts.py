"""The nouns of a caption that an adjective can be put on, with where the captioner looked for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sentikit import Caption
from sentikit.english.noun_phrases import NounPhrase
from sentikit.english.scored_nouns import noun_forms
from sentikit.nn.attention_maps import Maps, map_of_span, normalised, without_position_bias

Span = tuple[int, int]


class Host(NamedTuple):
    """A noun. The adjective goes where `phrase` has its place, also where the noun is only part of its compound."""

    phrase: NounPhrase
    nouns: tuple[str, ...]
    """As it stands in the caption, and its lemma."""
    map: Maps
    """``(height, width)``, without position bias."""


def hosts(
    caption: Caption, phrases: Sequence[NounPhrase], lemma: Callable[[str], str], head_of_compound: bool
) -> list[Host]:
    """The hosts of a caption that has attention, in order; a noun that none of its words belongs to is none.

    A phrase's map is the mean over its words from the first modifier on. Where `head_of_compound` is False, "train" of
    "train track" is a host too, with the map of that word.
    """
    assert caption.attention is not None
    maps = without_position_bias(caption.attention)
    spans = caption.word_spans()
    found: list[Host] = []
    for phrase in phrases:
        wanted = [] if head_of_compound else _compounded(phrase, lemma)
        wanted.append(((phrase.insert_at, phrase.head_end), noun_forms(caption.text, phrase)))
        for span, nouns in wanted:
            looked = map_of_span(maps, spans, *span)
            if looked is not None:
                found.append(Host(phrase, tuple(nouns), normalised(looked)))
    return found


def _compounded(phrase: NounPhrase, lemma: Callable[[str], str]) -> list[tuple[Span, list[str]]]:
    """The nouns before the noun of `phrase` and where they stand: "train" of "train track"."""
    return [
        ((part.start, part.start + len(part.word)), list(dict.fromkeys((part.word, lemma(part.word)))))
        for part in phrase.modifiers
        if not part.is_adjective
    ]
