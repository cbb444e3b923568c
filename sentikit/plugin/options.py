"""The options of a plugin: typed, with a default and a line of help, set with `-O NAME=VALUE`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError

OptionType = type[str] | type[int] | type[float] | type[bool] | type[Path]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What components and options are called: lower-case words joined by hyphens."""
_TYPES = (str, int, float, bool, Path)
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
_TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class Option:
    """One option of a plugin's component.

    name: lower case, words joined by hyphens. The factory gets it with underscores.
    type: str, int, float, bool or pathlib.Path.
    default: what the factory gets where the user says nothing. None is allowed for every type.
    choices: the only values allowed, where there is a closed list.
    Raises TypeError or ValueError where these do not fit together.
    """

    name: str
    type: OptionType
    default: Any
    help: str
    choices: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"the option name {self.name!r} is not lower-case words joined by hyphens")
        if self.type not in _TYPES:
            raise TypeError(f"option {self.name!r}: the type must be str, int, float, bool or Path, not {self.type!r}")
        for value in (*self.choices, *(() if self.default is None else (self.default,))):
            if not isinstance(value, (float, int) if self.type is float else self.type):
                raise TypeError(f"option {self.name!r}: {value!r} is not {_KINDS[self.type]}")
        if self.choices and self.default is not None and self.default not in self.choices:
            raise ValueError(f"option {self.name!r}: the default {self.default!r} is not one of its choices")

    def parse(self, text: str) -> Any:
        """The value of `text`. Raises UsageError where it is not of the option's type or not one of its choices."""
        try:
            value = _TRUTHS[text.lower()] if self.type is bool else self.type(text)
        except (KeyError, ValueError):
            raise UsageError(f"The option {self.name!r} takes {_KINDS[self.type]}, not {text!r}.") from None
        if self.choices and value not in self.choices:
            raise UsageError(
                f"The option {self.name!r} takes one of {', '.join(map(str, self.choices))}, not {text!r}."
            )
        return value

    def describe(self) -> str:
        """``name=default (type)``, as lists and errors show it."""
        return f"{self.name}={self.default_text()} ({self.type_text()})"

    def default_text(self) -> str:
        """The default as a user would type it; nothing for None."""
        return "" if self.default is None else str(self.default).lower() if self.type is bool else str(self.default)

    def type_text(self) -> str:
        """The type's name, or the choices."""
        return "|".join(map(str, self.choices)) or self.type.__name__.lower()


def option_values(owner: str, options: Sequence[Option], given: Mapping[str, str]) -> dict[str, Any]:
    """Every option's value for the factory of `owner`: those `given` as text, the others by default.

    Raises UsageError for an unknown name or a wrong value, listing what there is.
    """
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            raise UsageError(f"There is no option {name!r}: {owner} has {list_options(options)}.")
    return {
        name.replace("-", "_"): option.parse(given[name]) if name in given else option.default
        for name, option in known.items()
    }


def list_options(options: Sequence[Option]) -> str:
    """``the options ...`` or ``no options``, for an error's sentence."""
    return f"the options {', '.join(option.describe() for option in options)}" if options else "no options"
