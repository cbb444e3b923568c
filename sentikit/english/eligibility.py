"""Which base noun phrases can take an adjective, and which are negated, idioms, names or no things at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .chunks import Chunk
from .expressions import (
    ATTRIBUTIVE,
    COLOURS,
    DEGREES,
    FIXED,
    JOINT,
    NEGATIONS,
    NOUN_ADJECTIVES,
    OPAQUE,
    PARTITIVES,
    PICTURES,
    PRONOUN_LIKE,
    PURPOSES,
    SAYINGS,
    SET_PHRASES,
    SET_PHRASES_WITH_THE,
    SIZES,
    TIMES,
    word_set,
)
from .tagged import ADJECTIVE_TAGS, NOUN_TAGS, PLURAL_TAGS, Lemma, Sentence

_JOINS = frozenset({"or", "nor", "and", ",", "of", "/"})
_SEVERAL = word_set("several many few multiple numerous various two three four five six seven eight nine ten both")
_ARTICLES = frozenset({"a", "an", "the"})
_JOINING = frozenset({"and", "or", "&"})
_OPENING = " \t\n\xa0\"'“‘([{*"
_QUOTES = ('"', "``", "''", "“", "”")
_VERB_BEFORE = frozenset({"PRP", "WP", "WDT", "MD", "TO", "EX"})


def describable(sentence: Sentence, lemma: Lemma, negated: frozenset[int], chunk: Chunk) -> bool:
    """Whether an adjective can be put on the noun of `chunk`. negated: the heads that `negated` found."""
    words = sentence.words
    noun = lemma(words[chunk.head])
    bare = chunk.start == chunk.head
    compound = chunk.first < chunk.head and sentence.tags[chunk.head - 1] in NOUN_TAGS
    return (
        chunk.head not in negated
        and not (noun in PRONOUN_LIKE and chunk.first == chunk.head)
        and not _is_adverb(sentence, chunk)
        and noun.isalpha()
        and not _is_broken(sentence, chunk, lemma)
        and not _is_name(sentence, chunk)
        and not _is_glued(sentence, chunk)
        and not _is_coordinated(sentence, chunk, lemma)
        and not _is_quoted(sentence, chunk)
        and not _is_opaque(words, chunk, lemma)
        and not (noun in PARTITIVES and not compound and words[chunk.head + 1 : chunk.head + 2] == ["of"])
        and not (bare and _is_adverbial(sentence, chunk, noun))
        and not _is_set_phrase(words, chunk)
        and all(words[i + 1] in SIZES for i in _degrees(sentence, chunk))
    )


def negated(sentence: Sentence, found: Sequence[Chunk]) -> frozenset[int]:
    """The heads of the phrases under a negation: the next one after it, and those joined to that by "or" or "of"."""
    words = sentence.words
    heads: set[int] = set()
    end = -1  # the head of the phrase before
    for chunk in found:
        joins = words[end + 1 : chunk.start]
        joined = end in heads and 0 < len(joins) <= 2 and _JOINS.issuperset(joins)
        if joined or _is_forbidden(words, chunk.head) or any(_negates(words, i) for i in range(end + 1, chunk.head)):
            heads.add(chunk.head)
        end = chunk.head
    return frozenset(heads)


def _is_forbidden(words: Sequence[str], head: int) -> bool:
    """Whether the noun is what a prohibition is written on: "a no talking on cell phone sign"."""
    return words[head] in ("sign", "signs") and "no" in words[max(head - 6, 0) : head]


def _negates(words: Sequence[str], i: int) -> bool:
    return words[i] in NEGATIONS and words[i + 1] not in ("one", "longer", "only")


def is_adjective(sentence: Sentence, i: int, head: int, lemma: Lemma) -> bool:
    """Whether the word at `i` of the phrase that ends at `head` describes it, rather than being part of its name."""
    if (sentence.words[i], lemma(sentence.words[i + 1])) in FIXED:
        return False
    return sentence.tags[i] not in NOUN_TAGS | {"RB", "CC"} or sentence.words[i] in COLOURS


def _is_adverb(sentence: Sentence, chunk: Chunk) -> bool:
    """Whether the noun is that of "a lot", unless it is one to stand on: "a dog in a lot"."""
    plain = chunk.first == chunk.head and sentence.words[chunk.head] in ("lot", "lots")
    return plain and (chunk.start == 0 or sentence.tags[chunk.start - 1] != "IN")


def _is_broken(sentence: Sentence, chunk: Chunk, lemma: Lemma) -> bool:
    """Whether the caption has a slip here, which an adjective would make worse: "a eggs", "a an foggy road"."""
    words, tags, (start, first, head) = sentence.words, sentence.tags, chunk
    articles = [word for word in words[start:first] if word in _ARTICLES]
    if len(articles) > 1:
        return True
    if articles and words[first - 1] in ("a", "an") and tags[head] in PLURAL_TAGS and lemma(words[head]) != words[head]:
        return True
    if ("close", "up") in pairwise(words[first:head]) and lemma(words[head]) not in PICTURES:
        return True
    return _owns_a_deed(sentence, chunk, lemma)


def _owns_a_deed(sentence: Sentence, chunk: Chunk, lemma: Lemma) -> bool:
    """Whether a possessive stands before what somebody does, as in "their making food"."""
    words, tags, (start, first, head) = sentence.words, sentence.tags, chunk
    if not start < first < head or tags[first - 1] != "PRP$" or tags[first] != "VBG":
        return False
    following = words[first + 1]
    kind = following in PURPOSES or (words[first], lemma(following)) in FIXED  # "his fishing pole"
    return not kind and words[first] not in ATTRIBUTIVE


def _is_name(sentence: Sentence, chunk: Chunk) -> bool:
    """Whether the noun is a proper name: a capital that the tagger takes for one, anywhere but at the start."""
    head = chunk.head
    return sentence.tags[head] in ("NNP", "NNPS") and head > 0 and sentence.text[sentence.starts[head]].isupper()


def _is_glued(sentence: Sentence, chunk: Chunk) -> bool:
    """Whether the noun is part of a longer word, or stands where a noun cannot, so that it is a verb after all."""
    tags, head = sentence.tags, chunk.head
    following = tags[head + 1] if head + 1 < len(tags) else ""
    if following == "HYPH" or following in NOUN_TAGS:
        return True  # "a dog-friendly park", "the windows ledge"
    place = sentence.starts[chunk.first]
    if not sentence.text[place].isalnum() or (place and sentence.text[place - 1] not in _OPENING):
        return True  # "fruit/vegetables"
    if chunk.start != head or head == 0:
        return False
    return tags[head - 1] in _VERB_BEFORE | {"HYPH"} or tags[head - 1] in NOUN_TAGS


def _is_coordinated(sentence: Sentence, chunk: Chunk, lemma: Lemma) -> bool:
    """Whether the noun and one beside it share another: "an adult and baby giraffe", "two street and road signs"."""
    words, tags, (start, first, head) = sentence.words, sentence.tags, chunk
    if start == first < head and start > 1 and words[start - 1] in _JOINING and tags[start - 2] in NOUN_TAGS:
        coloured = words[first] in COLOURS and tags[head] not in PLURAL_TAGS  # "rust and white cat"
        if coloured or words[start - 2] in NOUN_ADJECTIVES or lemma(words[head]) in JOINT:
            return True
    if len(words) < head + 4 or words[head + 1] not in _JOINING or tags[head + 3] not in NOUN_TAGS:
        return False
    if tags[head + 2] not in NOUN_TAGS | ADJECTIVE_TAGS:
        return False
    one = tags[head] not in PLURAL_TAGS and lemma(words[head]) == words[head]
    bare = start == head or lemma(words[head + 3]) in JOINT
    compound = bare and tags[head + 2] in NOUN_TAGS  # "fish and vegetable dinner", "a chicken and rice dish"
    return words[head] in NOUN_ADJECTIVES or (one and compound) or (one and not _SEVERAL.isdisjoint(words[start:first]))


def _is_quoted(sentence: Sentence, chunk: Chunk) -> bool:
    """Whether the noun stands in quotation marks, or is written on something: "a sign that says stop war"."""
    before = sentence.words[: chunk.head]
    if sum(before.count(mark) for mark in _QUOTES) % 2:
        return True
    return chunk.start == chunk.first and not SAYINGS.isdisjoint(before[-2:])


def _degrees(sentence: Sentence, chunk: Chunk) -> list[int]:
    """Where words like "very" stand in the phrase: no opinion goes before one, and only a size may follow it."""
    places = range(chunk.first, chunk.head)
    return [i for i in places if sentence.words[i] in DEGREES and sentence.tags[i].startswith("RB")]


def _is_opaque(words: Sequence[str], chunk: Chunk, lemma: Lemma) -> bool:
    """Whether the noun is only part of a name: "hot dog", or "fire" where the tagger missed the noun in "hydrant"."""
    head = chunk.head
    last = head - 2 if words[head - 1] == "-" else head - 1  # "mid-air"
    if chunk.first <= last and (words[last], lemma(words[head])) in OPAQUE:
        return True
    return head + 1 < len(words) and (words[head], lemma(words[head + 1])) in FIXED | OPAQUE


def _is_adverbial(sentence: Sentence, chunk: Chunk, noun: str) -> bool:
    """Whether a bare noun says when: "at night", but not "Sunset over the sea"."""
    return noun in TIMES and chunk.head > 0


def _is_set_phrase(words: Sequence[str], chunk: Chunk) -> bool:
    """Whether the noun stands in an idiom: "in front", "holding hands", "in the air"."""
    head = chunk.head
    if head > 0 and (words[head - 1], words[head]) in SET_PHRASES:
        return True
    return head > 1 and words[head - 1] == "the" and (words[head - 2], words[head]) in SET_PHRASES_WITH_THE
