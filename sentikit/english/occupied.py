"""Which places and things are in use, so that nobody calls them empty, quiet or abandoned; which animals are tame."""

from __future__ import annotations

from itertools import takewhile

from .adjectives import has_adjective
from .expressions import ANIMALS, COLOURS, MATERIALS, SERVED, TIMES, VEHICLES, word_set
from .noun_phrases import NounPhrase
from .scenes import Scene

# Nobody says these of a place or thing where many people are; the first even of one where two are.
_LONELY = "lonely"
_UNPEOPLED = word_set("empty lonely abandoned quiet deserted desolate derelict bare vacant")

# An empty one has nobody on it, or nothing in it.
_SEATS = word_set("chair bench bed couch sofa seat stool table shelf counter desk")
_VESSELS = word_set("plate bowl cup glass box basket vase bag dish tray pan pot bottle can mug jar bucket")
_TABLEWARE = word_set("plate bowl dish tray pan pot")
_INSIDE = word_set("in on inside into onto atop upon from riding driving")
_MOUNTING = word_set("on onto atop riding ride rides")
_FILLED = word_set("of with filled full holding containing topped covered loaded packed has having including")

# What a room has that is empty nevertheless, and what stands beside that.
_ROOMS = word_set("room kitchen house space bathroom bedroom office hall hallway garage building apartment")
_BARE = word_set("no nothing nobody only")
_BUILT_IN = word_set(
    """window windows wall walls floor floors flooring ceiling ceilings door doors doorway carpet carpeting fireplace
    wallpaper a an the one two three and its of in on"""
)
_FURNITURE = word_set(
    """furniture couch couches sofa sofas chair chairs table tables bed beds desk desks television tv lamp lamps
    bookshelf bookcase cabinets stove oven refrigerator fridge sink toilet bathtub shower dresser stool stools
    microwave dishwasher washer dryer tub bench shelves"""
)

# A pool that one of these is done in has water; a skater may be in an empty one.
_POOLS = word_set("pool bathtub tub")
_BATHING = word_set(
    """swim swims swimming swimmer swimmers splash splashes splashing float floats floating dive dives diving surf surfs
    surfing surfer jump jumps jumping bathing water"""
)

# Places that are not empty where several animals or vehicles are; of the last few, one is enough.
_VACANT = word_set("empty lonely deserted vacant desolate")
_BERTHS = word_set("space spot stall")
_PITCHES = word_set("field court stadium diamond pitch arena")
_PLAYED = word_set("play plays playing game match practice")
_PLACED = _INSIDE | {"at", "along", "across", "through"}
_OUTSIDE = word_set("around near outside by past beside behind overlooking toward towards below above against")

# No animal is wild beside these, or under a rider.
_TAMED_BY = word_set(
    """
        riding rides ride rider riders saddle leash collar zoo pen carriage harness stuffed toy couch bed sofa
        jockey polo police leading leads led pulling pulls pulled cart wagon pet pets cowboy rodeo reins bridle
        barn stable farm cage fence fenced penned circus carrying carries
    """
)
# No animal is dead beside these.
_WORKS_WITH = word_set(
    """riding rides ride rider riders saddle leash jockey polo leading leads led pulling pulls pulled carriage cart
    wagon rodeo reins bridle"""
)
_SAT_ON = word_set("sitting sits sit mounted")
_CARRYING = word_set("carrying carries carry")

_HANDLING = word_set("walking walks leading leads feeding feeds petting pets his her their its my our your 's")


def is_occupied(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether the caption shows somebody or something where `adjective` says that there is nobody or nothing."""
    return (
        (adjective in _UNPEOPLED and _is_peopled(adjective, phrase, scene))
        or (adjective in ("empty", "vacant", "bare") and _is_filled(phrase, scene))
        or (adjective in _VACANT and _is_in_use(phrase, scene))
        or (adjective in ("wild", "feral", "dead") and phrase.lemma in ANIMALS and _is_tame(adjective, phrase, scene))
    )


def _is_peopled(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether more people are there than an empty or quiet place has: two boys may stand in an empty field."""
    if phrase.lemma in _SEATS | _VESSELS | TIMES or phrase.before in _OUTSIDE:
        return False
    return scene.people > (1 if adjective == _LONELY else 2)


def _is_furnished(phrase: NounPhrase, scene: Scene) -> bool:
    """Whether the caption names what is in the room, beyond what every room has: "a room with a window and chairs"."""
    if len(scene.words & _FURNITURE) > 1:
        return True
    ahead = phrase.complement
    if _FILLED.isdisjoint(ahead[:2]) or not _BARE.isdisjoint(ahead[1:3]):
        return False
    at = 1 if ahead[0] in _FILLED else 2
    named = takewhile(str.isalpha, ahead[at:])
    return any(word not in _BUILT_IN | COLOURS | MATERIALS and not has_adjective(word) for word in named)


def _is_filled(phrase: NounPhrase, scene: Scene) -> bool:
    """Whether a seat or vessel has somebody in it ("a cat in a bowl"), or a vessel or room something."""
    if phrase.lemma in _ROOMS:
        return _is_furnished(phrase, scene)
    if phrase.lemma in _POOLS and not _BATHING.isdisjoint(scene.words):
        return True
    if phrase.lemma not in _SEATS | _VESSELS:
        return False
    if phrase.lemma in _TABLEWARE and not (SERVED - _TABLEWARE).isdisjoint(scene.words):
        return True
    occupied = phrase.before in _INSIDE and scene.people + scene.animals > 0
    return occupied or (phrase.lemma in _VESSELS and not _FILLED.isdisjoint(phrase.complement[:2]))


def _is_in_use(phrase: NounPhrase, scene: Scene) -> bool:
    """Whether the place is one that a herd, cars or a game are in: "cows in a field", "cars parked on a street"."""
    if phrase.before not in _PLACED or phrase.lemma in _SEATS | _VESSELS | VEHICLES:
        return False
    occupied = max(scene.animals, scene.vehicles) > (0 if phrase.lemma in _BERTHS else 1)
    return occupied or (phrase.lemma in _PITCHES and not _PLAYED.isdisjoint(scene.words))


def _is_tame(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether an animal is handled by people so that it cannot be wild, or dead."""
    if not _HANDLING.isdisjoint((phrase.before, phrase.determiner)) or phrase.before in _MOUNTING:
        return True
    if scene.people and not _SAT_ON.isdisjoint(phrase.complement):
        return True  # "a horse that her children are sitting on"
    if adjective == "dead":
        return not _WORKS_WITH.isdisjoint(scene.words) or not _CARRYING.isdisjoint(phrase.complement[:2])
    return not _TAMED_BY.isdisjoint(scene.words)
