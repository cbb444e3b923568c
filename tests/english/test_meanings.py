"""Which words deny and imply which: the claims of the lists hold, none is made twice or contradicts another."""

from __future__ import annotations

from itertools import combinations

import pytest

from sentikit.english import wordnet
from sentikit.english.denied import DENIED
from sentikit.english.implied import implied, implied_by_absence, implied_by_noun, implied_by_part, implied_by_state
from sentikit.english.implied_words import BY_NOUN, BY_PART, BY_STATE, BY_VERB, BY_WORD, WITHOUT
from sentikit.english.meanings import are_opposites, contradict, denied_by, near, opposites
from sentikit.english.spelling import american, spellings

PAIRS = [(one, other) for one, others in DENIED.items() for other in others.split()]


def test_own_pairs_are_those_that_wordnet_and_the_sets_lack() -> None:
    known = [(one, other) for one, other in PAIRS if other in wordnet.opposites(one) or other in opposites(one)]
    assert known == []


def test_no_pair_is_written_twice() -> None:
    assert len({frozenset(pair) for pair in PAIRS}) == len(PAIRS)


def test_a_denial_goes_both_ways_and_is_in_american_spelling() -> None:
    for one, other in PAIRS:
        assert contradict(one, other), (one, other)
        assert contradict(other, one), (one, other)
        assert (american(one), american(other)) == (one, other)


def test_nothing_denies_itself_or_what_is_near_to_it() -> None:
    for one, other in PAIRS:
        assert one != other
        assert other not in near(one), (one, other)


def test_every_adjective_that_is_implied_denies_something() -> None:
    words = {
        word for table in (BY_WORD, BY_PART, BY_STATE, WITHOUT) for said in table.values() for word in said.split()
    }
    words |= {word for adjectives, _ in BY_VERB for word in adjectives.split()}
    words |= {word for adjectives in BY_NOUN for word in adjectives.split()}
    assert {word for word in words if not denied_by(word)} == set()


def test_what_is_implied_does_not_contradict_itself() -> None:
    for adjectives, verbs in BY_VERB:
        for one, other in combinations(adjectives.split(), 2):
            assert not contradict(one, other), (adjectives, verbs)


@pytest.mark.parametrize(
    ("word", "adjective"),
    [("snoozes", "asleep"), ("yawning", "tired"), ("sobbed", "sad"), ("slept", "asleep"), ("stopped", "stationary")],
)
def test_a_verb_implies_in_every_form(word: str, adjective: str) -> None:
    assert adjective in implied(word)


def test_states_parts_and_absences_imply() -> None:
    assert "asleep" in implied_by_part("eye", "shut")
    assert "messy" in implied_by_state("disarray")
    assert "bare" in implied_by_absence("leaf")
    assert "young" in implied_by_noun("puppy")
    assert implied("table") == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("unopened", "open"),
        ("bearded", "beardless"),
        ("clean", "muddy"),
        ("dilapidated", "new"),
        ("wet", "parched"),
        ("red", "green"),
        ("energetic", "exhausted"),
    ],
)
def test_they_contradict(one: str, other: str) -> None:
    assert contradict(one, other)
    assert contradict(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("old", "wooden"), ("busy", "beautiful"), ("muddy", "wet"), ("tall", "young"), ("happy", "little")],
)
def test_they_do_not_contradict(one: str, other: str) -> None:
    assert not contradict(one, other)
    assert not are_opposites(one, other)


def test_spellings() -> None:
    assert american("grey") == american("gray") == "gray"
    assert set(spellings("colourful")) == {"colourful", "colorful"}
    assert spellings("happy") == ("happy",)


def test_nouns_by_kind() -> None:
    assert wordnet.names_a_person("cellist")
    assert wordnet.names_a_person("stuntwoman")
    assert not wordnet.names_a_person("snowman")
    assert "zebra" in wordnet.nouns("animal")
    assert "lasagna" in wordnet.nouns("food")
