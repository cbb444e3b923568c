"""What an adjective must not be said of: what it repeats, and what it contradicts."""

from __future__ import annotations

from ..affect.valence import adjective_valence
from .expressions import ANIMALS, COLOURS, SERVED, word_set
from .implied import implied_by_noun
from .kinds import MOODS, TASTES
from .meanings import contradict, near
from .noun_phrases import NounPhrase
from .occupied import is_occupied
from .order import OPINIONS
from .scenes import Scene, scene
from .spelling import american

__all__ = ["Scene", "clashes", "scene"]

_STRONG = 0.2  # weaker valences do not clash: "a beautiful busy street" is fine

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
    "clear": "fog foggy mist storm snowstorm blizzard smoke smoky",
    "crowded busy packed bustling": "alone empty deserted",
}

# Only of what lives: not of a statue of it, or a toy.
_OF_THE_LIVING = word_set(
    "wild hungry sleepy tired sick dead dying dangerous aggressive healthy thirsty lost poor scared"
)
_LIFELESS = word_set(
    """
    stuffed toy teddy gummy chocolate gingerbread candy lego cartoon origami cardboard paper bronze snow
    sand balloon statue plastic wooden ceramic fake painted stone metal inflatable plush model rubber
    """
)

_FURRED = word_set("fluffy furry fuzzy hairy shaggy woolly")
_FURLESS = word_set("chocolate gummy gingerbread candy ceramic stone metal bronze marble wooden porcelain glass lego")

# Water in one of these, and no other water about, is none of these.
_HOLDING_WATER = word_set("glass bottle vase bowl jug pitcher cup bucket jar sink tub bathtub basin mug kettle pot")
_WATERS = word_set(
    """
    lake river sea ocean beach pond wave waves boat boats surf surfing surfer stream harbor pool fountain
    creek bay shore
    """
)
_OF_WATERS = word_set(
    "stormy muddy deep rough choppy shallow raging calm smooth serene tranquil peaceful murky salty wild"
)

_WORN = word_set("on wearing wears his her their my")
# They misspell skis, and are on no melted snow.
_SKIING = word_set(
    "ski skis skier skiers skiing slope slopes pole poles snowboard snowboarding snowboarder snowboarders sled sledding"
)

# Nothing that moves is one of these.
_DISUSED = word_set("abandoned derelict haunted deserted")
_DAMAGED = _DISUSED | {"broken", "damaged"}
_MOVES = word_set(
    """driving drives traveling travelling travels moving moves pulling pulls flying flies racing races riding
        rides passing sailing sails drive travel move pull fly ride pass"""
)

# Nouns that are something else beside these words.
_OTHER_SENSES = {
    "bat": word_set("baseball softball cricket ball batter player players hitter swing swings swinging plate holding"),
    "mouse": word_set("computer computers laptop laptops keyboard keyboards desk monitor monitors screen mousepad"),
    "face": word_set("clock clocks watch cliff"),
    "crane": word_set("construction building buildings truck city ship dock"),
}

# One of these is opinion enough: "a lovely cat" is not a "funny lovely cat".
_PRAISE = word_set("lovely nice good great beautiful wonderful amazing awesome gorgeous fantastic pretty cute adorable")
_GENERAL = OPINIONS - word_set("quiet peaceful")

# Nothing that somebody uses is broken.
_DEVICES = word_set("laptop computer keyboard phone cellphone camera television tv monitor machine remote")
_USED = word_set("using uses typing types working works texting talking talks watching playing plays")

# Animals that are food beside these words.
_MEATS = word_set("chicken fish duck turkey lamb crab lobster")

# What has one of these has more colours than one.
_PATTERNS = COLOURS | word_set("multicolored multi-colored colorful rainbow colorless")

_OF_KNOWN_COLOUR = word_set("zebra panda penguin flamingo")

_SHORTEST_STEM = 3


