"""Which adjectives can be said of a noun at all, whatever the caption says."""

from __future__ import annotations

from ..anp import Tag
from .expressions import ANIMALS, FIXED, OPAQUE, PEOPLE, PICTURES, word_set
from .kinds import can_be
from .noun_phrases import NounPhrase
from .order import is_opinion, reads_as_rather, splits_a_pair
from .spelling import american

# They say where or what for rather than how something is, or what no photograph shows.
_RELATIONAL = word_set(
    "waiting outdoor super training traveling travelling healing helping lying failing funerary holy"
)
_POSSESSIVES = word_set("his her their its my our your 's")
_PLACES = word_set(
    """river lake creek city forest coast island place road street field park beach town house building tower bridge
    wall sea ocean mountain angel star"""
)
_OF_WATER = word_set(
    """calm clear clean muddy shallow deep icy frozen dark rough smooth still peaceful tranquil serene beautiful lovely
    dirty cold warm choppy quiet fresh salty sparkling stormy cool pretty scenic"""
)
# What goes without saying of a noun, and what nobody says of it.
_POINTLESS = {
    "wet": word_set("rain water ocean sea lake river pond wave swim"),
    "hot": word_set("fire flame car"),
    "clear": word_set("mountain"),
    "rainy": word_set("window"),
    "icy": word_set("ice snow"),
    "snowy": word_set("snow"),
    "sandy": word_set("sand"),
    "cold": word_set("snow ice"),
    "freezing": word_set("snow ice"),
    "busy": word_set("crowd"),
    "warm": ANIMALS,
    "wild": word_set("water pond lake"),
    "nice": word_set("face foot hand head"),
}


def fits(tag: Tag, phrase: NounPhrase) -> bool:
    """Whether the adjective of `tag` can be said of the noun of `phrase` at all, whatever else the caption says."""
    noun = phrase.lemma
    if (tag.adjective, noun) in FIXED | OPAQUE:
        return False  # a "hot dog" is not a dog that is hot
    if noun in _POINTLESS.get(tag.adjective, ()) and not (tag.adjective == "wild" and phrase.plural):
        return False  # but "wild waters" are rapids
    if splits_a_pair(tag.adjective, phrase):
        return False
    if phrase.graded or (phrase.compared and is_opinion(tag.adjective)):
        return False  # "a beautiful very old church", "the beautiful oldest church"
    if not can_be(american(tag.adjective), noun, of_something=phrase.complement[:1] == ("of",)):
        return False
    if noun == "body" and phrase.complement[:1] == ("of",):
        return tag.adjective in _OF_WATER
    match tag.adjective:
        case "falling" | "lost":
            return noun not in _PLACES
        case "stupid" | "dumb":
            return noun in PEOPLE | ANIMALS
        case "candid":
            return noun in PICTURES
        case "pretty":
            return not reads_as_rather(phrase)
        case "lonely":
            return not phrase.plural
        case "favorite" | "favourite":
            return phrase.determiner in _POSSESSIVES
        case "best" | "worst":
            return phrase.determiner in _POSSESSIVES | {"the"}
        case "better" | "worse":
            return False
        case adjective:
            return adjective not in _RELATIONAL
