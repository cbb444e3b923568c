"""Words and insertion: the craft every rewriter shares. Which noun and which adjective is a plugin's choice."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..anp import Tag
from ..caption import Edit
from .articles import article
from .names import NAMES


class Word(NamedTuple):
    """A word of a text: ``text[start:end]``, in its lower case as `lower`."""

    start: int
    end: int
    lower: str


# A letter or digit with what joins it: combining marks, soft hyphens, and hyphens and apostrophes inside.
_PART = r"[^\W_][\w\u00ad\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]*"
_WORD = re.compile(rf"[@#]?{_PART}(?:[-\u2010\u2011'’]{_PART})*")
# The words of most texts are runs of ASCII letters and digits. What else can be in a word asks for a closer look.
_CLOSER_LOOK = b"\0"
_SIMPLE = bytes(
    ord(chr(code).lower() if chr(code).isalnum() else " ") if code < 128 and chr(code) not in "\0-_'@#" else 0
    for code in range(256)
)
# The article may stand apart by any white space, and a quotation mark or bracket may open before the word.
_ARTICLE_BEFORE = re.compile(r"(?<![\w'’&-])(an?)(\s+[^\w\s]*)$", re.IGNORECASE)

_HOURS = re.compile(r"\b(?:[ap]\.m|u\.s|etc)$", re.IGNORECASE)  # their full stop may end a sentence too
_SIGN = re.compile(r"[$€£¥]\s?\d")  # "a $5 bill"

_APART = ("", " ", ",", ".")
_ENDS_ARTICLE = frozenset("aAnN")

_SMALL = re.compile("an?|the|and|or|but|nor|of|in|on|at|by|to|for|from|with|as|is|are|its|his|her|their")
_LONGER_NAME = re.compile(r" (?:[A-Z][a-z]|\d)")  # what follows the first word of a name: "York" in "New York"
_TITLE_OR_INITIAL = re.compile("mrs?|ms|dr|st|mt|jr|sr|vs|[a-z]", re.IGNORECASE)


def words(text: str) -> list[Word]:
    """The words of `text`, in order. Hyphens and inner apostrophes join; a possessive 's is left off."""
    found = [Word(*match.span(), match[0].lower()) for match in _WORD.finditer(text)]
    if "'" in text or "’" in text:
        found = [_without_possessive(word) for word in found]
    return found


def lower_words(text: str) -> list[str]:
    """What `words` finds, as text in lower case alone: a fraction of the time, and datasets have millions of words."""
    simple = text.encode("utf-8", "surrogatepass").translate(_SIMPLE)
    if _CLOSER_LOOK not in simple:
        return simple.decode("ascii").split()
    found = _WORD.findall(text)
    if "'" in text or "’" in text:
        found = [word[:-2] if word.lower().endswith(("'s", "’s")) else word for word in found]
    return [word.lower() for word in found]


def find_word(text: str, word: str) -> int | None:
    """The offset of the first of the `words` of `text` that is `word`, in lower case; None where there is none."""
    if text.isascii() and word.isalnum():
        lower = text.lower()
        at = lower.find(word)
        while at >= 0:
            end = at + len(word)
            before, after = lower[at - 1 : at], lower[end : end + 1]
            if before in _APART and after in _APART:
                return at
            if not (before.isalnum() or after.isalnum()):  # a hyphen, say: that takes a closer look
                break
            at = lower.find(word, at + 1)
        else:
            return None
    return next((found.start for found in words(text) if found.lower == word), None)


def _without_possessive(word: Word) -> Word:
    return Word(word.start, word.end - 2, word.lower[:-2]) if word.lower.endswith(("'s", "’s")) else word


