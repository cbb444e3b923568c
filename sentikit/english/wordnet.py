"""What WordNet knows of adjectives and nouns, from tables that `scripts/english/wordnet.py` makes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def opposites(adjective: str) -> frozenset[str]:
    """The adjectives that deny `adjective`: for "wet" dry, parched, thirsty."""
    return _table("opposites.txt").get(adjective, frozenset())


def similar(adjective: str) -> frozenset[str]:
    """The adjectives that say nearly the same: for "wet" damp, soaked, muddy."""
    return _table("similar.txt").get(adjective, frozenset())


def nouns(kind: str) -> frozenset[str]:
    """The nouns, in the singular, that mostly name a `kind` of thing: "person", "animal" or "food".

    Raises KeyError for another kind.
    """
    return _table("nouns.txt")[kind]


@cache
def _table(name: str) -> dict[str, frozenset[str]]:
    lines = files("sentikit.data").joinpath(name).read_text("ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {first: frozenset(others) for first, *others in rows}
