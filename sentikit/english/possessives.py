"""Possessives that name a kind of thing rather than an owner: "the ladies' room", "a bird's eye view"."""

from __future__ import annotations

from collections.abc import Sequence

from .expressions import word_set
from .tagged import Lemma

# Whose rooms, clothes and games are kinds of these.
_GROUPS = word_set("man woman lady gentleman boy girl kid child visitor student teacher guest employee player")
_FOR_A_GROUP = word_set(
    """room restroom bathroom toilet washroom lavatory department section ward clothing wear apparel shoe team league
    tournament match final race event game soccer tennis basketball volleyball baseball football hockey rugby golf
    cricket single double store shop school hospital museum library book menu playground lounge dorm club bike
    bicycle underwear entrance parking magazine center party"""
)

_KINDS = {
    "bird": "eye nest",
    "eagle": "nest",
    "farmer": "market",
    "baby": "breath",
    "valentine": "day card gift heart decoration box cake",
    "mother": "day",
    "father": "day",
    "veteran": "day",
    "president": "day",
    "driver": "seat license side ed door",
    "passenger": "seat side",
    "captain": "chair wheel",
    "director": "chair",
    "baker": "dozen rack",
    "doctor": "office coat appointment bag",
    "dentist": "office chair",
    "shepherd": "pie crook",
    "potter": "wheel",
    "ship": "wheel bell",
    "cat": "cradle eye",
    "lion": "share",
    "devil": "food",
    "angel": "food",
    "fool": "gold",
    "lamb": "ear",
    "crow": "nest",
    "bull": "eye",
    "goat": "milk cheese",
    "cow": "milk",
    "sheep": "milk clothing",
    "barber": "shop pole chair",
    "butcher": "shop block",
    "lover": "lane",
    "widow": "walk peak",
    "snail": "pace",
    "adam": "apple",
    "rubik": "cube",
    "artist": "studio palette easel",
    "worm": "eye",
    "fish": "eye",
    "confectioner": "sugar",
    "traveler": "check",
    "tailor": "shop",
    "jeweler": "shop",
    "year": "eve day",
    "monkey": "wrench",
    "rabbit": "foot",
    "writer": "desk block",
    "judge": "gavel bench",
    "winner": "circle podium",
    "pitcher": "mound",
    "catcher": "mitt mask gear",
    "batter": "box",
    "umpire": "mask",
}


def is_owner_of_a_kind(words: Sequence[str], owner: int, lemma: Lemma) -> bool:
    """Whether the word at `owner`, with "'s" or "'" after it, and the noun after that name a kind of thing."""
    following = words[owner + 2 : owner + 4]
    if not following:
        return False
    noun = lemma(words[owner])
    kinds = word_set(_KINDS.get(noun, ""))
    if any(lemma(word) in kinds for word in following[:1]):
        return True
    plural = words[owner] != noun or words[owner] in ("men", "women", "children")
    return plural and noun in _GROUPS and lemma(following[0]) in _FOR_A_GROUP
