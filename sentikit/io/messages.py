"""What can be wrong in a file, and how a sentence says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any, Final, NamedTuple

MISSING: Final = object()
"""The value of a key that is not there."""
LONGEST = 1900
"""Characters of a message; a longer one loses its middle."""
_CUT = " [...] "
_LONGEST_VALUE = 60
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal would obey instead of showing it, line breaks and changes of direction included."""


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


def escaped(text: str) -> str:
    """The text as a terminal may get it: control characters become ``\\x1b`` and the like, line breaks ``\\n``."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def one_line(message: str) -> str:
    """A message as it is printed: escaped, and with its beginning and its end alone if it is very long."""
    text = escaped(message)
    half = LONGEST // 2 - len(_CUT)
    return text if len(text) <= LONGEST else f"{text[:half]}{_CUT}{text[-half:]}"


def show(value: Any) -> str:
    """A value of a JSON or TOML file, short enough for a sentence."""
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return f"an object of {count(len(value), 'key')}"
    if isinstance(value, date | time):
        return str(value)
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_VALUE:  # may be of more digits than Python writes
        return f"a number of more than {_LONGEST_VALUE} digits"
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
