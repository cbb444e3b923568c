"""What adjectives mean beside each other: which say nearly the same, and which deny each other."""

from __future__ import annotations

from functools import lru_cache

from . import wordnet
from .denied import DENIED
from .expressions import COLOURS, word_set
from .spelling import american

# Words that say nearly the same: one of them is enough for a noun. A word may stand in several sets.
SYNONYMS = tuple(
    map(
        word_set,
        (
            "small little tiny mini miniature petite",
            "big large huge giant enormous massive gigantic oversized",
            "beautiful pretty lovely gorgeous stunning attractive handsome picturesque scenic",
            "cute adorable lovely sweet cuddly",
            "nice good great excellent awesome amazing fantastic wonderful incredible magnificent splendid outstanding",
            "happy cheerful smiling laughing jolly joyful joyous grinning merry delighted",
            "sad unhappy depressed crying gloomy pensive",
            "angry mad furious aggressive grumpy",
            "scary creepy spooky frightening haunted evil",
            "weird strange odd unusual bizarre",
            "funny silly hilarious goofy amusing humorous comical",
            "crazy mad insane wild",
            "icy frozen freezing snowy",
            "cold freezing chilly icy frozen cool",
            "hot warm boiling steaming",
            "crowded busy packed full bustling",
            "empty bare vacant deserted abandoned desolate",
            "abandoned derelict deserted dilapidated run-down ruined",
            "quiet calm peaceful serene tranquil still placid",
            "dirty filthy muddy grubby messy dusty nasty",
            "clean tidy neat spotless pristine",
            "wet damp soaked soaking drenched rainy moist",
            "old ancient antique vintage elderly aged classic",
            "young small little baby newborn",
            "bright shiny brilliant sparkling glowing gleaming vivid",
            "colorful colourful colored coloured multicolored multicoloured multi-colored rainbow vibrant",
            "dark dim gloomy shadowy unlit",
            "delicious tasty yummy appetizing scrumptious mouthwatering",
            "fluffy furry fuzzy hairy shaggy woolly",
            "fancy elegant luxurious ornate glamorous",
            "foggy misty hazy",
            "cloudy overcast",
            "broken damaged cracked shattered wrecked",
            "rusty rusted",
            "rotten spoiled moldy",
            "tired sleepy exhausted sleeping drowsy",
            "ugly hideous horrible awful terrible disgusting gross",
            "fat chubby overweight plump heavy",
            "lonely lone alone single solitary",
            "excited energetic playful enthusiastic lively",
            "friendly gentle kind loving tame",
            "rough bumpy choppy rugged stormy",
            "smooth soft calm",
            "fresh ripe raw",
            "golden gold blond blonde yellow",
            "traditional classic old-fashioned",
            "relaxing comfortable cozy cosy comfy",
            "famous favorite popular",
            "wild untamed",
            "dry arid parched dried",
        ),
    )
)

_SHORTEST = 2
_FEW = 4  # a word that is similar to more is a plain word itself

# The plain word of each set, of which the others are kinds, where what denies it denies them all.
_PLAIN_WORDS = word_set(
    """big happy sad angry scary funny icy cold hot crowded abandoned quiet dirty clean wet dark fluffy foggy
    cloudy broken rusty rotten tired fat excited friendly rough dry empty"""
)
_PLAIN_WORD = {group: plain for plain in _PLAIN_WORDS for group in SYNONYMS if plain in group}

# Words on the left deny those on the right, and the other way round.
_OPPOSITES = (
    ("small little tiny mini miniature", "big large huge giant enormous massive tall oversized heavy fat"),
    ("black dark", "white bright light pale sunny golden"),
    (
        "empty bare vacant deserted abandoned desolate lonely",
        "busy crowded packed full filled bustling populated cluttered",
    ),
    (
        "quiet calm peaceful serene tranquil",
        "busy crowded noisy loud bustling wild stormy rough crashing violent choppy",
    ),
    ("wet damp soaked muddy rainy melted snowy lush", "dry dried arid dusty parched"),
    ("hot warm boiling", "cold freezing icy frozen chilly snowy snow-covered cool iced"),
    ("sunny clear cloudless", "cloudy rainy stormy overcast foggy misty hazy dark gloomy grey gray dim"),
    ("clear", "choppy"),
    ("bright", "dark gloomy dim unlit overcast cloudy"),
    (
        "clean fresh tidy neat new",
        "dirty filthy muddy dusty messy cluttered rotten rusty grimy grubby used worn stained",
    ),
    ("old ancient antique vintage elderly aged derelict", "young new newborn modern baby fresh"),
    (
        "happy cheerful smiling laughing jolly joyful",
        "sad crying unhappy angry mad depressed grumpy worried scared tired",
    ),
    (
        "beautiful pretty lovely gorgeous stunning cute adorable attractive",
        "ugly hideous horrible disgusting gross nasty",
    ),
    ("smooth", "rough bumpy choppy rocky prickly sharp jagged"),
    ("soft fluffy", "rough bumpy hard choppy rocky prickly sharp"),
    ("colorful colourful vivid bright", "black white grey gray monochrome drab plain dark"),
    ("tame friendly gentle", "wild aggressive angry dangerous evil violent"),
    ("wild", "stuffed toy tame domestic plastic"),
    ("sleepy sleeping lazy tired relaxed", "active energetic running jumping playful excited leaping"),
    ("strong healthy", "weak sick ill fragile frail dying dead broken"),
    ("fresh healthy", "rotten fried greasy burnt dead dry dried frozen stale"),
    ("delicious tasty yummy", "rotten disgusting half-eaten spoiled"),
    ("expensive fancy elegant luxurious", "cheap simple plain poor old dirty broken"),
    ("open", "closed"),
    ("natural fresh", "artificial fake plastic decorative"),
    ("traditional classic ancient", "modern new contemporary"),
    ("shiny clean", "rusty dull dirty"),
    ("sexy hot", "old elderly little baby"),
    ("slim thin slender skinny", "fat chubby thick overweight heavy wide"),
    ("sweet", "sour bitter salty"),
    ("safe", "dangerous broken"),
    ("rich", "poor"),
    ("heavy", "light"),
    ("dead dying", "live living alive healthy green leafy running"),
)


