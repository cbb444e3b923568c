"""How an adjective feels: its valence in [-1, 1], from published lexicons and a list of sentikit's own."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from ..english.spelling import american
from ..errors import SentikitError

Polarity: TypeAlias = Literal["positive", "negative", "neutral"]

POSITIVE = 0.1
"""Valences from here on are positive."""
NEGATIVE = -0.1
"""Valences up to here are negative."""


def adjective_valence(adjective: str) -> float | None:
    """The valence of `adjective` in [-1, 1], or None where no lexicon has it, which is not the same as neutral.

    sentikit's own list of words about photographs comes first (``data/valence.toml``), then VADER's, where ten people
    rated every word (Hutto and Gilbert 2014), then TextBlob's adjectives (De Smedt and Daelemans 2012).
    Raises SentikitError where the packages of the lexicons are not whole.
    """
    word = adjective.lower()
    found = _lexicon().get(word)
    return _lexicon().get(american(word)) if found is None else found


def valence_source(adjective: str) -> Literal["sentikit", "VADER", "TextBlob"] | None:
    """Which lexicon `adjective_valence` has the adjective from."""
    word = adjective.lower()
    if word not in _lexicon():
        word = american(word)
    if word not in _lexicon():
        return None
    return "sentikit" if word in dict(_own()) else "VADER" if word in dict(_vader()) else "TextBlob"


def polarity(valence: float | None) -> Polarity | None:
    """``positive`` from 0.1, ``negative`` up to -0.1, ``neutral`` between them; None where the valence is unknown."""
    if valence is None:
        return None
    return "positive" if valence >= POSITIVE else "negative" if valence <= NEGATIVE else "neutral"


@cache
def _lexicon() -> dict[str, float]:
    return dict(_textblob()) | dict(_vader()) | dict(_own())


def _own() -> Iterator[tuple[str, float]]:
    import tomllib
    from importlib.resources import files

    for entry in tomllib.loads(files("sentikit.data").joinpath("valence.toml").read_text("utf-8"))["words"]:
        for word in entry["adjectives"].split():
            yield word, entry["valence"]


def _vader() -> Iterator[tuple[str, float]]:
    """VADER's words; its scale is from -4 to 4."""
    for line in _package_file("vaderSentiment", "vader_lexicon.txt").read_text("utf-8").splitlines():
        word, mean = line.split("\t")[:2]
        yield word, float(mean) / 4


def _textblob() -> Iterator[tuple[str, float]]:
    """TextBlob's adjectives, each with the mean of its senses."""
    from xml.etree import ElementTree

    senses = defaultdict(list)
    for word in ElementTree.parse(_package_file("textblob", "en/en-sentiment.xml")).getroot():
        if word.attrib["pos"] == "JJ":
            senses[word.attrib["form"]].append(float(word.attrib["polarity"]))
    for form, polarities in senses.items():
        yield form, sum(polarities) / len(polarities)


def _package_file(package: str, name: str) -> Path:
    """A data file of a package, without importing the package: textblob would import nltk."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, name)
        if path.is_file():
            return path
    raise SentikitError(f"The word list {name} of the package {package} is missing: install {package} again.")
