"""Options of plugins and of settings classes as options of a command, `--NAME VALUE`."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import click

from ..plugin.options import Option
from .photo_folder import NamedPath


class _Finite(click.FloatRange):
    """A range without NaN and infinity, which click lets into ranges that are open at an end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return number if isfinite(number) else self.fail(f"{value} is no finite number.", param, ctx)


def click_option(option: Option, field: str | None = None, metavar: str | None = None) -> click.Option:
    """A command's option for `option`. The command gets its value as `field`, or by its name with underscores.

    A truth is a flag: ``--no-NAME`` where it is true by default.
    """
    field, help = field or option.name.replace("-", "_"), _sentence(option.help)
    if option.type is bool:
        flag = f"--no-{option.name}" if option.default else f"--{option.name}"
        return click.Option([flag, field], flag_value=not option.default, default=bool(option.default), help=help)
    settings: dict[str, Any] = {"type": _type(option), "help": help, "metavar": metavar}
    if option.default is not None:
        settings |= {"default": option.default, "show_default": True}
    return click.Option([f"--{option.name}", field], **settings)


def _type(option: Option) -> Any:
    if option.choices:
        return click.Choice(option.choices)
    if option.type is Path:
        return NamedPath()
    low = option.at_least if option.above is None else option.above
    high = option.at_most if option.below is None else option.below
    if low is None and high is None:
        return option.type
    limits = {"min": low, "max": high, "min_open": option.above is not None, "max_open": option.below is not None}
    return (click.IntRange if option.type is int else _Finite)(**limits)  # type: ignore[arg-type]


def _sentence(help: str) -> str:
    text = help[:1].upper() + help[1:]
    return text if text.endswith((".", "]")) else f"{text}."
