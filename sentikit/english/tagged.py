"""A sentence with part-of-speech tags, and what a tagger trained on newspapers gets wrong in captions put right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .expressions import (
    ACTIONS,
    ACTS,
    ANIMALS,
    COLOURS,
    DEEDS,
    FIXED,
    GEAR,
    GERUND_NOUNS,
    NUMBERS,
    PEOPLE,
    QUANTIFIERS,
    RACING,
    TRANSITIVES,
    word_set,
)

# Nouns that are written in capitals, and no names. A plural has an s behind them.
ABBREVIATIONS = word_set("tv hdtv ufo rv suv atv utv atm pc cd dvd vcr bbq hd lcd mp3 nfc id ids")
_PLURAL_ABBREVIATIONS = frozenset(f"{word}s" for word in ABBREVIATIONS)
# Their plural is like the singular.
_UNCHANGED = word_set(
    "sheep deer fish moose elk bison salmon trout shrimp squid cod tuna reindeer swine buffalo cattle"
)
_PLURAL_DETERMINERS = word_set("two three four five six seven eight nine ten several many some few these those both")

Lemma = Callable[[str], str]

NOUN_TAGS = frozenset({"NN", "NNS", "NNP", "NNPS"})
PLURAL_TAGS = frozenset({"NNS", "NNPS"})
ADJECTIVE_TAGS = frozenset({"JJ", "JJR", "JJS", "AFX"})
DETERMINER_TAGS = frozenset({"DT", "PDT", "PRP$", "WP$", "POS"})

_SINGULAR_DETERMINERS = word_set("a an one this that another each every")


class Sentence(NamedTuple):
    """A tagged text. words: in lower case. tags: Penn Treebank tags. starts, ends: offsets in the text."""

    text: str
    words: Sequence[str]
    tags: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]


def mended(sentence: Sentence, lemma: Lemma) -> Sentence:
    """`sentence`, with nouns that the tagger missed, and something else for words that it took for nouns."""
    words, tags = sentence.words, list(sentence.tags)
    for i, word in enumerate(words):
        if word in NUMBERS:
            tags[i] = "CD"
        elif word in ABBREVIATIONS and not _is_part_of_name(tags, i):
            tags[i] = "NN"
        elif word in _UNCHANGED and _is_several(words, tags, i):
            tags[i] = "NNS"
        elif tags[i] not in NOUN_TAGS:
            tags[i] = _missed(words, tags, i, lemma) or tags[i]
        elif word in COLOURS and _describes(words, tags, i):
            tags[i] = "JJ"
        elif i and tags[i - 1] in NOUN_TAGS:
            tags[i] = _verb_tag(words, tags, i, lemma) or tags[i]
    return sentence._replace(tags=tags)


def _is_part_of_name(tags: Sequence[str], i: int) -> bool:
    """Whether a name stands before or after the word at `i`: "HD Smith"."""
    return "NNP" in (tags[i - 1] if i else "", tags[i + 1] if i + 1 < len(tags) else "")


def _is_several(words: Sequence[str], tags: Sequence[str], i: int) -> bool:
    """Whether a word before the noun at `i` makes it a plural, or the verb after it: "three white sheep"."""
    if i == 0 and len(words) > 1 and words[1] in RACING:
        return True  # "sheep graze"
    while i > 0 and tags[i - 1] in ADJECTIVE_TAGS:
        i -= 1
        if words[i] in _PLURAL_DETERMINERS:
            return True
    return i > 0 and words[i - 1] in _PLURAL_DETERMINERS


def _missed(words: Sequence[str], tags: Sequence[str], i: int, lemma: Lemma) -> str | None:
    """The tag of the noun or adjective that the word at `i` is after all, or None."""
    word, tag = words[i], tags[i]
    noun = lemma(word)
    following = tags[i + 1] if i + 1 < len(tags) else ""
    if i and (words[i - 1], noun) in FIXED and not word.endswith("ing"):
        return "NN" if word == noun else "NNS"  # "a fire hydrant"
    if tag == "JJ" and noun != word and following not in NOUN_TAGS:
        return "NNS"  # "two geese"
    if i == 0 and tag == "VBZ" and following in ("IN", "VBN", "VBG") and words[1] != "like":
        return "NNS"  # "leaves on the ground"
    if i and tag == "RB" and following in NOUN_TAGS and tags[i - 1] in ("DT", "RB", "JJ"):
        return "JJ"  # "a very pretty lady"
    return None


def _describes(words: Sequence[str], tags: Sequence[str], i: int) -> bool:
    """Whether the colour at `i` is an adjective: "orange cat", "orange and white cat"."""
    if i + 1 == len(words):
        return False
    if words[i + 1] in ("and", ",", "&") and i + 2 < len(words):
        return tags[i + 2] in ADJECTIVE_TAGS or words[i + 2] in COLOURS
    return tags[i + 1] in NOUN_TAGS | ADJECTIVE_TAGS | {"HYPH"}


def _verb_tag(words: Sequence[str], tags: Sequence[str], i: int, lemma: Lemma) -> str | None:
    """The tag of the verb that the "noun" at `i`, which follows a noun, is; None where it is a noun."""
    word, tag = words[i], tags[i]
    last = i + 1 == len(words) or tags[i + 1] not in NOUN_TAGS
    alive = tags[i - 1] not in PLURAL_TAGS and words[i - 1] in PEOPLE | ANIMALS
    if tag == "NN" and (word in TRANSITIVES or (last and word in ACTIONS)):
        return "VBG"  # "a zebra standing in grass"
    if word in DEEDS and (words[i - 1], word) not in FIXED and lemma(words[i - 1]) in PEOPLE | ANIMALS:
        return "VBG"
    if word in GEAR and i > 1 and tags[i - 2] == "IN":
        return None
    if tag == "NN" and word in RACING and tags[i - 1] == "NNS" and (last or tags[i + 1] == "NNS"):
        return "VBP"  # "two dogs race", "people park cars"
    if not last:
        return None
    if tag == "NN" and alive and word.endswith("ing") and word not in GERUND_NOUNS:
        return "VBG"
    if tag == "NNS" and lemma(word) != word and (word in ACTS or _is_singular(words, tags, i - 1)):
        return "VBZ"  # "a dog leaps"
    return None


def _is_singular(words: Sequence[str], tags: Sequence[str], i: int) -> bool:
    """Whether the noun at `i` ends a phrase that begins with "a", so that a plural cannot follow."""
    if tags[i] in PLURAL_TAGS or words[i] in QUANTIFIERS:
        return False
    while i > 0 and tags[i - 1] in NOUN_TAGS | ADJECTIVE_TAGS:
        i -= 1
        if words[i] in QUANTIFIERS:
            return False
    return i > 0 and words[i - 1] in _SINGULAR_DETERMINERS
