""" "a" or "an": the article goes by sound, which spelling mostly gives away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SILENT_H = re.compile(r"hour|honest|honor|honour|heir|herb(?!i|ert)|hors\b")
# Vowels that sound as in "you" or "won". The exceptions begin with a plain vowel: uninteresting, utter, onerous.
_CONSONANT_SOUND = re.compile(
    r"eu|ewe|ouija|oui\b|once|one(?![ir])|u(?![a-z])|uni(?!n|m|den|r|ll|ss|sol)|unanim|us[aeiou]|ut(?!t|m)|ur[aeiou]|uk|ubi|ugand"
    r"|(?:us|ups|usps|usb|ufo|uv|ucla|uae|upc)\b"
)
_EIGHT_ELEVEN_EIGHTEEN = re.compile(r"8|1[18](?:\d\d|,?\d{3})?(?!\d)")

# Abbreviations with a vowel that are nevertheless spelt out; those without one ("RV", "mp3", "t-shirt") always are.
_SPELT_OUT = re.compile(r"(?:suv|led|fbi|nba|mba|mri|sos|hdmi|hiv|mia|rfid|xbox)s?")
_READ_OUT = re.compile(r"mrs?|ms|mt|st|sr|ft|lbs?|sq|s?sh+")
_LETTERS_LIKE_EF = frozenset("fhlmnrsx")


@lru_cache(maxsize=4096)
def article(following: str) -> str:
    """ "a" or "an", by the sound that `following` begins with: an hour, a unique view, an 8-year-old, an SUV."""
    text = following.lower()
    start = next((place for place, letter in enumerate(text) if letter.isalnum()), len(text))
    word = re.sub("['’]", "", text[start:])
    if word[:1].isdigit():
        return "an" if _EIGHT_ELEVEN_EIGHTEEN.match(word) else "a"
    initial = unicodedata.normalize("NFD", word[:1])[:1]
    if initial in {"a", "e", "i", "o", "u", "æ", "œ", "ø"}:
        return "a" if _CONSONANT_SOUND.match(word) else "an"
    if initial == "h" and _SILENT_H.match(word):
        return "an"
    return "an" if initial in _LETTERS_LIKE_EF and _is_spelt_out(word) else "a"


def _is_spelt_out(word: str) -> bool:
    """Whether `word`, in lower case, is said letter by letter: it has no vowel, or is known to be."""
    letters = re.match(r"[^\W\d_]*", word).group()  # type: ignore[union-attr]
    if re.search(r"[aeiouy]", letters):
        return _SPELT_OUT.fullmatch(letters) is not None
    return _READ_OUT.fullmatch(letters) is None
