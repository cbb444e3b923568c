"""What an adjective must not be said of: what it repeats, and what it contradicts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import takewhile
from typing import NamedTuple

from ..affect.valence import adjective_valence
from .adjectives import has_adjective
from .expressions import ANIMALS, COLOURS, MATERIALS, PEOPLE, TIMES, word_set
from .insertion import lower_words
from .meanings import are_opposites, are_synonyms
from .noun_phrases import NounPhrase
from .order import OPINIONS

_STRONG = 0.2  # weaker valences do not clash: "a beautiful busy street" is fine

# Nobody says these of a place or thing where many people are; the first even of one where two are.
_LONELY = "lonely"
_UNPEOPLED = word_set("empty lonely abandoned quiet deserted desolate derelict bare vacant")

# What a word of the caption, anywhere in it, makes untrue.
_DENIALS = {
    "sunny": "night nighttime midnight rain raining rainy storm snowing snowstorm dark dusk overcast fog foggy",
    "dark misty": "sunny daylight daytime sunshine",
    "rainy wet": "sunny sunshine",
    "dry": "rain raining rainy flooded puddle puddles",
    "colorful colourful golden": "grayscale greyscale sepia black-and-white monochrome",
    "freezing icy cold snowy": "summer tropical",
    "calm smooth": "wave waves stormy crashing rapids",
    "empty abandoned derelict": "crowd crowded packed",
    "lazy sleepy sleeping tired relaxed": """
        running runs run jumping jumps jump leaping leaps racing races chasing chases surfing surfs skateboarding
        skiing skis snowboarding playing plays fighting sprinting swinging swings
    """,
    "sad crying angry scared worried": """
        smiling smiles smile laughing laughs happy happily fun grinning posing enjoying
    """,
    "happy cheerful laughing smiling": "sad crying cries angry upset scared sadly",
    "quiet": "crowd crowded busy loud noisy traffic concert market parade",
    "lonely lone": "group groups herd flock pair two three four five several many other others another together crowd",
    "lost": "leash owner owners holding riding rides",
    "angry mad aggressive hungry playful excited energetic barking": "sleeping asleep sleeps resting rests",
    "fresh": "rotten dried",
    "black white": "colorful",
}

# Only of what lives: not of a statue of it, or a toy.
_OF_THE_LIVING = word_set(
    "wild hungry sleepy tired sick dead dying dangerous aggressive healthy thirsty lost poor scared"
)
_LIFELESS = word_set("stuffed toy statue plastic wooden ceramic fake painted stone metal inflatable plush model rubber")

# Nothing that moves is one of these.
_DISUSED = word_set("abandoned derelict broken damaged haunted")
_MOVES = word_set(
    """driving drives traveling travelling travels moving moves pulling pulls flying flies racing races riding
        rides passing sailing sails drive travel move pull fly ride pass"""
)

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

# Nouns that are something else beside these words.
_OTHER_SENSES = {
    "bat": word_set("baseball softball cricket ball batter player players hitter swing swings swinging plate holding"),
    "mouse": word_set("computer computers laptop laptops keyboard keyboards desk monitor monitors screen mousepad"),
    "face": word_set("clock clocks watch cliff"),
    "crane": word_set("construction building buildings truck city ship dock"),
}

_TWO = word_set("two couple pair both")
_GROUPS = word_set("people couple crowd family group team crew audience cattle herd flock")
# One of these is opinion enough: "a lovely cat" is not a "funny lovely cat".
_PRAISE = word_set("lovely nice good great beautiful wonderful amazing awesome gorgeous fantastic pretty cute adorable")
_GENERAL = OPINIONS - word_set("quiet peaceful")

_COPULAS = word_set("is are was were looks look seems appears looking")

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
_VEHICLES = word_set("car truck bus van motorcycle motorbike bike bicycle scooter train boat ship plane airplane taxi")
_BERTHS = word_set("space spot stall")
_PITCHES = word_set("field court stadium diamond pitch arena")
_PLAYED = word_set("play plays playing game match practice")
_SIGNALS = word_set("light lights sign signs signal signals cone cones intersection meter")
_PLACED = _INSIDE | {"at", "along", "across", "through"}
_OUTSIDE = word_set("around near outside by past beside behind overlooking toward towards below above against")

# Nothing that somebody uses is broken.
_DEVICES = word_set("laptop computer keyboard phone cellphone camera television tv monitor machine remote")
_USED = word_set("using uses typing types working works texting talking talks watching playing plays")

# Animals that are food beside these words.
_MEATS = word_set("chicken fish duck turkey lamb crab lobster")
_SERVED = word_set(
    "rice dish plate bowl vegetable vegetables dinner lunch meal salad sandwich pizza soup sauce food fries broccoli"
)

_HANDLING = word_set("walking walks leading leads feeding feeds petting pets his her their its my our your 's")

_SHORTEST_STEM = 3


class Scene(NamedTuple):
    """A caption as a whole: its words in lower case, and how many people, animals and vehicles it names.

    A plural counts as three, or as two where the caption has such a word.
    """

    words: frozenset[str]
    people: int
    animals: int
    vehicles: int


def scene(text: str, lemma: Callable[[str], str]) -> Scene:
    """The scene of a caption. lemma: as `NounFinder.lemma`."""
    found = lower_words(text)
    # A traffic light is no traffic.
    words = frozenset(
        word for word, after in zip(found, [*found[1:], ""], strict=False) if word != "traffic" or after not in _SIGNALS
    )
    return Scene(words, *(_count(words, kind, lemma) for kind in (PEOPLE, ANIMALS, _VEHICLES)))


def clashes(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether `adjective` repeats or contradicts what the caption says of the noun of `phrase`, or of the scene."""
    described = {modifier.word for modifier in phrase.modifiers}
    return (
        _repeats(adjective, phrase, scene)
        or any(are_synonyms(adjective, word) for word in described)
        or (adjective in _GENERAL and not _PRAISE.isdisjoint(described))
        or any(are_opposites(adjective, word) for word in described | _predicate(phrase))
        or any(_feel_opposite(adjective, modifier.word) for modifier in phrase.modifiers if modifier.is_adjective)
        or not _DENIED_BY.get(adjective, frozenset()).isdisjoint(scene.words)
        or (adjective in _OF_THE_LIVING and not _LIFELESS.isdisjoint(described))
        or not _OTHER_SENSES.get(phrase.lemma, frozenset()).isdisjoint(scene.words)
        or (adjective in ("wild", "dead") and phrase.lemma in ANIMALS and _is_tame(adjective, phrase, scene))
        or (adjective in _DISUSED and not _MOVES.isdisjoint(phrase.complement[:4]))
        or (adjective in _UNPEOPLED and _is_peopled(adjective, phrase, scene))
        or (adjective in ("crowded", "busy") and {"with", "people"} <= set(phrase.complement[:5]))
        or (adjective == "empty" and _is_filled(phrase, scene))
        or (adjective in _VACANT and _is_in_use(phrase, scene))
        or (adjective in _DISUSED and phrase.lemma in _DEVICES and not _USED.isdisjoint(scene.words))
        or (adjective in _OF_THE_LIVING | {"fat"} and phrase.lemma in _MEATS and not _SERVED.isdisjoint(scene.words))
    )


