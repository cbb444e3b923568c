"""Which adjectives of captions tell a feeling, rather than a colour, a size, a place or a sort."""

from __future__ import annotations

from ..anp import ANP
from ..english.expressions import word_set
from .valence import adjective_valence, polarity

# The lexicons have a feeling for these, and captions use them for the sort, the place or the weight of a thing.
_PLAIN = word_set(
    """average base best better blind center common created cut cutting devil direct down easy elementary fair far
    filled fixed free gravel growing hard light marked medal missing natural near original pale particular past
    plain play playing prepared respective restricted rose shared smart stop stopped straight super supreme
    suspended top unable unknown worse worst wrong"""
)

# Of other nouns these are a colour ("dark hair") or a material ("a clear vase").
_ONLY_OF = {
    "dark": word_set(
        """alley area background bar basement bathroom bedroom building cave city cloud club corner corridor day evening
        foreground forest garage hall hallway house image kitchen lake lighting morning night ocean park path photo
        picture place restaurant river road room scene screen sea setting shadow sky space stage station street theater
        tunnel water window woods"""
    ),
    "clear": word_set("day evening lake morning night ocean pond pool river sea sky stream view water weather"),
}


def is_emotional_word(adjective: str) -> bool:
    """Whether `adjective`, in lower case, is known to be positive or negative, and is used so in captions."""
    return polarity(adjective_valence(adjective)) in ("positive", "negative") and adjective not in _PLAIN


def is_emotional(anp: ANP) -> bool:
    """Whether the adjective is an emotional word of this noun: "dark room" is, "dark hair" is not."""
    nouns = _ONLY_OF.get(anp.adjective)
    return is_emotional_word(anp.adjective) and (nouns is None or anp.noun in nouns)
