"""Which base noun phrases can take an adjective, and which are negated, idioms, names or no things at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .abbreviations import ABBREVIATIONS
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
    pairs,
    word_set,
)
from .idioms import is_idiomatic
from .numbers import MASS
from .possessives import is_owner_of_a_kind
from .prose import Span, touches
from .tagged import ADJECTIVE_TAGS, NOUN_TAGS, PLURAL_TAGS, Lemma, Sentence

_CLAUSE_ENDS = frozenset({".", ";", "!", "?", ",", "while", "but", "as", "because", "and"})
_ALL = word_set("everyone everybody everything all nobody anyone anybody anything none")
_GONE = word_set("missing gone absent")
_NOBODY = word_set("nobody nothing none")
_NO_SUBJECT = word_set("no neither nobody none nothing")
_NEGATIVE_PAIRS = pairs(
    """hardly any, barely any, scarcely any, hardly a, barely a, scarcely a, empty of, free of, clear of, bare of, void
    of, short of, stripped of, absent of, absent from, closed to, closed for, rather than, other than, instead of,
    apart from, aside from, except for"""
)
_MUCH = word_set("much even far slightly still lot bit no")
_MUTUAL = word_set("to in by and after on upon for against over with")
_JOINS = frozenset({"or", "nor", "and", ",", "of", "/"})
_SEVERAL = word_set("several many few multiple numerous various two three four five six seven eight nine ten both")
_ARTICLES = frozenset({"a", "an", "the"})
_JOINING = frozenset({"and", "or", "&"})
_OPENING = " \t\n\xa0\"'“‘([{*"
_QUOTES = ('"', "``", "''", "“", "”")
_VERB_BEFORE = frozenset({"PRP", "WP", "WDT", "MD", "TO", "EX"})


def describable(sentence: Sentence, lemma: Lemma, barred: frozenset[int], chunk: Chunk) -> bool:
    """Whether an adjective can be put on the noun of `chunk`. barred: the heads that `negated` and `inside` found."""
    words = sentence.words
    noun = lemma(words[chunk.head])
    bare = chunk.start == chunk.head
    compound = chunk.first < chunk.head and sentence.tags[chunk.head - 1] in NOUN_TAGS
    return (
        chunk.head not in barred
        and not (noun in PRONOUN_LIKE and chunk.first == chunk.head)
        and not _is_adverb(sentence, chunk)
        and noun.isalpha()
        and not (bare and noun in ABBREVIATIONS and chunk.head > 0 and noun == words[chunk.head])
        and not _is_broken(sentence, chunk, lemma)
        and not _is_name(sentence, chunk)
        and not _is_glued(sentence, chunk)
        and not _is_coordinated(sentence, chunk, lemma)
        and not _is_quoted(sentence, chunk)
        and not _is_opaque(words, chunk, lemma)
        and not (noun in PARTITIVES and not compound and words[chunk.head + 1 : chunk.head + 2] == ["of"])
        and not (bare and _is_adverbial(sentence, chunk, noun))
        and not _is_set_phrase(words, chunk)
        and not _is_mutual(words, chunk)
        and not is_idiomatic(words, chunk.head)
        and not _names_a_kind(sentence, chunk, lemma)
        and not _shares_article(sentence, chunk, lemma)
    )


def negated(sentence: Sentence, found: Sequence[Chunk]) -> frozenset[int]:
    """The heads of the phrases under a negation: the next one after it, and those joined to that by "or" or "of".

    Where the negation is in the subject ("neither man wears a hat"), the rest of its clause is under it.
    """
    words = sentence.words
    heads: set[int] = set()
    end = -1  # the head of the phrase before
    clause = False
    for chunk in found:
        joins = words[end + 1 : chunk.start]
        joined = end in heads and 0 < len(joins) <= 2 and _JOINS.issuperset(joins)
        clause = clause and _CLAUSE_ENDS.isdisjoint(joins)
        direct = any(_negates(words, i) for i in range(end + 1, chunk.head))
        if clause or joined or direct or _is_forbidden(words, chunk.head) or _is_gone(words, chunk.head):
            heads.add(chunk.head)
        begins = end < 0 or not _CLAUSE_ENDS.isdisjoint(joins)
        verb = sentence.tags[chunk.head + 1 : chunk.head + 2]
        subject = bool(verb) and (verb[0].startswith("VB") or words[chunk.head + 1] == "of")
        clause = clause or (begins and subject and not _NO_SUBJECT.isdisjoint(words[end + 1 : chunk.head + 1]))
        end = chunk.head
    return frozenset(heads)


def inside(sentence: Sentence, found: Sequence[Chunk], spans: list[Span]) -> frozenset[int]:
    """The heads of the phrases that begin or end in one of `spans`."""
    if not spans:
        return frozenset()
    starts = sentence.starts
    return frozenset(
        chunk.head for chunk in found if touches(spans, starts[chunk.head]) or touches(spans, starts[chunk.first])
    )


def _is_gone(words: Sequence[str], head: int) -> bool:
    return (
        words[head] in _NOBODY
        or words[head + 1 : head + 2] == ["missing"]
        or not _GONE.isdisjoint(words[head + 2 : head + 3] if words[head + 1 : head + 2] in (["is"], ["are"]) else ())
    )


def _is_forbidden(words: Sequence[str], head: int) -> bool:
    """Whether the noun is what a prohibition is written on: "a no talking on cell phone sign"."""
    return words[head] in ("sign", "signs") and "no" in words[max(head - 6, 0) : head]


def _negates(words: Sequence[str], i: int) -> bool:
    if (words[i], words[i + 1]) in _NEGATIVE_PAIRS:
        return True
    if words[i] == "but" and i and words[i - 1] in _ALL:
        return True  # "everyone but the clown"
    return words[i] in NEGATIONS and (words[i + 1] not in ("one", "longer", "only", ".") or words[i] == "not")


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
    if start > 1 and words[start] in ("a", "an") and tags[start - 1] in ADJECTIVE_TAGS and words[start - 2] in DEGREES:
        return True  # "so big a cake"
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
    if not (sentence.text[place].isalnum() or sentence.text[place] in "#$€£") or (
        place and sentence.text[place - 1] not in _OPENING
    ):
        return True  # "fruit/vegetables"
    if chunk.start != head or head == 0:
        return False
    if sentence.words[head - 1].endswith("."):
        return False  # "It is 9 a.m. Children wait"
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


def is_graded(sentence: Sentence, chunk: Chunk) -> bool:
    """Whether a word like "very" stands in the phrase: no opinion goes before one, and only a size may follow it."""
    words, tags = sentence.words, sentence.tags
    return any(
        words[i] in DEGREES and tags[i].startswith("RB") and words[i + 1] not in SIZES
        for i in range(chunk.first, chunk.head)
    )


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


def _is_mutual(words: Sequence[str], chunk: Chunk) -> bool:
    """Whether the bare noun stands in "face to face" or "row after row"."""
    if chunk.start != chunk.head:
        return False
    head = chunk.head
    before, after = words[max(head - 2, 0) : head], words[head + 1 : head + 3]
    if len(after) == 2 and after[0] in _MUTUAL and after[1] == words[head]:
        return True
    return len(before) == 2 and before[1] in _MUTUAL and before[0] == words[head]


def _names_a_kind(sentence: Sentence, chunk: Chunk, lemma: Lemma) -> bool:
    """Whether the noun is the owner in what names a kind: "a bird's eye view", "the ladies' room"."""
    words, head = sentence.words, chunk.head
    if sentence.tags[head + 1 : head + 2] != ["POS"]:
        return False
    return is_owner_of_a_kind(words, head, lemma)


def _shares_article(sentence: Sentence, chunk: Chunk, lemma: Lemma) -> bool:
    """Whether the noun shares the article of the one before it: "a dog and cat", which is no "dog and happy cat"."""
    words, tags, (start, first, head) = sentence.words, sentence.tags, chunk
    noun = lemma(words[head])
    if start != first or start < 3 or words[start - 1] not in _JOINING or tags[head] in PLURAL_TAGS or noun in MASS:
        return False
    i = start - 2
    if noun != words[head] or tags[i] not in NOUN_TAGS:
        return False
    while i > 0 and tags[i] in NOUN_TAGS | ADJECTIVE_TAGS | {"HYPH", "VBN", "VBG", "CC", ","}:
        i -= 1
    return words[i] in ("a", "an")


def after_comparison(sentence: Sentence, chunk: Chunk) -> int:
    """The position behind the last superlative or comparative of `chunk`, or its first modifier's where it has none."""
    tags, words = sentence.tags, sentence.words
    for i in range(chunk.head - 1, chunk.start - 1, -1):
        if tags[i] == "JJS" and words[i] not in ("most", "least"):
            return i + 1
        if tags[i] == "JJR" and i and words[i - 1] in _MUCH:
            return i + 1
        graded = words[i] in ("more", "less", "most", "least") or (words[i] in ("best", "worst") and tags[i] == "RBS")
        if graded and chunk.first <= i + 1 < chunk.head:
            return i + 2 if tags[i + 1] in ADJECTIVE_TAGS | {"VBN", "VBG", "JJ"} else i + 1
    return chunk.first
