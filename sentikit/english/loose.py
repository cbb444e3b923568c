"""Adjectives that can be said of anything and say little, unless people use them with that noun: "great", "clear".

"A great view" and "a clear sky" are what people write; "a great street" and "a clear road" are not. The measure is
usage: `sentikit/data/usage.txt` has the nouns of each, and `scripts/english/usage.py` made it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .expressions import word_set
from .wordnet import names_a_person, nouns

LOOSE = word_set("awful bad classic clear excellent famous fine good great mad safe successful terrible tough")
"""The adjectives that need usage to speak for them."""

# Of people and animals these are always said; whether they insult is the denylist's question.
_OF_THE_LIVING = word_set("awful bad good great mad terrible")


def is_used(adjective: str, noun: str) -> bool:
    """Whether people use the adjective with the noun, a singular; always, if the adjective is not `LOOSE`."""
    if adjective not in LOOSE or noun in _usage()[adjective]:
        return True
    return adjective in _OF_THE_LIVING and (names_a_person(noun) or noun in nouns("animal"))


@cache
def _usage() -> dict[str, frozenset[str]]:
    lines = files("sentikit.data").joinpath("usage.txt").read_text("utf-8").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {adjective: frozenset(nouns) for adjective, *nouns in rows}
