"""Ontologies made from the ANPs that captions state, and labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentikit_plugins.ontology_mining.mining import CaptionOf, Mined, label, make_ontology, mine

from sentikit import ANP, Denylist, Ontology, OntologyEntry


def test_an_anp_counts_once_for_a_photograph() -> None:
    captions = [
        CaptionOf("a.jpg", "A happy dog."),
        CaptionOf("a.jpg", "The happy dogs run."),
        CaptionOf("b.jpg", "A happy dog and a red ball."),
        CaptionOf("c.jpg", "A muddy road."),
        CaptionOf("d.jpg", "A dog."),
    ]
    mined = mine(captions, emotional=True, examples=1)
    assert mined.captions == 5
    assert len(mined.photos) == 4
    assert mined.stated == {ANP("happy", "dog"): 3, ANP("muddy", "road"): 1}
    assert (mined.stated_photos(), mined.at_least(1), mined.at_least(2), mined.at_least(3)) == (3, 2, 1, 0)
    made = make_ontology(mined, "mine", "a test", min_count=2, denylist=Denylist.load())
    assert list(made) == [ANP("happy", "dog")]
    entry = made.entries[ANP("happy", "dog")]
    assert entry.count == 2
    assert entry.examples == ("A happy dog.",)
    assert entry.valence == pytest.approx(made.valence(ANP("happy", "cat")), abs=1e-4)


def test_without_emotional_every_adjective_counts() -> None:
    captions = [CaptionOf(1, "A big red bus and a happy man.")]
    assert set(mine(captions).stated) == {ANP("big", "bus"), ANP("red", "bus"), ANP("happy", "man")}
    made = make_ontology(mine(captions), "all", "", denylist=Denylist.load())
    assert [str(anp) for anp in made if made.insertable(anp)] == ["happy man"]


def test_what_a_text_should_not_get_is_not_insertable() -> None:
    captions = [
        CaptionOf(number, text)
        for number, text in enumerate(
            [
                "a homeless man",
                "a sad woman",
                "a good time",
                "a dead bird",
                "a red ball",
                "a muddy road",
                "an inflatable dog",
            ]
        )
    ]
    made = make_ontology(mine(captions), "all", "", denylist=Denylist.load())
    assert len(made) == 7
    # Sadness on people is for those who ask for negative captions; the tag filter keeps it from the others.
    assert sorted(str(anp) for anp in made if made.insertable(anp)) == ["muddy road", "sad woman"]
    assert made.entries[ANP("inflatable", "dog")].valence is None


def test_processes_change_nothing() -> None:
    captions = [CaptionOf(number, "A dog." if number % 50 else f"A happy dog at {number}.") for number in range(2100)]
    advanced: list[int] = []
    alone = mine(captions, emotional=True)
    together = mine(captions, emotional=True, jobs=2, progress=advanced.append)
    assert alone == together
    assert advanced == [2000, 100]


def test_labels_are_the_share_of_captions() -> None:
    known = Ontology(
        "o", dict.fromkeys([ANP("happy", "dogs"), ANP("happy", "dog"), ANP("muddy", "road")], OntologyEntry())
    )
    captions = {
        "x": ["A happy dog.", "Happy dogs on a muddy road.", "A dog.", "A happy dog beside a happy dog."],
        7: ["A happy cat."],
    }
    labels = dict(label(captions, known))
    assert list(labels) == ["x", 7]
    assert [(str(tag.anp), tag.probability) for tag in labels["x"]] == [
        ("happy dog", 0.75),
        ("happy dogs", 0.75),
        ("muddy road", 0.25),
    ]
    assert labels[7] == []


_anps = st.builds(ANP, st.sampled_from(["happy", "sad", "red"]), st.sampled_from(["dog", "cat", "road"]))
_stated = st.lists(st.tuples(st.integers(0, 5), st.lists(_anps, max_size=3, unique=True)), max_size=30)


@given(_stated, st.integers(1, 4), st.none() | st.integers(1, 4))
def test_counts_of_any_captions(stated: list[tuple[int, list[ANP]]], min_count: int, largest: int | None) -> None:
    mined = Mined()
    for photo, anps in stated:
        mined.add(CaptionOf(photo, "words"), anps, examples=2)
    true = {anp: len({photo for photo, anps in stated if anp in anps}) for _, anps in stated for anp in anps}
    made = make_ontology(mined, "o", "", min_count=min_count, largest=largest, denylist=Denylist.none())
    counts = [entry.count for entry in made.entries.values()]
    expected = sorted((count for count in true.values() if count >= min_count), reverse=True)[:largest]
    assert counts == expected
    assert all(true[anp] == entry.count for anp, entry in made.entries.items())
    assert all(len(entry.examples) == min(2, entry.count) for entry in made.entries.values())
    assert mined.at_least(1) == len(true)
    assert mined.stated.total() == sum(len(anps) for _, anps in stated)
