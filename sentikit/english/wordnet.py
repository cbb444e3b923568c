"""What WordNet knows of adjectives and nouns, from tables that `scripts/english/wordnet.py` makes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .expressions import word_set


def opposites(adjective: str) -> frozenset[str]:
    """The adjectives that deny `adjective`: for "wet" dry, parched, thirsty."""
    return _table("opposites.txt").get(adjective, frozenset())


def similar(adjective: str) -> frozenset[str]:
    """The adjectives that say nearly the same: for "wet" damp, soaked, muddy."""
    return _table("similar.txt").get(adjective, frozenset())


def nouns(kind: str) -> frozenset[str]:
    """The nouns, in the singular, that mostly name a `kind` of thing: "person", "animal" or "food".

    "other" are those that end as nouns for people do and name something else.

    Raises KeyError for another kind.
    """
    return _table("nouns.txt")[kind]


# How nouns for people end; `nouns("other")` has the words of WordNet that end so and name something else.
ENDINGS_OF_PEOPLE = tuple(
    word_set(
        """man woman person boy girl lady guy dude kid ist boarder goer skater rider surfer skier climber jumper
        gazer fighter lover dancer bather hiker biker racer diver monger father mother dad mom sister
        brother aunt uncle eer logger player encer"""
    )
)


@cache
def names_a_person(noun: str) -> bool:
    """Whether a `noun`, a singular, names somebody: by WordNet, or for a word it does not have, by its ending."""
    if noun in nouns("person"):
        return True
    return noun.endswith(ENDINGS_OF_PEOPLE) and noun not in nouns("other")


@cache
def _table(name: str) -> dict[str, frozenset[str]]:
    lines = files("sentikit.data").joinpath(name).read_text("ascii").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {first: frozenset(others) for first, *others in rows}
