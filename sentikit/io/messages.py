"""What can be wrong in a file, and how a sentence says it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

MISSING: Final = object()
"""The value of a key that is not there."""


class Problem(NamedTuple):
    """Something wrong in a COCO file.

    place: where it is, such as ``annotations[12]``.
    key: the key whose value is wrong, or empty where the whole entry is.
    value: the value that is there, or MISSING.
    what: what is wrong with it, as the end of a sentence.
    """

    place: str
    key: str
    value: Any
    what: str

    def __str__(self) -> str:
        key = f", key '{self.key}'" if self.key else ""
        value = "" if self.value is MISSING else f", value {show(self.value)}"
        return f"{self.place}{key}{value}: {self.what}"


def show(value: Any) -> str:
    """A value of a JSON file, short enough for a sentence."""
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return f"an object of {count(len(value), 'key')}"
    text = json.dumps(value, ensure_ascii=False, default=repr).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= 60 else f"{text[:57]}..."


def count(number: int, what: str) -> str:
    """``1 problem``, ``1,200 problems``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def verb_for(number: int, one: str, several: str) -> str:
    """The verb of so many things: ``verb_for(1, "has", "have")``."""
    return one if number == 1 else several


def first(things: Sequence[Any], limit: int = 3, joint: str = "; ", say: Callable[[Any], str] = str) -> str:
    """The first of many things, and how many more there are."""
    more = f"{joint}and {len(things) - limit:,} more" if len(things) > limit else ""
    return joint.join(map(say, things[:limit])) + more