def clashes(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether `adjective` repeats or contradicts what the caption says of the noun of `phrase`, or of the scene."""
    adjective = american(adjective)
    return (
        _repeats(adjective, phrase, scene)
        or _is_denied(adjective, phrase)
        or (adjective in COLOURS and (scene.is_greyscale or phrase.lemma in _OF_KNOWN_COLOUR or _is_coloured(phrase)))
        or not _DENIED_BY.get(adjective, frozenset()).isdisjoint(scene.words)
        or (adjective in _OF_THE_LIVING and not _LIFELESS.isdisjoint(phrase.stated.said))
        or (adjective in _FURRED and not _FURLESS.isdisjoint(phrase.stated.said))
        or (adjective in _OF_WATERS and phrase.lemma == "water" and _is_in_a_vessel(scene))
        or (adjective in TASTES and phrase.lemma in _MEATS and phrase.lemma in ANIMALS and _is_alive(phrase, scene))
        or (adjective == "melted" and phrase.lemma == "snow" and not _SKIING.isdisjoint(scene.words))
        or (phrase.lemma == "sky" and phrase.plural and _are_skis(phrase, scene))
        or not _OTHER_SENSES.get(phrase.lemma, frozenset()).isdisjoint(scene.words)
        or (adjective in _DISUSED and not _MOVES.isdisjoint(phrase.complement[:4]))
        or is_occupied(adjective, phrase, scene)
        or (adjective in ("crowded", "busy") and {"with", "people"} <= set(phrase.complement[:5]))
        or (adjective in _DAMAGED and phrase.lemma in _DEVICES and not _USED.isdisjoint(scene.words))
        or (adjective in _OF_THE_LIVING | {"fat"} and phrase.lemma in _MEATS and not SERVED.isdisjoint(scene.words))
    )


def _is_coloured(phrase: NounPhrase) -> bool:
    """Whether the caption gives the noun a colour: "yellow", "yellowish", "blue-and-white"."""
    parts = {part.removesuffix("ish") for word in phrase.stated.said for part in word.split("-")}
    return not _PATTERNS.isdisjoint(parts | phrase.stated.said)


def _is_in_a_vessel(scene: Scene) -> bool:
    return not _HOLDING_WATER.isdisjoint(scene.words) and _WATERS.isdisjoint(scene.words)


def _are_skis(phrase: NounPhrase, scene: Scene) -> bool:
    """Whether "skies" is a slip for skis: "on skies", or beside a skier."""
    worn = not _WORN.isdisjoint((phrase.before, phrase.determiner))
    return worn or not _SKIING.isdisjoint(scene.words)


def _is_alive(phrase: NounPhrase, scene: Scene) -> bool:
    """Whether a chicken, say, walks about rather than lies on a plate."""
    return SERVED.isdisjoint(scene.words) and any(word.endswith("ing") for word in phrase.stated.said)


def _is_denied(adjective: str, phrase: NounPhrase) -> bool:
    """Whether what the caption states of the noun, or the noun itself, makes `adjective` untrue."""
    stated = phrase.stated
    words = stated.said | stated.implied | implied_by_noun(phrase.lemma) | stated.mood
    return (
        any(contradict(adjective, word) for word in words)
        or not near(adjective).isdisjoint(stated.denied)
        or any(_feel_opposite(adjective, word) for word in _felt(adjective, phrase))
    )


def _felt(adjective: str, phrase: NounPhrase) -> set[str]:
    """The adjectives whose feeling `adjective` must not oppose: modifiers, and of moods what is said elsewhere too."""
    felt = {modifier.word for modifier in phrase.modifiers if modifier.is_adjective}
    if adjective in MOODS:
        felt |= (phrase.stated.adjectives | phrase.stated.mood) & MOODS
    return felt | phrase.stated.mood


def _repeats(adjective: str, phrase: NounPhrase, scene: Scene) -> bool:
    """Whether the caption has the adjective already, or a word like it: "a smiling smile", "a sunny sun"."""
    described = phrase.stated.adjectives.union(american(modifier.word) for modifier in phrase.modifiers)
    if adjective in scene.words or not near(adjective).isdisjoint(described):
        return True
    if adjective in _GENERAL and not _PRAISE.isdisjoint(described):
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


def _denials() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for adjectives, words in _DENIALS.items():
        for word in adjectives.split():
            found[word] = found.get(word, frozenset()) | word_set(words)
    return found


_DENIED_BY = _denials()
