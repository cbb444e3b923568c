"""Repetitions and contradictions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit.english.clashes import clashes, scene
from sentikit.english.meanings import SYNONYMS, are_opposites, are_synonyms
from sentikit.english.noun_phrases import NounFinder

FINDER = NounFinder()
ADJECTIVES = sorted(frozenset().union(*SYNONYMS))


def clash(adjective: str, noun: str, text: str) -> bool:
    [[phrase, *_]] = FINDER.find([(text, [noun])])
    return clashes(adjective, phrase, scene(text, FINDER.lemma))


@pytest.mark.parametrize(
    ("adjective", "noun", "text"),
    [
        ("happy", "cat", "A happy dog and a cat."),
        ("tiny", "dog", "A little dog."),
        ("smiling", "man", "A man smiles."),
        ("crowded", "beach", "A beach with a crowd."),
        ("cloudy", "cloud", "A cloud over a hill."),
        ("icy", "ice", "A man on the ice."),
        ("white", "dog", "A black dog."),
        ("busy", "street", "The street is empty."),
        ("warm", "beach", "A desolate beach."),
        ("empty", "street", "Women cross a street."),
        ("empty", "street", "A man and women cross a street."),
        ("lonely", "park", "People in a park."),
        ("empty", "glass", "A glass of wine."),
        ("empty", "box", "A cat in a box."),
        ("empty", "pool", "A dog is jumping in a pool."),
        ("empty", "plate", "Pizza on top of a plate."),
        ("empty", "pool", "A surfer surfing in a pool."),
        ("sunny", "street", "A street in the rain."),
        ("lazy", "dog", "A dog jumps over a fence."),
        ("abandoned", "train", "A train travels down the tracks."),
        ("wild", "horse", "A man is leading a horse."),
        ("hungry", "dog", "A toy dog."),
        ("empty", "room", "A room filled with chairs."),
        ("empty", "kitchen", "A kitchen has an oven."),
        ("empty", "house", "A house with a table."),
        ("empty", "space", "A truck sitting in a parking space."),
        ("empty", "field", "Cows lying in a field."),
        ("empty", "field", "A boy playing baseball in the field."),
        ("empty", "street", "Cars parked on a street."),
        ("broken", "computer", "They are typing on their laptop computers."),
        ("wild", "horse", "A man walking his horse."),
        ("wild", "horse", "A horse carrying a person."),
        ("dead", "horse", "A man walking his horse."),
        ("fat", "chicken", "A plate of chicken."),
        ("cute", "dog", "A lovely dog."),
        ("funny", "cat", "A lovely cat."),
        ("empty", "room", "A living room with furniture and a window."),
        ("empty", "room", "A big room with a large window and chairs."),
        ("empty", "room", "A room holding a table."),
        ("empty", "room", "A room that has a couch in it."),
        ("empty", "room", "A couch and a lamp in a room."),
        ("dead", "horse", "A horse carrying a person."),
    ],
)
def test_it_clashes(adjective: str, noun: str, text: str) -> None:
    assert clash(adjective, noun, text)


@pytest.mark.parametrize(
    ("adjective", "noun", "text"),
    [
        ("beautiful", "street", "A busy street."),
        ("happy", "dog", "A brown dog."),
        ("lovely", "cat", "A black cat."),
        ("empty", "street", "A man crosses a street."),
        ("empty", "pool", "A boy on a skateboard in a pool."),
        ("empty", "glass", "A glass and a bottle of wine."),
        ("lonely", "boat", "A boat on a lake."),
        ("lazy", "dog", "A dog lies on a couch."),
        ("wild", "horse", "A horse in a meadow."),
        ("delicious", "beer", "A cold beer."),
        ("sunny", "beach", "A beach with umbrellas."),
        ("empty", "room", "A room with a large window."),
        ("empty", "field", "A horse in a field."),
        ("fat", "chicken", "A chicken on a farm."),
        ("wild", "horse", "A horse walking in a meadow."),
        ("empty", "street", "Two women cross a street."),
        ("empty", "room", "A boy holds a Wii game controller in a room."),
        ("empty", "room", "A room with white walls and a large window."),
        ("empty", "room", "A room with only a chair."),
        ("empty", "park", "A man is playing the accordion in a park."),
        ("abandoned", "building", "Children play around an old building."),
        ("quiet", "moment", "People enjoy a moment near the river."),
        ("quiet", "street", "A street with a traffic light."),
        ("dead", "bird", "A dog jumping a fence with a bird in his mouth."),
        ("quiet", "beach", "A beautiful beach."),
    ],
)
def test_it_does_not_clash(adjective: str, noun: str, text: str) -> None:
    assert not clash(adjective, noun, text)


@given(st.sampled_from(ADJECTIVES), st.sampled_from(ADJECTIVES))
def test_synonyms_and_opposites_go_both_ways(one: str, other: str) -> None:
    assert are_synonyms(one, one)
    assert not are_opposites(one, one)
    assert are_synonyms(one, other) == are_synonyms(other, one)
    assert are_opposites(one, other) == are_opposites(other, one)


def test_a_scene_counts_who_is_in_it() -> None:
    assert scene("A man and his dog.", FINDER.lemma)[1:4] == (1, 1, 0)
    assert scene("Men with cows.", FINDER.lemma)[1:4] == (3, 3, 0)
    assert scene("Two men with two cows.", FINDER.lemma)[1:4] == (2, 2, 0)
    assert scene("A crowd in a street.", FINDER.lemma).people == 3
    assert scene("A man, the man, a woman.", FINDER.lemma).people == 2
