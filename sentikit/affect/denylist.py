"""What must not be put into a text: rules over ANPs, from a TOML file.

::

    [groups]
    minors = ["child", "boy", "girl"]
    people = ["man", "woman", "@minors"]

    [[rule]]
    reason = "it demeans a person"
    adjectives = ["stupid", "ugly"]     # left out: any adjective
    nouns = ["@people"]                 # left out: any noun
    except_nouns = ["model"]            # optional
    unless_polarity = "negative"        # optional: not where this polarity is asked for

A rule denies an ANP for which all it says is true. Nouns stand for their plurals too, and the other way round;
``@name`` stands for a group, of nouns or adjectives, defined above it. Two groups are there from the start:
``@persons``, the nouns that WordNet knows as people, and words that end as such nouns do ("stuntman", "paddleboarder");
and ``@animals``, those that it knows as animals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..anp import ANP
from ..english import wordnet
from ..english.wordnet import names_a_person
from ..errors import SentikitError
from ..io.messages import show
from ..io.paths import shown
from ..io.toml import parse_toml, read_toml

PERSONS = "persons"
"""The group of nouns that every denylist has."""

_ANY_PERSON = "@persons"  # stands for them in a group, as no noun can
_LISTS = ("adjectives", "nouns", "except_nouns")
_KEYS = {"reason", *_LISTS, "unless_polarity"}


@dataclass(frozen=True)
class Rule:
    """Denies the ANPs for which all its conditions hold. None is any word; nouns are in the singular."""

    reason: str
    adjectives: frozenset[str] | None = None
    nouns: frozenset[str] | None = None
    except_nouns: frozenset[str] = frozenset()
    unless_polarity: str | None = None

    def denies(self, adjective: str, noun: str, polarity: str) -> bool:
        """`noun` in the singular; `polarity` as the user asked for it."""
        return (
            (self.adjectives is None or adjective in self.adjectives)
            and (self.nouns is None or noun in self.nouns or (_ANY_PERSON in self.nouns and names_a_person(noun)))
            and noun not in self.except_nouns
            and polarity != self.unless_polarity
        )


@dataclass(frozen=True)
class Denylist:
    """Rules, of which one is enough to deny an ANP."""

    name: str
    rules: tuple[Rule, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Denylist:
        """The denylist of a TOML file, or without `path` sentikit's own, which keeps people from harm.

        Raises SentikitError, with the place, where the file cannot be read or is no denylist.
        """
        if path is None:
            from importlib.resources import files

            text = files("sentikit.data").joinpath("denylist.toml").read_text("utf-8")
            return cls("bundled", _parse(parse_toml(text, "denylist.toml"), "denylist.toml"))
        return cls(path.name, _parse(read_toml(path), shown(path)))

    @classmethod
    def none(cls) -> Denylist:
        """Denies nothing."""
        return cls("none", ())

    def denies(self, anp: ANP, polarity: str = "any") -> str | None:
        """Why `anp` is denied to who asks for `polarity` (positive, negative or any), or None where it is not."""
        noun = singular(anp.noun)
        return next((rule.reason for rule in self.rules if rule.denies(anp.adjective, noun, polarity)), None)


def _parse(document: Mapping[str, Any], where: str) -> tuple[Rule, ...]:
    unknown = document.keys() - {"groups", "rule"}
    if unknown:
        raise SentikitError(f"{where}: unknown key {show(min(unknown))}; a denylist has only [groups] and [[rule]].")
    groups, rules = document.get("groups", {}), document.get("rule", [])
    if not isinstance(groups, dict):
        raise SentikitError(f"{where}, groups: it is not a table; write [groups].")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise SentikitError(f"{where} has no rules; begin each with [[rule]].")
    known = {PERSONS: frozenset([_ANY_PERSON]), "animals": _animals()}
    for name, words in groups.items():
        known[name] = _words(words, known, f"{where}, group {show(name)}")
    return tuple(_rule(rule, known, f"{where}, rule {number}") for number, rule in enumerate(rules, 1))


def _animals() -> frozenset[str]:
    """WordNet's nouns for animals, without those in -s, whose singular may be another word."""
    return frozenset(noun for noun in wordnet.nouns("animal") if not noun.endswith("s"))


def _rule(rule: Mapping[str, Any], groups: Mapping[str, frozenset[str]], place: str) -> Rule:
    unknown = rule.keys() - _KEYS
    if unknown:
        raise SentikitError(f"{place}: unknown key {show(min(unknown))}; a rule may have {', '.join(sorted(_KEYS))}.")
    reason, unless = rule.get("reason"), rule.get("unless_polarity")
    if not isinstance(reason, str) or not reason.strip():
        raise SentikitError(f"{place}: its reason is missing or not text.")
    if unless not in (None, "positive", "negative"):
        raise SentikitError(f"{place}: unless_polarity is {show(unless)}, not positive or negative.")
    lists = {key: _words(rule[key], groups, f"{place}, {key}") for key in _LISTS if key in rule}
    if "adjectives" not in lists and "nouns" not in lists:
        raise SentikitError(f"{place}: it has neither adjectives nor nouns and would deny everything.")
    return Rule(
        reason=reason.strip(),
        adjectives=lists.get("adjectives"),
        nouns=_singulars(lists["nouns"]) if "nouns" in lists else None,
        except_nouns=_singulars(lists.get("except_nouns", ())),
        unless_polarity=unless,
    )


def _words(values: Any, groups: Mapping[str, frozenset[str]], place: str) -> frozenset[str]:
    """The words of a list, with groups in place of their names."""
    if not isinstance(values, list) or not values:
        raise SentikitError(f"{place}: it is not a list of words.")
    words: set[str] = set()
    for value in values:
        if not isinstance(value, str) or len(value.split()) != 1:
            raise SentikitError(f"{place}: {show(value)} is not one word.")
        word = value.strip().lower()
        if not word.startswith("@"):
            words.add(word)
        elif word[1:] in groups:
            words |= groups[word[1:]]
        else:
            raise SentikitError(f"{place}: no group {show(word[1:])} is defined above it in [groups].")
    return frozenset(words)


def _singulars(nouns: Iterable[str]) -> frozenset[str]:
    return frozenset(noun if noun == _ANY_PERSON else singular(noun) for noun in nouns)


_IRREGULAR = {
    "people": "person",
    "passersby": "passerby",
    "buses": "bus",
    "heroes": "hero",
    "potatoes": "potato",
    "tomatoes": "tomato",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "mice": "mouse",
    "knives": "knife",
    "wives": "wife",
    "lives": "life",
    "calves": "calf",
    "split": "half",
    "leaves": "leaf",
    "loaves": "loaf",
    "shelves": "shelf",
    "thieves": "thief",
    "wolves": "wolf",
    "elves": "elf",
    "selves": "self",
}
_MEN = ("specimen", "abdomen", "stamen", "omen", "semen", "regimen")


@cache
def singular(noun: str) -> str:
    """A noun without its plural ending. Meant for comparing: what it makes of a noun in -s need not be a word."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith("men") and noun not in _MEN:
        return noun[:-2] + "an"
    if noun.endswith("children"):
        return noun[:-3]
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith("ie") and len(noun) > 3:  # a movie and movies, as a lady and ladies
        return noun[:-2] + "y"
    if noun.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return noun[:-2]
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and len(noun) > 2:
        return noun[:-1]
    return noun
