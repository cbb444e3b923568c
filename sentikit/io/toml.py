"""TOML files, read with errors that name the place. What would take too long to read is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from .files import read_text
from .paths import shown

_MOST_CHARACTERS = 500_000
_MOST_DOTS = 100
"""In a line. The time that a dotted key takes grows with the square of its parts."""


def read_toml(path: Path) -> dict[str, Any]:
    """The document of a TOML file. Raises SentikitError, with the place, if it cannot be read."""
    return parse_toml(read_text(path), shown(path))


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """The document of a text. Raises SentikitError, beginning with `where` it is from, if it is not sound TOML."""
    if len(text) > _MOST_CHARACTERS:
        raise SentikitError(f"{where} has {len(text):,} characters: at most {_MOST_CHARACTERS:,} are read.")
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MOST_DOTS:
            raise SentikitError(f"{where}, line {number:,}: it has more than {_MOST_DOTS} dots; break it up.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = str(error)
        raise SentikitError(f"{where} is not TOML: {what[:1].lower()}{what[1:]}.") from None
    except RecursionError:
        raise SentikitError(f"{where}: its lists and tables are nested too deeply.") from None
    except ValueError:  # the one left: Python limits the digits of a number, as reading them takes quadratic time
        raise SentikitError(f"{where} holds a number of more than 4,300 digits.") from None
