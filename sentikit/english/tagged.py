"""A sentence with part-of-speech tags, and what a tagger trained on newspapers gets wrong in captions put right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .abbreviations import ABBREVIATIONS
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
from .numbers import ACTS_OF, INVARIANT
from .wordnet import names_a_person

Lemma = Callable[[str], str]

NOUN_TAGS = frozenset({"NN", "NNS", "NNP", "NNPS"})
PLURAL_TAGS = frozenset({"NNS", "NNPS"})
ADJECTIVE_TAGS = frozenset({"JJ", "JJR", "JJS", "AFX"})
DETERMINER_TAGS = frozenset({"DT", "PDT", "PRP$", "WP$", "POS"})

# They say what a thing is not like, or without, and are no nouns.
_ADJECTIVES = word_set("absent devoid void")
_MADE_UP = re.compile("[b-df-hj-np-tv-xz]{3,4}")  # "sks": what people name their own subject in captions to train on
_PLURAL_DETERMINERS = word_set("some several many few these those both all various multiple numerous most other")
_AFTER_SEVERAL = RACING | word_set("stand sit lie swim look move roam gather cross eat feed lay jump wander fly face")
_SINGULAR_DETERMINERS = word_set("a an one this that another each every")


class Sentence(NamedTuple):
    """A tagged text.

    words: in lower case and American spelling. tags: Penn Treebank tags. starts, ends: offsets in the text.
    """

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
        elif word in _ADJECTIVES:
            tags[i] = "JJ"
        elif (word in INVARIANT and _is_several(words, tags, i)) or (
            i == 0 and tags[i] == "NNP" and lemma(word) != word
        ):
            tags[i] = "NNS"
        elif tags[i] not in NOUN_TAGS:
            tags[i] = _missed(words, tags, i, lemma) or tags[i]
        elif word in COLOURS and _describes(words, tags, i):
            tags[i] = "JJ"
        elif lemma(word) in ABBREVIATIONS:
            tags[i] = "NN" if word in ABBREVIATIONS else "NNS"
        elif i and tags[i - 1] in NOUN_TAGS:
            tags[i] = _verb_tag(words, tags, i, lemma) or tags[i]
        elif tags[i] == "NNS" and tags[i + 1 : i + 2] == ["NN"] and _MADE_UP.fullmatch(word):
            tags[i] = "NN"
    return sentence._replace(tags=tags)


def _is_several(words: Sequence[str], tags: Sequence[str], i: int) -> bool:
    """Whether a noun that has no plural of its own stands for several here: "some deer", "Sheep graze"."""
    if tags[i + 1 : i + 2] and tags[i + 1] in NOUN_TAGS and words[i + 1] not in _AFTER_SEVERAL:
        return False  # "two fish tanks"
    if i == 0:
        return tags[i] != "NNP" and tags[1:2] != ["CC"]
    at = i - 1
    while at > 0 and tags[at] in ADJECTIVE_TAGS and words[at] not in _PLURAL_DETERMINERS:
        at -= 1
    return words[at] in _PLURAL_DETERMINERS or (tags[at] == "CD" and words[at] != "one")


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
    alive = tags[i - 1] not in PLURAL_TAGS and (words[i - 1] in PEOPLE | ANIMALS or names_a_person(words[i - 1]))
    if tag == "NN" and (word in TRANSITIVES or (last and word in ACTIONS)):
        return "VBG"  # "a zebra standing in grass"
    if word in DEEDS and (words[i - 1], word) not in FIXED and lemma(words[i - 1]) in PEOPLE | ANIMALS:
        return "VBG"
    if word in GEAR and i > 1 and tags[i - 2] == "IN":
        return None
    verbs = _AFTER_SEVERAL if words[i - 1] in INVARIANT else RACING
    if tag in ("NN", "NNP") and word in verbs and tags[i - 1] == "NNS" and (last or tags[i + 1] == "NNS"):
        return "VBP"  # "two dogs race", "people park cars"
    if not last:
        return None
    if tag == "NN" and alive and word.endswith("ing") and word not in GERUND_NOUNS:
        return "VBG"
    if tag != "NNS":
        return None
    if word in ACTS and (lemma(word) != word or alive):
        return "VBZ"  # "a dog leaps"
    if word in ACTS_OF and (alive or lemma(words[i - 1]) in ACTS_OF[word]) and tags[i - 1] not in PLURAL_TAGS:
        return "VBZ"
    return "VBZ" if lemma(word) != word and _is_singular(words, tags, i - 1) else None


def _is_singular(words: Sequence[str], tags: Sequence[str], i: int) -> bool:
    """Whether the noun at `i` ends a phrase that begins with "a", so that a plural cannot follow."""
    if tags[i] in PLURAL_TAGS or words[i] in QUANTIFIERS:
        return False
    while i > 0 and (tags[i - 1] in NOUN_TAGS | ADJECTIVE_TAGS | {"HYPH"} or tags[i] == tags[i - 2] == "HYPH"):
        i -= 1
        if words[i] in QUANTIFIERS:
            return False
    return i > 0 and words[i - 1] in _SINGULAR_DETERMINERS
