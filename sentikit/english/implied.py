"""What words that are no adjectives say of a thing: who sleeps is asleep, and what is covered with ice is icy."""

from __future__ import annotations

from collections.abc import Iterator

from .expressions import word_set
from .implied_words import BY_NOUN, BY_PART, BY_STATE, BY_VERB, BY_WORD, MADE_OF, WITHOUT


def implied(word: str) -> frozenset[str]:
    """The adjectives that a word of the caption, in lower case, says beside itself: for "snoozing" asleep."""
    return _IMPLIED.get(word, frozenset())


def implied_by_modifier(noun: str) -> frozenset[str]:
    """What a noun before another says of it, in lower case: for "plastic" artificial; nothing for "stop"."""
    return word_set(BY_WORD[noun]) if noun in MADE_OF else frozenset()


def implied_by_part(part: str, state: str) -> frozenset[str]:
    """What a thing is whose `part`, a singular, is in `state`: for "eye", "shut" asleep."""
    return word_set(BY_PART.get((part, state), ""))


def implied_by_state(noun: str) -> frozenset[str]:
    """What a thing is that is "in" `noun`: for "disarray" messy."""
    return word_set(BY_STATE.get(noun, ""))


def implied_by_absence(noun: str) -> frozenset[str]:
    """What a thing is that has no `noun`, a singular: for "leaf" bare."""
    return word_set(WITHOUT.get(noun, ""))


def implied_by_noun(noun: str) -> frozenset[str]:
    """What everything is that `noun`, a singular, names: for "puppy" young."""
    return _NOUN_IMPLIES.get(noun, frozenset())


def _forms(verb: str) -> Iterator[str]:
    """ "sleep/slept" -> sleep, sleeps, sleeping, slept."""
    base, *irregular = verb.split("/")
    yield from (base, *irregular)
    yield (
        base[:-1] + "ies"
        if base[-1] == "y" and base[-2] not in "aeo"
        else base + ("es" if base.endswith(("s", "sh", "ch", "x", "z")) else "s")
    )
    short = len(base) > 2 and base[-1] in "bgmnpt" and base[-2] in "aeiou" and base[-3] not in "aeiou"
    double = base + base[-1] if short and base not in ("listen", "open", "ripen", "gallop") else base
    stem = base[:-1] if base.endswith("e") and not base.endswith("ee") else double
    yield stem + "ing"
    if not irregular:
        yield base[:-1] + "ied" if base[-1] == "y" and base[-2] not in "aeo" else stem + "ed"


def _gather() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {word: word_set(adjectives) for word, adjectives in BY_WORD.items()}
    for adjectives, verbs in BY_VERB:
        for verb in verbs.split():
            for form in _forms(verb):
                found[form] = found.get(form, frozenset()) | word_set(adjectives)
    return found


def _by_noun() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for adjectives, nouns in BY_NOUN.items():
        for noun in nouns.split():
            found[noun] = found.get(noun, frozenset()) | word_set(adjectives)
    return found


_IMPLIED = _gather()
_NOUN_IMPLIES = _by_noun()
