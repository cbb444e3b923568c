"""The order of adjectives: opinion, size, condition, age, shape, colour, kind ("a lovely big old house")."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from .expressions import COLOURS, COMPOUNDING, word_set
from .names import NAMES
from .noun_phrases import Modifier, NounPhrase

OPINION, MOOD, SIZE, DEPTH, CONDITION, WEATHER, SMALL, AGE, WORN, SHAPE, COLOUR, SORT, KIND = range(13)

_RANKS = {
    # Behind what everything can be called: "a beautiful happy child".
    MOOD: "happy sad angry excited crazy lonely friendly playful",
    SIZE: """large big small huge giant enormous gigantic massive immense vast miniature mini tiny tall short long wide
        broad narrow thin thick high low great medium oversized sized""",
    DEPTH: "deep shallow",
    # How a thing is for the moment, or what covers it: "a large wet dog", "a wet brown dog".
    CONDITION: """dead dying wet dry damp soaked soaking muddy dirty dusty filthy clean empty full crowded busy open
        closed bright dark icy frozen windy hot cold warm cool fresh rotten ripe raw shiny sparkling smooth
        rough soft hard fluffy furry fuzzy hairy shaggy bushy curly messy cluttered tidy colorful colourful
        rocky sandy grassy bare naked shirtless barefoot sharp heavy strong loose tight calm choppy clear
        overgrown falling flying crashing smiling laughing barking crying screaming grinning bumpy steep hilly
        slippery scruffy sore sour salty sweaty bloody slimy greasy fat chubby skinny slender""",
    WEATHER: "cloudy sunny rainy snowy foggy misty stormy windy",
    SMALL: "little",
    AGE: "old young new elderly aged older younger ancient modern antique vintage classic teenage wild",
    WORN: "rusty broken damaged cracked torn worn deserted abandoned derelict",
    SHAPE: "round square flat oval circular rectangular triangular curved straight curly wavy",
    # Next to the kind: "blue traditional Arab clothes". Without one, people put it on either side of a colour.
    SORT: "traditional",
    KIND: """wooden metal plastic stuffed male female asian american african indian chinese japanese european british
        english french german italian public commercial professional electric natural""",
}
_RANK = {word: rank for rank, words in _RANKS.items() for word in words.split()}
_RANK |= dict.fromkeys(NAMES, KIND) | dict.fromkeys(COLOURS, COLOUR)

# They hold on to the adjective before them: "black and white", "sad looking".
_JOINED = COMPOUNDING | {"and", "or", "but", "&"}

OPINIONS = word_set(
    """beautiful lovely nice good great pretty gorgeous wonderful amazing awesome cute adorable funny silly bad
    ugly attractive handsome fancy elegant delicious tasty yummy strange weird scary creepy sexy sweet cool
    interesting fantastic stunning peaceful quiet"""
)


def place(adjective: str, phrase: NounPhrase) -> int:
    """The offset of the word before which `adjective` goes in `phrase`.

    An opinion goes first. Another adjective goes behind those that the order puts before it: "a large wet dog".
    Words whose class is not known count as saying what kind of thing it is, and stay with the noun.
    """
    rank = _RANK.get(adjective, OPINION)
    modifiers = [modifier for modifier in phrase.modifiers if modifier.start >= phrase.insert_at]
    following = [modifier.word for modifier in modifiers[1:]] + [""]
    for modifier, after in zip(modifiers, following, strict=False):
        if not modifier.is_adjective or _rank_of(modifier) >= rank or after in _JOINED:
            return modifier.start
    return phrase.head_start


def splits_a_pair(adjective: str, phrase: NounPhrase) -> bool:
    """Whether the order wants `adjective` between a size and what "and" joins to it: "a large and brown wet dog"."""
    following = [modifier.word for modifier in phrase.modifiers[1:]] + [""]
    return _RANK.get(adjective, OPINION) > SIZE and any(
        _RANK.get(modifier.word) == SIZE and after in ("and", "but", "&")
        for modifier, after in zip(phrase.modifiers, following, strict=False)
    )


def reads_as_rather(phrase: NounPhrase) -> bool:
    """Whether "pretty" before the modifiers of `phrase` would say how much: "a pretty funny face"."""
    following = next((modifier for modifier in phrase.modifiers if modifier.start >= phrase.insert_at), None)
    if following is None or not following.is_adjective:
        return False
    word = following.word
    if word.endswith("ing") or word.partition("-")[0] in COLOURS:
        return False
    participle = word.endswith("ed") and word not in _RANK
    return not participle and _RANK.get(word) not in (SMALL, SHAPE, KIND)


# What speakers agree on. Condition, weather, depth and shape move about among size and age, and only a colour or a kind
# must not stand before them.
_GROUPS = {OPINION: 0, MOOD: 0, SIZE: 1, SMALL: 1, AGE: 2, WORN: 2, COLOUR: 3, KIND: 4}
_MOVABLE = frozenset({DEPTH, CONDITION, WEATHER, SHAPE})


def misplaced(phrase: NounPhrase) -> int:
    """How many neighbouring adjectives of `phrase` stand the wrong way round: "a brown big dog", "an old happy man"."""
    return sum(not right for _, _, right in pairs_in_order(phrase))


def pairs_in_order(phrase: NounPhrase) -> Iterator[tuple[str, str, bool]]:
    """The neighbouring adjectives of `phrase`, and whether they stand as the order has it.

    Only adjectives whose class is known are there. What "and" or a comma joins has no order.
    """
    for one, other in pairwise(phrase.modifiers):
        first, second = _known_rank(one.word), _known_rank(other.word)
        if first is None or second is None or _are_joined(phrase, one, other):
            continue
        if one.is_adjective and other.is_adjective:
            yield one.word, other.word, not _is_wrong(first, second)


def _is_wrong(first: int, second: int) -> bool:
    if second in _MOVABLE:
        return first in (COLOUR, KIND)
    return first not in _MOVABLE and _GROUPS[first] > _GROUPS[second]


def _known_rank(word: str) -> int | None:
    """The class of an adjective, None where the lists do not have it."""
    rank = OPINION if word in OPINIONS else _RANK.get(word)
    return None if rank == SORT else rank


def _are_joined(phrase: NounPhrase, one: Modifier, other: Modifier) -> bool:
    return other.start - one.start > len(one.word) + 1


def _rank_of(modifier: Modifier) -> int:
    return OPINION if modifier.word in OPINIONS else _RANK.get(modifier.word, KIND)


def is_opinion(adjective: str) -> bool:
    """Whether `adjective` goes before every other modifier."""
    return _RANK.get(adjective, OPINION) in (OPINION, MOOD)