def are_synonyms(one: str, other: str) -> bool:
    """Whether two adjectives say nearly the same: "tiny" and "little"."""
    return one == other or any(one in group and other in group for group in SYNONYMS)


def are_opposites(one: str, other: str) -> bool:
    """Whether two adjectives cannot both be true of a thing: "busy" and "empty"."""
    return other in opposites(one)


def synonyms(adjective: str) -> frozenset[str]:
    """The adjective and the words that say nearly the same."""
    return frozenset({adjective}).union(*(group for group in SYNONYMS if adjective in group))


def opposites(adjective: str) -> frozenset[str]:
    """The words that deny the adjective."""
    return _OPPOSITE_OF.get(adjective, frozenset())


@lru_cache(maxsize=10_000)
def denied_by(adjective: str) -> frozenset[str]:
    """Every word that makes `adjective` untrue of a thing it is said of; all words are in American spelling.

    These are its `opposites`, WordNet's, those of pictures, and what denies the word that it is a kind of: "muddy" is
    denied by what denies "dirty". A colour denies every other one. Use `contradict` to test two words.
    """
    found = wordnet.opposites(adjective)
    for word in {adjective} | general(adjective):
        found |= opposites(word) | _DENIED_BY.get(word, frozenset())
    if adjective in COLOURS:
        found |= COLOURS
    return found - {adjective}


@lru_cache(maxsize=10_000)
def general(word: str) -> frozenset[str]:
    """The plain words that `word` is a kind of: for "muddy" dirty; none for a plain word."""
    own = frozenset(_PLAIN_WORD[group] for group in SYNONYMS if word in group and group in _PLAIN_WORD)
    if own or any(word in group for group in SYNONYMS):
        return own - {word}
    similar = wordnet.similar(word)
    return similar if len(similar) <= _FEW else frozenset()


@lru_cache(maxsize=100_000)
def contradict(adjective: str, stated: str) -> bool:
    """Whether `adjective` cannot be true of what is `stated`; both in lower case and American spelling."""
    denying = denied_by(adjective)
    return stated in denying or not denying.isdisjoint(general(stated)) or _are_negations(adjective, stated)


def _are_negations(one: str, other: str) -> bool:
    """Whether one word is made from the other by "un-" or "-less": "unopened" and "open", "beardless" and "bearded"."""
    for negative, positive in ((one, other), (other, one)):
        if negative.startswith(("un", "non")) and len(positive) > _SHORTEST:
            stem = negative.removeprefix("un").removeprefix("non").removeprefix("-")
            if stem in (positive, f"{positive}ed", f"{positive}d", positive.removesuffix("ed")):
                return True
        stem = negative.removesuffix("less")
        if stem != negative and positive in (stem, f"{stem}y", f"{stem}ed", f"{stem}ful", f"{stem}{stem[-1]}ed"):
            return True
    return False


@lru_cache(maxsize=10_000)
def near(adjective: str) -> frozenset[str]:
    """The adjective and every word that says nearly the same: `synonyms`, and WordNet's."""
    return synonyms(adjective) | (wordnet.similar(adjective) - COLOURS - denied_by(adjective))


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for left, right in _OPPOSITES:
        for one, others in ((left, right), (right, left)):
            for word in one.split():
                found[word] = found.get(word, frozenset()) | word_set(others)
    return found


def _denied() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word, others in DENIED.items():
        for other in map(american, others.split()):
            found.setdefault(word, set()).add(other)
            found.setdefault(other, set()).add(word)
    return {word: frozenset(others) for word, others in found.items()}


_OPPOSITE_OF = _opposites()
_DENIED_BY = _denied()
