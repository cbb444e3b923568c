"""The options of a plugin: typed, with a default and a line of help, set with `-O NAME=VALUE`.

They are listed one by one, or derived from the fields of a settings class: a frozen dataclass whose fields are made
by `option`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from math import isfinite, isnan
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from ..errors import UsageError
from ..io.messages import show

OptionType = type[str] | type[int] | type[float] | type[bool] | type[Path]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What components and options are called: lower-case words joined by hyphens."""
_TYPES = (str, int, float, bool, Path)
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
_WORD = 2**63
"""Whole numbers below it fit into 64 bits, as torch and numpy need them."""
_TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class Option:
    """One option of a plugin's component.

    name: lower case, words joined by hyphens. The factory gets it with underscores.
    type: str, int, float, bool or pathlib.Path.
    default: what the factory gets where the user says nothing. None is allowed for every type.
    choices: the only values allowed, where there is a closed list.
    at_least, above, at_most, below: limits of a number, which must then be finite.
    recorded: whether it changes what is made, so that outputs record it and a run with another value does not continue
        them; False for where and how fast the component runs, such as a timeout.
    Raises TypeError or ValueError where these do not fit together.
    """

    name: str
    type: OptionType
    default: Any
    help: str
    choices: tuple[Any, ...] = ()
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    recorded: bool = True

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"the option name {self.name!r} is not lower-case words joined by hyphens")
        if self.type not in _TYPES:
            raise TypeError(f"option {self.name!r}: the type must be str, int, float, bool or Path, not {self.type!r}")
        for value in (*self.choices, *(() if self.default is None else (self.default,))):
            if not isinstance(value, (float, int) if self.type is float else self.type):
                raise TypeError(f"option {self.name!r}: {value!r} is not {_KINDS[self.type]}")
        if self._limits() and self.type not in (int, float):
            raise TypeError(f"option {self.name!r}: only a number has limits")
        try:
            self.check(self.default)
        except UsageError as error:
            raise ValueError(f"option {self.name!r}: its default is not allowed: {error}") from None

    def parse(self, text: str) -> Any:
        """The value of `text`. Raises UsageError where it is not of the option's type or not one of its choices."""
        if self.type is Path and not text:
            raise UsageError(f"The option {self.name!r} is empty: name {_KINDS[Path]}.")
        try:
            value = _TRUTHS[text.lower()] if self.type is bool else self.type(text)
        except (KeyError, ValueError):
            raise UsageError(f"The option {self.name!r} takes {_KINDS[self.type]}, not {text!r}.") from None
        self.check(value)
        return value

    def check(self, value: Any) -> None:
        """Raises UsageError where a value of the option's type is not one of its choices or is outside its limits."""
        if value is None:
            return
        if self.choices and value not in self.choices:
            raise UsageError(
                f"The option {self.name!r} takes one of {', '.join(map(str, self.choices))}, not {value!r}."
            )
        if self.type is int and not -_WORD <= value < _WORD:
            raise UsageError(f"The option {self.name!r} must be a whole number of 64 bits, not {show(value)}.")
        limits = self._limits()
        is_number = self.type is not float or (isfinite(value) if limits else not isnan(value))
        if not (is_number and all(holds(value) for _, holds in limits)):
            wanted = " and ".join(words for words, _ in limits) or "a number"
            raise UsageError(f"The option {self.name!r} must be {wanted}, not {value}.")

    def _limits(self) -> list[tuple[str, Callable[[float], bool]]]:
        """The limits there are: in words, and whether a value is within them."""
        found: list[tuple[str, Callable[[float], bool]]] = []
        if (at_least := self.at_least) is not None:
            found.append((f"at least {at_least}", lambda value: value >= at_least))
        if (above := self.above) is not None:
            found.append((f"above {above}", lambda value: value > above))
        if (at_most := self.at_most) is not None:
            found.append((f"at most {at_most}", lambda value: value <= at_most))
        if (below := self.below) is not None:
            found.append((f"below {below}", lambda value: value < below))
        return found

    def describe(self) -> str:
        """``name=default (type)``, as lists and errors show it."""
        return f"{self.name}={self.default_text()} ({self.type_text()})"

    def default_text(self) -> str:
        """The default as a user would type it; nothing for None."""
        return "" if self.default is None else self.text(self.default)

    def text(self, value: Any) -> str:
        """A value as a user would type it, which `parse` reads."""
        return str(value).lower() if self.type is bool else str(value)

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


# Settings classes

_OPTION = "sentikit.option"


def option(
    default: Any,
    help: str,
    *,
    name: str | None = None,
    choices: tuple[Any, ...] = (),
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    recorded: bool = True,
) -> Any:
    """A field of a settings class that is an option; its annotation is the option's type, or the type ``| None``.

    name: by default the field's, with hyphens. The others: see `Option`.
    """
    limits = {"at_least": at_least, "above": above, "at_most": at_most, "below": below}
    details = {"name": name, "help": help, "choices": choices, "recorded": recorded, **limits}
    return field(default=default, metadata={_OPTION: details})


def options_of(settings: type) -> list[Option]:
    """The options of a settings class, in the order of its fields; a field that `option` did not make is none.

    Raises TypeError where it is no dataclass, and as `Option` does.
    """
    return list(_options_by_field(settings).values())


def check_options(settings: Any) -> None:
    """Raises UsageError where a value is not one of its choices or is outside its limits: for `__post_init__`."""
    for field_name, known in _options_by_field(type(settings)).items():
        known.check(getattr(settings, field_name))


def _options_by_field(settings: type) -> dict[str, Option]:
    if not is_dataclass(settings):
        raise TypeError(f"{settings.__name__} is not a dataclass")
    types = get_type_hints(settings)
    options = {}
    for one in fields(settings):
        if details := one.metadata.get(_OPTION):
            name = details["name"] or one.name.replace("_", "-")
            kind = _without_none(types[one.name])
            options[one.name] = Option(**{**details, "name": name}, type=kind, default=one.default)
    return options


def _without_none(annotation: Any) -> Any:
    """``int`` of ``int | None``; any other annotation as it is."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 else annotation