def insertion(text: str, at: int, adjective: str, tag: Tag) -> Edit:
    """The edit that puts `adjective` before the word that starts at offset `at` of `text`.

    The article before it is corrected, and where that word carries the capital of a sentence, the capital moves to the
    adjective. In a text all in capitals, or with a capital on every word, the adjective follows suit.
    Raises ValueError where there is no word at `at`.
    """
    initial = ""
    if adjective in NAMES:
        adjective = adjective.capitalize()
    if not "a" <= text[at : at + 1] <= "z":  # else there is a word, and without a capital
        adjective, initial = _take_capital(text, at, adjective)

    # The edit spans the article where it changes, and the first letter of the word where that loses its capital.
    start, lead = at, ""
    found = _ARTICLE_BEFORE.search(text, 0, at) if _may_follow_article(text, at) else None
    if found and found[1].lower() != (right := article(adjective)):
        start, lead = found.start(), _cased_like(found[1], right, adjective) + found[2]
    end = at + len(initial)
    return Edit(start, end, text[start:end], f"{lead}{adjective} {initial.lower()}", tag)


def _take_capital(text: str, at: int, adjective: str) -> tuple[str, str]:
    """The adjective with the capitals that it takes from the word at `at`, and the letter that has to become small."""
    match = _WORD.match(text, at)
    if match is None and _SIGN.match(text, at):
        return adjective, ""
    if match is None:
        raise ValueError(f"there is no word at {at} of {text!r}")
    if not match[0][0].isupper():
        return adjective, ""
    if _is_shouted(text):
        return adjective.upper(), ""
    capitalized = adjective[:1].upper() + adjective[1:]
    if _is_title(text):
        return capitalized, ""
    if _opens_sentence(text, at):
        return capitalized, match[0][0] if _loses_capital(text, match) else ""
    return adjective, ""


def _may_follow_article(text: str, at: int) -> bool:
    """False where a letter tells at once that no article ends before `at`: quicker than looking closer."""
    return text[at - 1 : at] != " " or text[at - 2 : at - 1] in _ENDS_ARTICLE or text[at - 2 : at - 1].isspace()


def _is_shouted(text: str) -> bool:
    """Whether nearly all letters are capitals, and there are more of them than in an abbreviation."""
    capitals = sum(map(str.isupper, text))
    return capitals > 2 and capitals > 4 * sum(map(str.islower, text))


def _is_title(text: str) -> bool:
    """Whether every word but the small ones begins with a capital; two at least, not counting abbreviations."""
    found = [match.group() for match in _WORD.finditer(text)]
    large = [word for word in found if not _SMALL.fullmatch(word.lower())]
    return not any(word[0].islower() for word in large) and sum(not word.isupper() for word in large) > 1


def _opens_sentence(text: str, at: int) -> bool:
    """Whether nothing but punctuation stands between `at` and the end of the sentence before, or the start."""
    end = at
    while end and not text[end - 1].isalnum():
        end -= 1
    gap = text[end:at]
    if end == 0 or any(mark in gap for mark in "!?:…\n"):
        return True
    return "." in gap and not _is_abbreviation(text[:end])


def _is_abbreviation(before: str) -> bool:
    """Whether the full stop after `before` may be that of an initial or a title: "J. Smith", "Mr. Potato"."""
    if _HOURS.search(before[-4:]):
        return False
    last = re.search(r"[^\W\d_]*$", before[-4:])
    return last is not None and _TITLE_OR_INITIAL.fullmatch(last[0]) is not None


def _loses_capital(text: str, word: re.Match[str]) -> bool:
    """Whether `word` has its capital only from opening the sentence: not "TV", "McDonald", "German" or "Big Ben"."""
    rest = word[0][1:]
    if not (rest[:1].islower() and rest.islower()) or word[0].lower() in NAMES:
        return False
    return _LONGER_NAME.match(text, word.end()) is None


def _cased_like(old: str, new: str, adjective: str) -> str:
    """The article `new` in the case of `old`; where that is a lone "A", the adjective tells a shout from a capital."""
    if old.isupper() and adjective.isupper():
        return new.upper()
    return new.capitalize() if old[0].isupper() else new
