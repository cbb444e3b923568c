"""Base noun phrases from part-of-speech tags: from the determiner to the head noun, nothing after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .expressions import (
    ADVERBS,
    ANIMALS,
    ATTRIBUTIVE,
    AUXILIARIES,
    COLOURS,
    COMPOUNDING,
    FIXED,
    MATERIALS,
    MEASURES,
    PEOPLE,
    PLURAL_MODIFIERS,
    PURPOSES,
    QUANTIFIERS,
    SAMENESS,
    word_set,
)
from .numbers import INVARIANT, LABELS, UNITS
from .possessives import is_owner_of_a_kind
from .tagged import ADJECTIVE_TAGS, DETERMINER_TAGS, NOUN_TAGS, PLURAL_TAGS, Lemma, Sentence

_MISREAD_TAGS = frozenset({"FW", "UH", "VB", "VBP", "VBZ"})  # no verb stands right after an article
_DECADE = re.compile(r"(?:1[5-9]|20)?['’]?\d0['’]?s")
_TITLES = frozenset(
    ["mr.", "mrs.", "ms.", "dr.", "st.", "mt.", "jr.", "sr.", "no.", "ft.", "vs.", "ave.", "rd.", "blvd."]
)
_OF_MANY = word_set("all both these those")
_PARTICIPLE_TAGS = frozenset({"VBG", "VBN", "VBD"})


class Chunk(NamedTuple):
    """Token positions in a sentence: determiners and numbers from `start`, modifiers from `first`, the noun at `head`.

    ``start <= first <= head``.
    """

    start: int
    first: int
    head: int


def chunks(sentence: Sentence, lemma: Lemma) -> list[Chunk]:
    """The base noun phrases of a sentence whose tags are mended, in order."""
    found: list[Chunk] = []
    position = len(sentence.words) - 1
    while position >= 0:
        if sentence.tags[position] not in NOUN_TAGS:
            position -= 1
            continue
        first = _first_modifier(sentence, position, lemma)
        chunk = Chunk(_start(sentence, first), first, position)
        found.append(chunk)
        position = chunk.start - 1 if chunk.start < position else position - 1
    return found[::-1]


def _first_modifier(sentence: Sentence, head: int, lemma: Lemma) -> int:
    """The position of the first word between the determiner or number and the noun at `head`; else `head`."""
    first = head
    while first > 0 and (step := _step(sentence, first, head, lemma)):
        first -= step
    return first


def _step(sentence: Sentence, first: int, head: int, lemma: Lemma) -> int:
    """How many of the words right before `first` belong to the same modifiers of the noun at `head`."""
    words, tags = sentence.words, sentence.tags
    before = first - 1
    word, tag = words[before], tags[before]
    if word.endswith(".") and _ends_sentence(sentence, before):
        return 0
    if tags[first] == "CD":
        if word == "." and words[before - 1] == "no":
            return 2  # "the No. 12 bus"
        if word in LABELS:
            return 1
    if (word, lemma(words[first])) in FIXED:
        return int(tag != "VBG" or not _acts(words, before, lemma))
    if word in QUANTIFIERS:
        if word == "all" and words[first] in COLOURS and before > 0 and tags[before - 1] in DETERMINER_TAGS:
            return 1  # "an all white room"
        sort = word in SAMENESS and words[first] in COMPOUNDING  # "different colored umbrellas"
        return int(sort or tags[first] == "HYPH" or words[first] in MEASURES | (UNITS if word == "half" else set()))
    if tag in ADJECTIVE_TAGS or (tag in NOUN_TAGS and _compounds(sentence, before)):
        return 1
    if tag == "CD" or _DECADE.fullmatch(word):
        return int(tags[first] == "HYPH" or words[first] in MEASURES or _is_label(sentence, before, head, lemma))
    if tag in _PARTICIPLE_TAGS:
        return _participle(sentence, before)
    if tag in ("RB", "RBR", "RBS"):
        return int(_describes(words, tags, before, first))
    if before == 0:
        return 0
    if tag in _MISREAD_TAGS:
        return int(words[before - 1] in ("a", "an", "the") or tags[before - 1] == "PRP$")
    if tag == "HYPH":
        return 2 if sentence.ends[before - 1] + 1 == sentence.ends[before] == sentence.starts[first] else 0
    if tag == "CC" or word == ",":
        joins = first != head and tags[before - 1] in ADJECTIVE_TAGS | {"VBN"}
        return 2 if joins and words[before - 1] not in QUANTIFIERS else 0
    return 2 if tag == "POS" and _descriptive_genitive(sentence, before, lemma) else 0


def _ends_sentence(sentence: Sentence, i: int) -> bool:
    """Whether the full stop of the abbreviation at `i` ends a sentence too: "It is 9 a.m. Children wait"."""
    following = sentence.text[sentence.starts[i + 1]]
    return following.isupper() and sentence.words[i] not in _TITLES


def _is_label(sentence: Sentence, i: int, head: int, lemma: Lemma) -> bool:
    """Whether the number at `i` is not a count but part of the name: "the 2010 race car", "a 50 mph sign"."""
    words, tags = sentence.words, sentence.tags
    if _DECADE.fullmatch(words[i]):
        return True
    if i > 0 and (words[i - 1] in LABELS or (words[i - 1] == "." and words[i - 2] == "no")):
        return True
    if i + 1 < head and lemma(words[i + 1]) in UNITS:
        return True
    noun = words[head]
    one = tags[head] not in PLURAL_TAGS and lemma(noun) == noun and noun not in INVARIANT | PEOPLE
    determined = i > 0 and (
        tags[i - 1] in ("DT", "PRP$", "POS") and words[i - 1] not in ("all", "both", "these", "those")
    )
    return one and determined and words[i] != "one"


def _compounds(sentence: Sentence, i: int) -> bool:
    """Whether the noun at `i` modifies the noun after it."""
    word, tag = sentence.words[i], sentence.tags[i]
    if tag == "NNPS" and sentence.tags[i + 1] == "NNP":
        return True  # "a Boys Scout party"
    return tag not in PLURAL_TAGS or word in PLURAL_MODIFIERS or sentence.tags[i + 1] == "HYPH"


def _acts(words: Sequence[str], i: int, lemma: Lemma) -> bool:
    """Whether the word in -ing at `i` is what somebody does: "zebras stand, drinking water"."""
    # Not after "'s", which may be an owner's: "a bus has its running lights on" is often misspelt.
    if i == 0:
        return False
    return words[i - 1] in AUXILIARIES - {"'s"} | {",", "and", "while"} or lemma(words[i - 1]) in PEOPLE | ANIMALS


def _participle(sentence: Sentence, i: int) -> int:
    """How many words the participle at `i` adds to the modifiers of the noun after it: 0 where it is a verb."""
    words, tags = sentence.words, sentence.tags
    word, tag = words[i], tags[i]
    if i == 0:
        return int(tag in ("VBN", "VBD") or word in ATTRIBUTIVE)
    before, previous = tags[i - 1], words[i - 1]
    if before == "HYPH":
        return 1
    made = tag == "VBN" and previous not in PEOPLE | ANIMALS
    if before in NOUN_TAGS and before not in PLURAL_TAGS and (made or word in COMPOUNDING):
        return 2  # "snow covered hills"
    if tag == "VBG" and previous in ("both", "all", "each", "that"):
        return 0
    if before in DETERMINER_TAGS or before in ADJECTIVE_TAGS or before == "CD":
        return 1
    if previous in MATERIALS and words[i + 1] in PURPOSES:
        return 1  # "a glass mixing bowl"
    if tag == "VBD" or before in NOUN_TAGS or before == "PRP":
        return 0
    if before == "IN" and words[i + 1] in PURPOSES:
        return 1  # "in feeding areas"
    if before in ("RB", "CC", ","):
        if word in ATTRIBUTIVE:
            return 1
        return int(tag == "VBN" and (before != "RB" or previous.endswith("ly") or previous in ADVERBS))
    if before[:2] == "VB" and previous in AUXILIARIES:
        return 0
    return int(tag == "VBN" or word in ATTRIBUTIVE)


def _describes(words: Sequence[str], tags: Sequence[str], adverb: int, first: int) -> bool:
    """Whether the adverb belongs to the adjective after it: "brightly colored", "very old"; not "here old"."""
    if tags[first] not in ADJECTIVE_TAGS | _PARTICIPLE_TAGS | {"RB"}:
        return False
    after_determiner = adverb > 0 and (tags[adverb - 1] in DETERMINER_TAGS or tags[adverb - 1] == "CD")
    return after_determiner or words[adverb].endswith("ly") or words[adverb] in ADVERBS


def _descriptive_genitive(sentence: Sentence, i: int, lemma: Lemma) -> bool:
    """Whether the 's at `i` ends a sort rather than an owner: "a men's bathroom", not "the man's hat"."""
    if i and is_owner_of_a_kind(sentence.words, i - 1, lemma):
        return True
    if i < 2 or sentence.tags[i - 1] not in PLURAL_TAGS:
        return False
    return sentence.words[i - 2] in ("a", "an")


def _start(sentence: Sentence, first: int) -> int:
    """The position of the first determiner, number or quantifier before `first`; else `first`."""
    start = first
    while start > 0:
        word, tag = sentence.words[start - 1], sentence.tags[start - 1]
        if not (tag in DETERMINER_TAGS or tag == "CD" or word in QUANTIFIERS):
            break
        start -= 1
    return start
