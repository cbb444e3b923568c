"""Sayings whose noun means nothing that could be described: "keep an eye on", "raining cats and dogs"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class _Idiom(NamedTuple):
    """Words on either side of the noun, each a set of which one stands there; "" in a set: or none."""

    before: tuple[frozenset[str], ...]
    after: tuple[frozenset[str], ...]


def is_idiomatic(words: Sequence[str], head: int) -> bool:
    """Whether the noun at `head`, of a text in lower case, stands in a saying of `idioms.txt`."""
    return any(
        _ends(words, head - 1, idiom.before[::-1], -1) and _ends(words, head + 1, idiom.after, 1)
        for idiom in _idioms().get(words[head], ())
    )


def _ends(words: Sequence[str], i: int, wanted: Sequence[frozenset[str]], step: int) -> bool:
    """Whether the words from `i` on, in the direction of `step`, are the `wanted` ones."""
    for choices in wanted:
        if 0 <= i < len(words) and words[i] in choices:
            i += step
        elif "" not in choices:
            return False
    return True


@cache
def _idioms() -> dict[str, list[_Idiom]]:
    found: defaultdict[str, list[_Idiom]] = defaultdict(list)
    for line in files("sentikit.data").joinpath("idioms.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        parts = line.split()
        at = next(place for place, part in enumerate(parts) if part.startswith("*"))
        before, after = (tuple(map(_choices, some)) for some in (parts[:at], parts[at + 1 :]))
        for noun in parts[at].strip("*").split("|"):
            found[noun].append(_Idiom(before, after))
    return dict(found)


def _choices(part: str) -> frozenset[str]:
    """ "have|has" -> both; "a?" -> "a" or nothing."""
    optional = part.endswith("?")
    return frozenset(part.rstrip("?").split("|")) | (frozenset({""}) if optional else frozenset())
