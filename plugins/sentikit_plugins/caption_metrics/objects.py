"""Which of COCO's 80 classes a text names: the words of `objects.txt`, the longest phrase first."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sentikit.english.tokenizer import tokenize

NONE = "none"
"""Stands in `objects.txt` for phrases that name no object."""


def objects_in(text: str) -> list[str]:
    """The classes that a text names, in order, one entry for each mention."""
    phrases, longest = _phrases()
    tokens = tokenize(text)
    found = []
    place = 0
    while place < len(tokens):
        for size in range(min(longest, len(tokens) - place), 0, -1):
            name = phrases.get(tuple(tokens[place : place + size]))
            if name is not None:
                break
        else:
            size, name = 1, NONE
        if name != NONE:
            found.append(name)
        place += size
    return found


@cache
def _phrases() -> tuple[dict[tuple[str, ...], str], int]:
    """The class of each phrase, in singular and plural, and the length of the longest."""
    phrases: dict[tuple[str, ...], str] = {}
    for name, listed in class_words().items():
        for phrase in listed:
            *first, last = phrase.split()
            phrases[(*first, last)] = name
            phrases.setdefault((*first, _plural(last)), name)
    return phrases, max(map(len, phrases))


def class_words() -> dict[str, list[str]]:
    """The phrases of each class and of "none", as they are listed."""
    lines = Path(__file__).with_name("objects.txt").read_text("utf-8").splitlines()
    rows = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return {name: listed.split(", ") for name, listed in rows}


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"
