"""Puts adjectives on the nouns of a caption as a careful writer would, given candidates in order of preference."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ..affect.valence import adjective_valence, polarity
from ..anp import Tag
from ..caption import Edit, Rewrite
from .clashes import clashes, scene
from .fit import fits
from .insertion import insertion
from .loose import is_used
from .noun_phrases import NounPhrase
from .order import place
from .sentences import sentence_starts
from .spelling import american

_LISTED = re.compile(r"[\w'’-]+,")


class Candidate(NamedTuple):
    """A tag for a noun of the caption."""

    phrase: NounPhrase
    tag: Tag


def place_adjectives(text: str, candidates: Iterable[Candidate], lemma: Callable[[str], str]) -> Rewrite:
    """The rewrite of `text` with every candidate that goes well with the caption and with those before it.

    A noun gets one adjective, an adjective is used once, and all that are put in feel alike: none is positive beside
    a negative one. A noun that comes again in a later sentence is the same thing, and gets no second adjective.
    lemma: as `NounFinder.lemma`.
    """
    edits: list[Edit] = []
    done: set[NounPhrase] = set()
    adjectives: set[str] = set()
    feelings: set[str] = set()
    whole = scene(text, lemma)
    starts = sentence_starts(text)
    for phrase, tag in candidates:
        feeling = polarity(adjective_valence(tag.adjective)) or "neutral"
        if (
            phrase in done
            or american(tag.adjective) in adjectives
            or any(phrase.lemma == other.lemma and _are_apart(phrase, other, starts) for other in done)
            or {feeling, *feelings} >= {"positive", "negative"}
            or not is_used(american(tag.adjective), phrase.lemma)
            or not fits(tag, phrase)
            or clashes(tag.adjective, phrase, whole)
        ):
            continue
        at = place(tag.adjective, phrase)
        comma = "," if _is_in_a_list(text, phrase, at) else ""
        edits.append(insertion(text, at, tag.adjective + comma, tag))
        done.add(phrase)
        adjectives.add(american(tag.adjective))
        feelings.add(feeling)
    return Rewrite.from_edits(text, edits)


def place_plainly(text: str, candidates: Iterable[Candidate]) -> Rewrite:
    """The rewrite of `text` with the first candidate of every noun at its place, whatever else the caption says.

    Only an adjective that the noun has already is passed over.
    """
    edits: dict[NounPhrase, Edit] = {}
    for phrase, tag in candidates:
        stated = {modifier.word for modifier in phrase.modifiers}
        if phrase not in edits and not phrase.graded and american(tag.adjective) not in stated:
            edits[phrase] = insertion(text, place(tag.adjective, phrase), tag.adjective, tag)
    return Rewrite.from_edits(text, list(edits.values()))


def _are_apart(one: NounPhrase, other: NounPhrase, starts: Sequence[int]) -> bool:
    """Whether two phrases stand in different sentences, which begin at `starts`."""
    return bisect(starts, one.head_start) != bisect(starts, other.head_start)


def _is_in_a_list(text: str, phrase: NounPhrase, at: int) -> bool:
    """Whether commas stand between the adjectives at `at`: "a friendly, small, happy dog" has two."""
    if at == phrase.head_start:
        return False
    return _LISTED.match(text, at, phrase.head_start) is not None or text[phrase.start : at].rstrip().endswith(",")
