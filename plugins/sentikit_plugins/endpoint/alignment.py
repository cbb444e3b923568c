"""Finds out what an answer inserts into a caption, if it does nothing but insert."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|\S")
_ARTICLES = ("a", "an")
_ENDS = (".", "!", "?")


class Insertion(NamedTuple):
    """Words that an answer puts before the word that starts at offset `at` of the caption.

    words: in lower case. starts: their offsets in the answer. comma: whether one follows the last of them.
    """

    at: int
    words: tuple[str, ...]
    starts: tuple[int, ...]
    comma: bool = False


class _Token(NamedTuple):
    start: int
    lower: str


def insertions(caption: str, answer: str) -> list[Insertion] | None:
    """What `answer` inserts into `caption`, in order; None if it does anything else.

    Capitals, white space, "a" for "an" and the punctuation at the end may differ; commas may be inserted. Words after
    the last word of the caption are no insertion before one.
    """
    old, new = _tokens(caption), _tokens(answer)
    found: list[Insertion] = []
    waiting: list[_Token] = []
    position = 0
    for token in new:
        if position < len(old) and _same(old[position].lower, token.lower):
            if inserted := [one for one in waiting if one.lower != ","]:
                words, starts = tuple(one.lower for one in inserted), tuple(one.start for one in inserted)
                found.append(Insertion(old[position].start, words, starts, waiting[-1].lower == ","))
            waiting = []
            position += 1
        else:
            waiting.append(token)
    return found if position == len(old) and not waiting else None


def _tokens(text: str) -> list[_Token]:
    """Words and marks, without those that end the text."""
    tokens = [_Token(match.start(), match[0].lower().replace("’", "'")) for match in _TOKEN.finditer(text)]
    while tokens and tokens[-1].lower in _ENDS:
        tokens.pop()
    return tokens


def _same(old: str, new: str) -> bool:
    return old == new or (old in _ARTICLES and new in _ARTICLES)
