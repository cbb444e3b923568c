"""The ANPs that captions state."""

from __future__ import annotations

import pytest

from sentikit.affect.emotional import is_emotional_word
from sentikit.english.stated import StatedANPs


@pytest.fixture(scope="module")
def emotional() -> StatedANPs:
    return StatedANPs(is_emotional_word)


STATED = {
    "A happy brown dog runs across a snowy field .": "happy dog, snowy field",
    "Two smiling children in front of an old, beautiful house.": "smiling child, beautiful house",
    "A misty morning in the mountains.": "misty morning",
    "A busy city street with cars.": "busy street",
    "two men and three lovely women": "lovely woman",
    "THREE FLUFFY CATS ON A SOFA": "fluffy cat",
    # after the noun
    "The street is empty.": "empty street",
    "The room is dark and quiet.": "dark room, quiet room",
    "The beach is very crowded, sunny and hot, and people swim.": "crowded beach, sunny beach",
    "A very happy dog": "happy dog",
    "A really old, very dirty house.": "dirty house",
    "A hard drive on a desk.": "",
    "The dogs look very happy.": "happy dog",
    "A bathroom that is clean and ready to be used.": "clean bathroom",
    "People walk while the sky is cloudy.": "cloudy sky",
    # not sayings about the noun that stands beside them
    "A man in a red shirt is happy.": "",
    "The wall is bright red.": "",
    "A dark brown dog with a bright blue ball.": "",
    "A curly haired girl": "",
    "A happy looking dog": "happy dog",
    # names, fixed expressions, negations
    "A golden retriever eats a hot dog.": "",
    "Surfers in wet suits and a man in hard hats": "",
    "There is no happy dog here.": "",
    # nothing emotional
    "A little boy in a red shirt on a gravel road.": "",
    "": "",
}


@pytest.mark.parametrize("text", STATED)
def test_what_a_caption_states(emotional: StatedANPs, text: str) -> None:
    (found,) = emotional.find([text])
    assert sorted(map(str, found)) == sorted(filter(None, STATED[text].split(", ")))


def test_texts_keep_their_order_and_those_without_an_adjective_their_place(emotional: StatedANPs) -> None:
    texts = ["a dog", "a happy dog", "", "a sad cat"] * 50
    assert [len(found) for found in emotional.find(iter(texts))] == [0, 1, 0, 1] * 50
