"""What a caption states of each of its nouns, wherever it does: before the noun, after it, or in a later sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .adjectives import has_adjective
from .chunks import Chunk
from .eligibility import is_adjective
from .expressions import COLOURS, SIZES
from .implied import implied, implied_by_absence, implied_by_modifier, implied_by_part, implied_by_state
from .spelling import american
from .statement_words import (
    BE,
    CLAUSES,
    COPULAS,
    COVERING,
    DEGREES,
    ENDS,
    EXTENTS,
    FRUITFUL,
    GENERIC,
    INDEFINITE,
    JOINING,
    LOSING,
    MOODS,
    NOT,
    OF_WHAT,
    PLACED,
    POSTURES,
    PRONOUNS,
    RELATIVES,
    SINGULAR_VERBS,
    STRETCHES,
    VERB_TAGS,
    WITH,
    WITHOUT,
)
from .tagged import ADJECTIVE_TAGS, NOUN_TAGS, PLURAL_TAGS, Lemma
from .tagged import Sentence as Tagged


class Statements(NamedTuple):
    """What a caption states of a noun, in lower case.

    said: its words. adjectives: of these, those that are adjectives. implied: the adjectives that they say besides.
    denied: what it is not. mood: what the caption states of its mood or scene.
    """

    said: frozenset[str] = frozenset()
    adjectives: frozenset[str] = frozenset()
    implied: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    mood: frozenset[str] = frozenset()


class _Collected:
    """What is stated of the noun of a chunk, while it is collected."""

    def __init__(self, chunk: Chunk, noun: str) -> None:
        self.chunk = chunk
        self.noun = noun
        self.said: set[str] = set()
        self.adjectives: set[str] = set()
        self.implied: set[str] = set()
        self.denied: set[str] = set()

    def add(self, word: str, adjective: bool = False, noun: bool = False) -> None:
        word = american(word)
        self.said.add(word)
        self.implied |= implied_by_modifier(word) if noun else implied(word)
        if adjective:
            self.adjectives.add(word)


def statements(sentence: Tagged, found: Sequence[Chunk], lemma: Lemma) -> dict[int, Statements]:
    """head of a chunk -> what the text states of its noun. found: all chunks of the text, in order."""
    collected = [_Collected(chunk, lemma(sentence.words[chunk.head])) for chunk in found]
    _Reader(sentence, collected, lemma).read()
    mood = frozenset(word for one in collected if one.noun in MOODS for word in one.adjectives - MOODS)
    together = [[other for other in collected if _is_same(sentence, one, other)] for one in collected]
    return {
        one.chunk.head: Statements(
            frozenset().union(*(other.said for other in others)),
            frozenset().union(*(other.adjectives for other in others)),
            frozenset().union(*(other.implied for other in others)),
            frozenset().union(*(other.denied for other in others)),
            mood,
        )
        for one, others in zip(collected, together, strict=True)
    }


def _is_same(sentence: Tagged, one: _Collected, other: _Collected) -> bool:
    """Whether two phrases speak of the same thing: "a dog ... the dog", "a dog ... the animal"."""
    if one is other:
        return True
    later, earlier = (one, other) if one.chunk.head > other.chunk.head else (other, one)
    if later.noun != earlier.noun and earlier.noun not in GENERIC.get(later.noun, ()):
        return False
    words = sentence.words[later.chunk.start : later.chunk.first]
    return INDEFINITE.isdisjoint(words) and "other" not in words


class _Reader:
    """Goes once through the words of a text and gives what it states to the phrases that it is stated of."""

    def __init__(self, sentence: Tagged, collected: list[_Collected], lemma: Lemma) -> None:
        self.sentence = sentence
        self.words, self.tags = sentence.words, sentence.tags
        self.lemma = lemma
        self.starting = {one.chunk.start: one for one in collected}
        self.subject: list[_Collected] = []
        self.topic: list[_Collected] = []  # the subject of the sentence before, which "it" stands for
        self.nearest: _Collected | None = None
        self.after = -1  # the position right after the nearest phrase
        self.verb_seen = False

    def read(self) -> None:
        i = 0
        while i < len(self.words):
            one = self.starting.get(i)
            i = self._phrase(one, i) if one is not None else self._word(i)

    def _phrase(self, one: _Collected, i: int) -> int:
        words, tags, (start, first, head) = self.words, self.tags, one.chunk
        for at in range(first, head):
            if words[at].isalpha():
                if words[at] in COVERING and at > first:  # "snow covered", "snow-covered"
                    one.implied |= implied(words[at - 2 if words[at - 1] == "-" and at - 2 >= first else at - 1])
                adjective = is_adjective(self.sentence, at, head, self.lemma)
                one.add(words[at], adjective, noun=tags[at] in NOUN_TAGS or not (adjective or tags[at] == "RB"))
        before = words[start - 1] if start else ""
        joined = before in JOINING and self.after == start - 1 and self.nearest in self.subject
        if joined and not self.verb_seen:
            self.subject.append(one)
        elif not self.subject and (start == 0 or tags[start - 1] not in PLACED):
            self.subject = [one]
        if before in WITHOUT or before in NOT or not WITHOUT.isdisjoint(words[start:first]):
            self._lacking(one)
        if before == "in":
            for owner in self._before(one):
                owner.implied |= implied_by_state(words[head])
        if before in LOSING:
            self._lacking(one)
        if before == "of" and self.nearest is not None and self.after == start - 1:
            self._share(self.nearest, one)
        self.nearest, self.after = one, head + 1
        return head + 1

    def _share(self, whole: _Collected, stuff: _Collected) -> None:
        """What is said of a field is said of its grass: "a lush green field of grass"."""
        if whole.noun in STRETCHES:
            for word in sorted(whole.said - SIZES - EXTENTS):
                stuff.add(word, word in whole.adjectives)

    def _lacking(self, one: _Collected) -> None:
        for owner in [*self.subject, *self._before(one)]:
            owner.implied |= implied_by_absence(one.noun)

    def _before(self, one: _Collected) -> list[_Collected]:
        return [self.nearest] if self.nearest is not None and self.nearest is not one else []

    def _word(self, i: int) -> int:
        """Take in the word at `i`, which no phrase holds, and what belongs to it; returns where to go on."""
        word, tag = self.words[i], self.tags[i]
        if word in ENDS:
            self._end()
        elif word in CLAUSES and not (word == "as" and self.tags[i - 1] in ADJECTIVE_TAGS):
            self._new_clause()
        elif word in PRONOUNS and not self.subject:
            self.subject = list(self.topic)
        elif word in COPULAS:
            self.verb_seen = True
            return self._predicate(i + 1, self._targets(i), word in BE)
        elif tag in VERB_TAGS or (word in COVERING and tag in ADJECTIVE_TAGS):
            self.verb_seen = self.verb_seen or tag != "VBG"
            return self._verb(i)
        elif word in WITH:
            self._part(i)
        elif tag in ADJECTIVE_TAGS or (tag == "RB" and implied(word)):
            near = self.nearest is not None and set(self.words[self.after : i]) <= DEGREES | {","}
            return self._predicate(i, self._targets(i) if near else (), False)
        return i + 1

    def _end(self) -> None:
        if self.subject:
            self.topic = self.subject
        self._new_clause()
        self.nearest = None

    def _new_clause(self) -> None:
        if self.subject and not self.topic:
            self.topic = self.subject
        self.subject, self.verb_seen = [], False

    def _targets(self, i: int) -> list[_Collected]:
        """Whom what the word at `i` begins may be stated of: the phrase right before it, and the clause's subject."""
        between = self.words[self.after : i] if self.nearest is not None else ()
        if self.nearest is not None and any(word in RELATIVES for word in between[:2]):
            plural = self.tags[self.nearest.chunk.head] in PLURAL_TAGS
            if not (plural and self.subject and self.words[i] in SINGULAR_VERBS):
                return [self.nearest]
            return list(self.subject)  # "a cat with white paws that is black"
        found = list(self.subject)
        adverbs = all(word in DEGREES | JOINING or word.endswith("ly") for word in between)
        if self.nearest is not None and self.nearest not in found and adverbs:
            found.append(self.nearest)
        return found

    def _predicate(self, i: int, targets: Sequence[_Collected], verbs: bool) -> int:
        """Give the adjectives from `i` on to `targets`; and the verb after "is"."""
        words, tags = self.words, self.tags
        negated = False
        while i < len(words) and i not in self.starting:
            word, tag = words[i], tags[i]
            if word in NOT:
                negated = True
            elif word in ("on", "off", "shut", "closed", "open"):
                self._part_of_the_one_before(targets, word)
                if word in ("on", "off"):
                    return i + 1
                _state(targets, word, negated)
            elif tag in ADJECTIVE_TAGS or word in COLOURS or tag in VERB_TAGS or implied(word):
                if tag in VERB_TAGS and verbs and not negated:
                    return self._verb(i, targets)
                _state(targets, word, negated, tag in ADJECTIVE_TAGS or has_adjective(word))
                if word in COVERING and not negated:
                    return self._covering(i, targets)
            elif (word not in DEGREES | JOINING and tag not in ("RB", "RBR")) or (
                word in JOINING and not self._goes_on(i + 1)
            ):
                return i
            i += 1
        one = self.starting.get(i)
        if one is not None and one.chunk.first == one.chunk.head and has_adjective(words[i]):
            _state(targets, words[i], negated)  # the tagger takes some for nouns: "the sky is orange"
        return i

    def _part_of_the_one_before(self, parts: Sequence[_Collected], state: str) -> None:
        """Take in "a room where the lights are off"."""
        for part in parts:
            for owner in [one for one in self.starting.values() if one.chunk.head < part.chunk.start]:
                owner.implied |= implied_by_part(part.noun, state)

    def _goes_on(self, i: int) -> bool:
        """Whether an adjective stands at `i`, so that the "and" before it does not begin something else."""
        while i < len(self.words) and self.words[i] in DEGREES | NOT:
            i += 1
        if i >= len(self.words) or i in self.starting:
            return False
        return self.tags[i] in ADJECTIVE_TAGS or self.tags[i] == "VBN" or self.words[i] in COLOURS

    def _verb(self, i: int, targets: Sequence[_Collected] | None = None) -> int:
        words, tags = self.words, self.tags
        if targets is None:
            targets = self._targets(i)
        if i and words[i - 1] in NOT | {"to"}:
            return i + 1
        _state(targets, words[i], False, adjective=tags[i] == "VBN")
        if words[i] in COVERING:
            return self._covering(i, targets)
        following = i + 1
        if following < len(words) and following not in self.starting and words[i] in POSTURES | COPULAS:
            return self._predicate(following, targets, False)
        self._manner(following, targets)
        return following

    def _manner(self, i: int, targets: Sequence[_Collected]) -> None:
        """Take in how somebody does it, or how a thing is then: "driving fast", "curled up asleep", "dyed red"."""
        for at in range(i, min(i + 3, len(self.words))):
            word, tag = self.words[at], self.tags[at]
            if word in COLOURS and tag != "JJ" and at + 1 not in self.starting:
                _state(targets, word, False)  # the tagger takes it for a noun: "dyed purple"
            if at in self.starting or not (tag in ADJECTIVE_TAGS or tag in ("RB", "RP") or word in ("up", "down")):
                return
            if tag != "RP" and (implied(word) or word in COLOURS or (has_adjective(word) and tag in ADJECTIVE_TAGS)):
                _state(targets, word, False)

    def _covering(self, i: int, targets: Sequence[_Collected]) -> int:
        """Take in what the thing is covered with, full of or made of."""
        self._manner(i + 1, targets)
        for at in range(i + 1, min(i + 4, len(self.words))):
            one = self.starting.get(at)
            if one is not None and not OF_WHAT.isdisjoint(self.words[i + 1 : at]):
                for target in targets:
                    target.implied |= implied(one.noun)
                    target.said.add(one.noun)
                    if target.noun in FRUITFUL:
                        target.implied |= {"lush", "healthy", "alive"}
                break
        return i + 1

    def _part(self, i: int) -> None:
        """Take in "with its eyes shut"."""
        one = self.starting.get(i + 1)
        if one is None:
            return
        states = [self.words[one.chunk.head + 1 : one.chunk.head + 2], self.words[one.chunk.first : one.chunk.head]]
        for state in [word for words in states for word in words]:
            for target in self._targets(i):
                target.implied |= implied_by_part(one.noun, state)


def _state(targets: Iterable[_Collected], word: str, negated: bool, adjective: bool = True) -> None:
    for target in targets:
        if negated:
            target.denied.add(word)
        else:
            target.add(word, adjective and word not in COVERING)
