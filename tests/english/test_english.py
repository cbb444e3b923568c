"""Articles, words and insertion: the craft every rewriter shares."""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rewriter_cases import tag

from sentikit import apply_edits, undo_edits
from sentikit.english import article, find_word, insertion, lower_words, words

AN = """apple old ugly unusual uninteresting unimportant unidentified untidy upset urban urgent utter usher onerous
umbrella oddly honest hour hourglass honorary heir herb herbal éclair œuvre 8 8-year-old 80's 11 11th 18 18-wheeler
1800s 11,000 8,000 x x-ray xbox mp3 rv RV R.V. SUV suv LED FBI NFL nfl l-shaped F-16 MRI ATM IBM"""
A = """dog unique unicorn uniform united university useful used usual utensil utility utopian ukulele urinal ubiquitous
unanimous european euphoric eucalyptus ewe one one-way once onesie ouija hotel historic horrible hairy heroic hum year
yellow xylophone wii ski s'more 1 10 100 110 180 1900s t-shirt T-shirt u-turn UFO ufo USB ups UPS TV DVD PC MAN LOT RED
HOT Mr. Mrs. St. ft"""


@pytest.mark.parametrize("word", AN.split())
def test_an(word: str) -> None:
    assert article(word) == "an"


@pytest.mark.parametrize("word", A.split())
def test_a(word: str) -> None:
    assert article(word) == "a"


@pytest.mark.parametrize(("following", "expected"), [('"apple"', "an"), ("(dog)", "a"), ("...hour", "an"), ("", "a")])
def test_article_looks_behind_opening_marks(following: str, expected: str) -> None:
    assert article(following) == expected


def test_article_agrees_with_what_people_write(shared_data: Path) -> None:
    """People slip in .3 to .4 % of their articles themselves, so agreement cannot be complete."""
    agreed = []
    for name in ("flickr8k/captions_dev.json", "flickr8k/captions_test.json", "coco_mini/captions.json"):
        for annotation in json.loads((shared_data / name).read_text("utf-8"))["annotations"]:
            for found in re.finditer(r"(?<![\w'.-])(an?)\s+(\w\S*)", annotation["caption"], re.IGNORECASE):
                agreed.append(article(found[2]) == found[1].lower())
    assert len(agreed) > 15_000
    assert sum(agreed) / len(agreed) > 0.997


def test_article_of_every_adjective_of_vso(shared_data: Path) -> None:
    """None of them has a silent h or a vowel that sounds as a consonant, so their spelling tells."""
    with (shared_data / "vso" / "vso_anps.csv").open(encoding="utf-8") as file:
        adjectives = {row["adjective"] for row in csv.DictReader(file)}
    assert {word for word in adjectives if article(word) == "an"} == {word for word in adjectives if word[0] in "aeiou"}


def test_words() -> None:
    text = "A dog's bowl, the dogs' T-shirt; dog-friendly o'clock cafe\u0301 #dog @dog dog_1 3 x"
    assert [word.lower for word in words(text)] == [
        "a", "dog", "bowl", "the", "dogs", "t-shirt", "dog-friendly", "o'clock", "cafe\u0301", "#dog", "@dog", "dog_1",
        "3", "x",
    ]  # fmt: skip


@given(
    st.text()
    | st.lists(st.sampled_from(["dog", "a", "'s", "’S", "'", "-", " ", "@", ".", "ß", "\u0301", "İ"])).map("".join)
)
def test_words_are_where_they_say(text: str) -> None:
    found = words(text)
    assert [text[word.start : word.end].lower() for word in found] == [word.lower for word in found]
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert lower_words(text) == [word.lower for word in found]
    firsts = {word.lower: word.start for word in reversed(found)}
    assert {word: find_word(text, word) for word in firsts} == firsts
    assert find_word(text, "elephant") is None
    parts = {text[start:end].lower() for start in range(min(9, len(text))) for end in range(start, start + 5)}
    assert {part: find_word(text, part) for part in parts} == {part: firsts.get(part) for part in parts}


@given(st.text(), st.text(min_size=1) | st.sampled_from(["happy", "awful", "hourly"]), st.data())
def test_an_edit_can_be_undone(text: str, adjective: str, data: st.DataObject) -> None:
    starts = [word.start for word in words(text)]
    if not starts:
        return
    edit = insertion(text, data.draw(st.sampled_from(starts)), adjective, tag("happy dog"))
    assert undo_edits(apply_edits(text, [edit]), [edit]) == text


@pytest.mark.parametrize(
    ("text", "noun", "adjective", "expected"),
    [
        ("An old car.", "old", "beautiful", "A beautiful old car."),
        ("A brown dog.", "brown", "adorable", "An adorable brown dog."),
        ("Brown dogs.", "Brown", "happy", "Happy brown dogs."),
        ("German shepherds.", "German", "happy", "Happy German shepherds."),
        ("TV sets.", "TV", "old", "Old TV sets."),
        ("Black-and-white dogs.", "Black-and-white", "happy", "Happy black-and-white dogs."),
        ("McDonald's fries.", "McDonald's", "greasy", "Greasy McDonald's fries."),
        ("AN OLD CAR.", "OLD", "beautiful", "A BEAUTIFUL OLD CAR."),
        ("The Old Car", "Old", "snow-covered", "The Snow-covered Old Car"),
    ],
)
def test_insertion_before_any_word(text: str, noun: str, adjective: str, expected: str) -> None:
    edit = insertion(text, text.index(noun), adjective, tag("happy dog"))
    assert apply_edits(text, [edit]) == expected


def test_an_edit_spans_no_more_than_what_changes() -> None:
    given = tag("happy dog 0.5")
    assert insertion("A dog.", 2, "happy", given) == (2, 2, "", "happy ", given)
    assert insertion("Dog.", 0, "happy", given) == (0, 1, "D", "Happy d", given)
    assert insertion("See an ox.", 7, "happy", given) == (4, 7, "an ", "a happy ", given)


def test_insertion_needs_a_word() -> None:
    with pytest.raises(ValueError, match="there is no word at 1"):
        insertion("A dog.", 1, "happy", tag("happy dog"))
