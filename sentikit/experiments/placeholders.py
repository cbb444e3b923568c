"""``{names}`` in a recipe's texts, and ``[parts]`` that are left out where a name in them has no value."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from functools import lru_cache
from pathlib import PurePath

_NAME = re.compile(r"\{([a-z0-9][a-z0-9_.-]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")

_LONGEST_NAME = 200
"""Bytes. File systems take 255, of which files in the making need some more than their final names have."""

Lookup = Callable[[str], str | None]


def names_in(text: str) -> list[str]:
    """The placeholders of a text, in order."""
    return _NAME.findall(text)


def fill(text: str, lookup: Lookup) -> str:
    """The text with a value for each placeholder, which must have one."""
    return _NAME.sub(lambda match: lookup(match[1]) or "", text)


def arguments(text: str, lookup: Lookup) -> list[str]:
    """A command line as arguments. A value stays in the one argument that it is in, whatever it holds.

    Raises ValueError if a quote is not closed.
    """
    wanted = _OPTIONAL.sub(lambda part: part[1] if all(map(lookup, names_in(part[1]))) else "", text)
    return [fill(word, lookup) for word in _words(wanted)]


@lru_cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(shlex.split(text))


def check_path(path: str) -> str | None:
    """What is wrong with a path that a step makes, as the end of a sentence."""
    pure = PurePath(path)
    if pure.anchor or path.startswith("/") or ".." in pure.parts or not pure.parts:
        return "which is not a path in the output folder"
    if "\0" in path:
        return "which has a NUL character"
    if max(len(os.fsencode(part)) for part in pure.parts) > _LONGEST_NAME:
        return f"which has a name of more than {_LONGEST_NAME} bytes"
    return None