def _repeats(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether the caption has the adjective already, or a word made from the same: "a smiling smile", "a sunny sun"."""
    if adjective in scene.words:
        return True
    noun = phrase.lemma.rstrip("ey")
    if adjective.startswith(noun) and (len(noun) >= _SHORTEST_STEM or phrase.lemma == "ice"):
        return True
    if adjective.endswith("y") and f"{adjective[:-1]}ing" in scene.words:
        return True  # "a sleepy cat is sleeping"
    stem = adjective.removesuffix("ing").removesuffix("ed")
    if stem == adjective or len(stem) < _SHORTEST_STEM:
        return False
    return any(word.startswith(stem) for word in scene.words)


def _feel_opposite(one: str, other: str) -> bool:
    """Whether one adjective is clearly positive and the other clearly negative: "warm" and "desolate"."""
    if other in COLOURS:
        return False
    first, second = adjective_valence(one) or 0.0, adjective_valence(other) or 0.0
    return first * second < 0 and min(abs(first), abs(second)) > _STRONG


def _predicate(phrase: NounPhrase) -> set[str]:
    """What the words right after the noun say it is: "the street is empty"."""
    verb, *rest = phrase.complement or ("",)
    return set(rest[:3]) if verb in _COPULAS else set()


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
    if phrase.lemma in _TABLEWARE and not (_SERVED - _TABLEWARE).isdisjoint(scene.words):
        return True
    occupied = phrase.before in _INSIDE and scene.people + scene.animals > 0
    return occupied or (phrase.lemma in _VESSELS and not _FILLED.isdisjoint(phrase.complement[:2]))


def _is_in_use(phrase: NounPhrase, scene: Scene) -> bool:
    """Whether the place is one that a herd, cars or a game are in: "cows in a field", "cars parked on a street"."""
    if phrase.before not in _PLACED or phrase.lemma in _SEATS | _VESSELS | _VEHICLES:
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


def _denials() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for adjectives, words in _DENIALS.items():
        for word in adjectives.split():
            found[word] = found.get(word, frozenset()) | word_set(words)
    return found


_DENIED_BY = _denials()
