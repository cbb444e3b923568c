"""P(ANP) and P(adjective | noun) from counts, and how they are smoothed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, Ontology, OntologyEntry
from sentikit.affect.adjective_counts import AdjectiveCounts

HAPPY_DOG, WET_DOG, SAD_DOG, OLD_CAT = ANP("happy", "dog"), ANP("wet", "dog"), ANP("sad", "dog"), ANP("old", "cat")
COUNTS = AdjectiveCounts({HAPPY_DOG: 1, WET_DOG: 3, SAD_DOG: 0, OLD_CAT: 4})

words = st.sampled_from(["a", "b", "c"])
counts = st.dictionaries(st.builds(ANP, words, words), st.integers(0, 50), min_size=1).map(AdjectiveCounts)


def test_it_is_a_mapping_of_the_counts() -> None:
    assert COUNTS[WET_DOG] == 3
    assert list(COUNTS) == [HAPPY_DOG, WET_DOG, SAD_DOG, OLD_CAT]
    assert COUNTS.total == 8
    assert COUNTS.get(ANP("old", "dog")) is None
    assert dict(COUNTS.counted()) == {HAPPY_DOG: 1, WET_DOG: 3, OLD_CAT: 4}


def test_probabilities_by_hand() -> None:
    assert COUNTS.probability(WET_DOG) == 3 / 8
    assert COUNTS.probability(SAD_DOG) == COUNTS.probability(ANP("old", "dog")) == 0
    assert COUNTS.given_noun(WET_DOG) == 3 / 4
    assert COUNTS.given_noun(SAD_DOG) == 0
    assert COUNTS.given_noun(SAD_DOG, smoothing=1) == 1 / 7
    assert COUNTS.given_noun(WET_DOG, smoothing=1) == 4 / 7
    assert COUNTS.given_noun(ANP("old", "dog"), smoothing=1) == 0, "only what is in the list is smoothed"


def test_the_adjectives_of_a_noun() -> None:
    assert COUNTS.of_noun("dog") == {"happy": 1, "wet": 3, "sad": 0}
    assert COUNTS.ranked("dog") == ["wet", "happy", "sad"]
    assert COUNTS.of_noun("bird") == {}
    assert COUNTS.ranked("bird") == []
    even = AdjectiveCounts(dict.fromkeys([SAD_DOG, HAPPY_DOG, WET_DOG], 2))
    assert even.ranked("dog") == ["sad", "happy", "wet"], "equally common ones stay in order"


def test_a_noun_that_was_never_counted_has_equally_probable_adjectives() -> None:
    nothing = AdjectiveCounts({HAPPY_DOG: 0, WET_DOG: 0, OLD_CAT: 1})
    assert nothing.given_noun(HAPPY_DOG) == nothing.given_noun(HAPPY_DOG, smoothing=2) == 1 / 2
    assert nothing.counted().given_noun(HAPPY_DOG) == 0
    assert AdjectiveCounts({}).probability(HAPPY_DOG) == 0


@given(counts, st.sampled_from([0.0, 0.5, 1.0, 10.0]))
def test_the_adjectives_of_a_noun_share_a_probability_of_one(counted: AdjectiveCounts, smoothing: float) -> None:
    for noun in {anp.noun for anp in counted}:
        shares = [counted.given_noun(ANP(adjective, noun), smoothing) for adjective in counted.ranked(noun)]
        assert sum(shares) == pytest.approx(1)
        assert shares == sorted(shares, reverse=True)


def test_it_is_made_of_an_ontology_or_of_images() -> None:
    ontology = Ontology("o", {HAPPY_DOG: OntologyEntry(count=2), WET_DOG: OntologyEntry(count=0, insertable=False)})
    assert dict(AdjectiveCounts.of_ontology(ontology)) == {HAPPY_DOG: 2, WET_DOG: 0}
    images = [[HAPPY_DOG, HAPPY_DOG], [HAPPY_DOG, OLD_CAT], []]
    assert AdjectiveCounts.of_images(images) == {HAPPY_DOG: 2, OLD_CAT: 1}


def test_it_needs_no_torch() -> None:
    code = "import sys, sentikit.affect.adjective_counts; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
