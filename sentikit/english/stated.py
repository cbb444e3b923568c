"""The adjective-noun pairs that captions state: "a happy dog", "the street is empty"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import tee

from ..anp import ANP
from .adjectives import has_adjective
from .expressions import COLOURS, COMPOUNDING, FIXED, OPAQUE, word_set
from .noun_phrases import NounFinder, NounPhrase

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

# Before a colour, or a word like "haired", these describe it and not the noun: "a light blue shirt".
_SHADES = word_set("light dark bright brilliant pale deep vivid rich soft clear royal stark solid hot")
_OF_THE_LOOK = word_set("looking style sized")  # "a happy looking dog" is happy all the same

_COPULAS = word_set("is are was were looks look seems seem appears appear")
_RELATIVES = word_set("that which who")
_DEGREES = word_set("very so too quite rather really extremely completely totally mostly all both")
_OPENERS = word_set("while as where when because but")
_JOINING = frozenset({"and", "but", ",", "yet", "&"})
_AGAIN = word_set("it he she they there its his her their the a an")
_CLOSERS = word_set(
    """or while as with without in on at by for from to of because after before during under over behind beside
    near next inside outside around about today"""
)


class StatedANPs:
    """Finds the ANPs that texts state: adjectives before the noun, and after "is", "are" or "looks".

    accepts: whether a word, in lower case, is an adjective that is looked for. A text without one costs little.
    """

    def __init__(self, accepts: Callable[[str], bool]) -> None:
        self._accepts = accepts
        self._finder = NounFinder()

    def lemma(self, noun: str) -> str:
        """The form in which `find` gives a noun: its singular, where it has one."""
        return self._finder.lemma(noun)

    def find(self, texts: Iterable[str]) -> Iterator[frozenset[ANP]]:
        """The ANPs of each text, in order; lazily, reading some thousand texts ahead at most.

        Left out are nouns under a negation, proper names and fixed expressions ("hot dog"), as `NounFinder` leaves
        them out. Raises MissingPipeline where spaCy's English pipeline is not installed.
        """
        texts, again = tee(texts)
        items = ((text, None if self._could_hold(text) else ()) for text in texts)
        for text, phrases in zip(again, self._finder.find(items), strict=True):
            yield self.said(text, phrases)

    def said(self, text: str, phrases: Iterable[NounPhrase]) -> frozenset[ANP]:
        """The ANPs of a text whose noun phrases are found already."""
        return frozenset(ANP(word, phrase.lemma) for phrase in phrases for word in self._said(text, phrase))

    def _could_hold(self, text: str) -> bool:
        return any(map(self._accepts, _WORD.findall(text.lower())))

    def _said(self, text: str, phrase: NounPhrase) -> Iterator[str]:
        """What the words before the noun and after it say that it is."""
        following = [modifier.word for modifier in phrase.modifiers[1:]] + [phrase.lemma]
        for modifier, after in zip(phrase.modifiers, following, strict=False):
            word = modifier.word
            # The tagger takes some adjectives for nouns: "misty morning".
            adjective = modifier.is_adjective or (has_adjective(word) and (word, after) not in FIXED | OPAQUE)
            if adjective and self._accepts(word) and not _belongs_to(word, after):
                yield word
        for predicate in _predicates(text, phrase):
            if has_adjective(predicate) and self._accepts(predicate):
                yield predicate


def _belongs_to(adjective: str, following: str) -> bool:
    """Whether the adjective describes the word after it rather than the noun: "dark brown dog", "curly haired girl"."""
    if following in COMPOUNDING:
        return following not in _OF_THE_LOOK
    return adjective in _SHADES and following in COLOURS


def _predicates(text: str, phrase: NounPhrase) -> list[str]:
    """The adjectives in "the street is dark and quiet" or "a street that is very busy".

    None where the subject is not certain, or what follows is no list of adjectives alone.
    """
    words = list(phrase.complement)
    if words[:1] and words[0] in _RELATIVES:
        words = words[1:]
    elif not _opens_clause(text[: phrase.start]):
        return []  # the "shirt" in "a man in a shirt is happy"
    if not words or words[0] not in _COPULAS:
        return []
    found: list[str] = []
    for place, word in enumerate(words[1:], 1):
        if word in _DEGREES or (word in _JOINING and found):
            continue
        if not word.isalpha() or word in _CLOSERS or word in _AGAIN:
            break
        if found and words[place - 1] not in _JOINING | _DEGREES:
            return []  # "is bright red", "is old brick"
        if not has_adjective(word):
            return found if words[place - 1] in _JOINING else []
        found.append(word)
    return found


def _opens_clause(before: str) -> bool:
    """Whether a noun phrase after the text `before` is a subject: it opens the text or a clause of it."""
    words = before.lower().split()
    return not words or words[-1].endswith((".", ";", "!")) or words[-1] in _OPENERS
