"""``{names}`` in a recipe's texts, and ``[parts]`` that are left out where a name in them has no value."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import PurePosixPath

_NAME = re.compile(r"\{([a-z0-9][a-z0-9_.-]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")

Lookup = Callable[[str], str | None]


def names_in(text: str) -> list[str]:
    """The placeholders of a text, in order."""
    return _NAME.findall(text)


def fill(text: str, lookup: Lookup) -> str:
    """The text with a value for each placeholder, which must have one."""
    return _NAME.sub(lambda match: lookup(match[1]) or "", text)


def arguments(text: str, lookup: Lookup) -> list[str]:
    """A command line as arguments. A value stays in the one argument that it is in, whatever it holds."""
    wanted = _OPTIONAL.sub(lambda part: part[1] if all(map(lookup, names_in(part[1]))) else "", text)
    return [fill(word, lookup) for word in shlex.split(wanted)]


def check_path(path: str) -> str | None:
    """What is wrong with a path that a step makes, as the end of a sentence."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        return "which is not a path in the output folder"
    return None
