"""Which nouns name people and animals, by WordNet's first senses (`scripts/tables/living.py` makes the table)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def person_nouns() -> frozenset[str]:
    """Nouns for people, in lower case and in the singular: "equestrian", "cellist"."""
    return _table()["people"]


def animal_nouns() -> frozenset[str]:
    """Nouns for animals, in lower case and in the singular: "dog", "pelican"."""
    return _table()["animals"]


@cache
def _table() -> dict[str, frozenset[str]]:
    text = files("sentikit.data").joinpath("living.txt").read_text("utf-8")
    sections = (section.partition("]\n") for section in text.split("\n[")[1:])
    return {kind: frozenset(words.split()) for kind, _, words in sections}
