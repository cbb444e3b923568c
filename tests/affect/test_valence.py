"""Valence: what the lexicon says of adjectives, and what counts as positive and negative."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import adjective_valence, polarity


@pytest.mark.parametrize("adjective", ["beautiful", "cute", "scenic", "cozy", "cosy", "snowy", "fluffy", "Happy"])
def test_positive(adjective: str) -> None:
    assert polarity(adjective_valence(adjective)) == "positive"


@pytest.mark.parametrize("adjective", ["ugly", "dirty", "stormy", "rusty", "abandoned", "rainy", "gloomy", "crowded"])
def test_negative(adjective: str) -> None:
    assert polarity(adjective_valence(adjective)) == "negative"


@pytest.mark.parametrize("adjective", ["little", "small", "red", "golden", "wooden", "many", "old", "lying", "outdoor"])
def test_words_that_do_not_judge_are_neutral(adjective: str) -> None:
    assert polarity(adjective_valence(adjective)) == "neutral"


def test_unknown_is_not_neutral() -> None:
    assert adjective_valence("zorbly") is None
    assert polarity(None) is None


@pytest.mark.parametrize(
    ("valence", "expected"),
    [(0.1, "positive"), (0.0999, "neutral"), (-0.1, "negative"), (-0.0999, "neutral"), (0.0, "neutral")],
)
def test_thresholds(valence: float, expected: str) -> None:
    assert polarity(valence) == expected


@given(st.text(max_size=12) | st.sampled_from(["awesome", "vile", "great", "horrible", "small"]))
def test_every_valence_is_in_range(word: str) -> None:
    valence = adjective_valence(word)
    assert valence is None or -1 <= valence <= 1


def test_the_lexicons_are_read_without_their_packages() -> None:
    code = "import sentikit, sys; sentikit.adjective_valence('x'); print({'textblob', 'nltk'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_signs_agree_with_those_of_vso(shared_data: Path) -> None:
    with (shared_data / "vso" / "vso_anps.csv").open(encoding="utf-8") as handle:
        theirs = {row["adjective"]: float(row["adjective_sentiment"]) for row in csv.DictReader(handle)}
    ours = {adjective: polarity(adjective_valence(adjective)) for adjective in theirs}
    judged = {adjective: sign for adjective, sign in ours.items() if sign in ("positive", "negative")}
    agree = [a for a, sign in judged.items() if (sign == "positive") == (theirs[a] > 0)]
    assert len(judged) > 0.9 * len(theirs)
    assert len(agree) > 0.95 * len(judged)
