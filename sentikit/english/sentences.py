"""Sentences: those of a text, and generated words as one that people read."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ATTACHED = ("'s", "n't", "'re", "'ve", "'ll", "'d", "'m", "'")

_MARK = re.compile(r"[.!?…:\n]\s*\S")
_END = re.compile(r"(\.{3}|[.!?…]|(?=\n))[\"'”’)\]*_]*(?:\s+|$)")
_BLANK_LINE = re.compile(r"\n\s*\n")
_ITEM = re.compile(r"(?:[-*+•#>]|\d{1,3}[.)])\s*\S")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "st", "mt", "no", "vs", "jr", "sr", "approx", "e.g", "i.e"})


def sentence(words: Sequence[str]) -> str:
    """ "a", "dog", "'s", "bowl" -> "A dog's bowl." Raises nothing: no words are no sentence."""
    pieces: list[str] = []
    for word in words:
        if word in _ATTACHED and pieces:
            pieces[-1] += word
        else:
            pieces.append(word)
    text = " ".join("I" if word == "i" else word for word in pieces)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def sentence_starts(text: str) -> list[int]:
    """Where the sentences of `text` start. The items of a list and the paragraphs are sentences too.

    0 is always the first. A full stop after an initial, a title or a number ends no sentence: "Mr. Smith", "No. 12".
    """
    if not _MARK.search(text):
        return [0]
    starts = [0]
    for match in _END.finditer(text):
        if match.end() < len(text) and _ends(text, match):
            starts.append(match.end())
    return starts


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends with `match`, a mark or line break and the white space after it."""
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    if "\n" in match[0]:
        return (
            line.startswith("#")
            or _BLANK_LINE.search(match[0]) is not None
            or _ITEM.match(text, match.end()) is not None
            or match[1] != ""
        )
    following = text[match.end()]
    if match[1] in ("...", "…"):
        return not following.islower()
    if match[1] != ".":
        return True
    word = text[: match.start()].rsplit(None, 1)[-1:]
    last = word[0].lower().lstrip("(\"'“") if word else ""
    if (
        last in _TITLES
        or line.strip().isdigit()
        or (len(last) == 1 and last.isalpha() and last != "i" and text[match.start() - 1] != " ")
    ):
        return False
    return "." not in last or following.isupper()
