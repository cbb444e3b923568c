"""A caption as a whole: its words, and how many people, animals and vehicles it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from .expressions import ANIMALS, PEOPLE, VEHICLES, word_set
from .insertion import lower_words
from .spelling import american

# Of a photograph, or after it: "a black and white photo", "a photo in black and white". Not "a black and white cat".
_GREYSCALE = re.compile(
    r"""\b(?:gr[ae]y-?\ ?scale|sepia|monochrom(?:e|atic)|b\ ?[&/]\ ?w)\b
    |\b(?:black\W{1,3}(?:and|&|n)\W{1,3}white|black\W{1,2}white)\W{1,2}(?:\w+\W{1,2}){0,3}?
        (?:photo|photograph|picture|pic|image|shot|portrait|snapshot|film|print|still|scene|photography)s?\b
    |\b(?:photo|photograph|picture|pic|image|shot|portrait|scene)s?\b[^.;]{0,40}?
        \b(?:(?:in|is|are|taken\ in|,)\ )(?:a\ )?black\W{1,3}(?:and|&)\W{1,3}white\b(?!\s+(?!of\b)\w)
    |\bin\ black\W(?:and|&)\Wwhite\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNALS = word_set("light lights sign signs signal signals cone cones intersection meter")
_TWO = word_set("two couple pair both")
_GROUPS = word_set("people couple crowd family group team crew audience cattle herd flock")


class Scene(NamedTuple):
    """A caption as a whole: its words in lower case, and how many people, animals and vehicles it names.

    A plural counts as three, or as two where the caption has such a word.
    """

    words: frozenset[str]
    people: int
    animals: int
    vehicles: int
    is_greyscale: bool = False
    """Whether the photograph is black and white, or toned in one colour."""


def scene(text: str, lemma: Callable[[str], str]) -> Scene:
    """The scene of a caption. lemma: as `NounFinder.lemma`."""
    found = lower_words(text)
    # A traffic light is no traffic.
    words = frozenset(
        american(word)
        for word, after in zip(found, [*found[1:], ""], strict=False)
        if word != "traffic" or after not in _SIGNALS
    )
    people, animals, vehicles = (_count(words, kind, lemma) for kind in (PEOPLE, ANIMALS, VEHICLES))
    return Scene(words, people, animals, vehicles, _GREYSCALE.search(text) is not None)


def _count(words: Collection[str], kind: Collection[str], lemma: Callable[[str], str]) -> int:
    """How many of a kind `words` name: one for a singular, two or three for a plural or a group."""
    named: dict[str, int] = {}
    many = 3 if _TWO.isdisjoint(words) else 2
    for word in words:
        noun = lemma(word)
        if noun in kind:
            several = noun != word or word in _GROUPS
            named[noun] = max(named.get(noun, 0), many if several else 1)
    return sum(named.values())
