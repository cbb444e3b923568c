"""Whether a caption is in English, which is all that sentikit's rules know.

Most captions hold a word that only English has, and these are never in question. The others are asked of py3langid (a
fork of langid.py, Lui and Baldwin 2012), which is imported when the first of them is met.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ..io.messages import count, verb_for
from .expressions import word_set
from .insertion import lower_words

LANGUAGES = ("en", "any")
"""What captions may be edited: English ones, or all."""

LEAST_ENGLISH = 0.06
"""A caption of a smaller P(English) is not English. No threshold on the best language does as well: see docs."""
_FEW_WORDS = 4
"""So few behind an English article are English: "A UFO hovers." looks like no language."""
_FEWEST_WORDS = 3
"""Fewer words are too short to tell: "Pizza" is 0.6 % English. In another alphabet they are judged all the same."""

# Words of captions that other languages do not have. "Man", "in", "bar", "table" and "red" are words of several.
_ENGLISH = word_set(
    """the with and from their its this two three six sitting standing holding riding playing walking parked woman women
    people while through white street dog dogs girl girls child children snow grass field beach horse horses bird birds
    house tree trees kitten puppy looking running flying eating lying laying wearing down near small player skateboard
    boy boys kitchen bathroom building sits stands yellow behind inside holds swinging taking some that his young
    baseball several couple into doing very picture food road during outside brown elephant giraffe zebra sheep
    skateboarder snowboarder"""
)
_COMMONEST = (" the ", " with ", " and ")
# Another language may have one of these, and hardly two in a sentence.
_MOSTLY_ENGLISH = word_set("of on to is are has an it at by for as")


def is_foreign(text: str) -> bool:
    """Whether `text` is surely not English. A text that is hard to tell counts as English."""
    if any(word in text for word in _COMMONEST):  # a quick look settles most
        return False
    words = lower_words(text)
    if not _ENGLISH.isdisjoint(words) or len(_MOSTLY_ENGLISH.intersection(words)) > 1:
        return False
    short = len(words) < _FEWEST_WORDS or (len(words) <= _FEW_WORDS and words[0] in ("a", "an"))
    if short and text.isascii():
        return False
    return _p_english()(" ".join(words)) < LEAST_ENGLISH


def not_english(captions: int) -> str:
    """The message about captions that were left alone for their language; "" for none."""
    if not captions:
        return ""
    verb = verb_for(captions, "was", "were")
    return f"{count(captions, 'caption')} {verb} not in English and left alone; --language any edits all languages."


@cache
def _p_english() -> Callable[[str], float]:
    """text -> P(English)."""
    from py3langid import langid

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)

    def p_english(text: str) -> float:
        best, _ = identifier.classify(text)
        return 1.0 if best == "en" else float(dict(identifier.rank(text))["en"])

    return p_english
