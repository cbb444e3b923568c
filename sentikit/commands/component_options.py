"""`-O NAME=VALUE`: options of the components that a command uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])


def component_option(command: Command) -> Command:
    """Adds `-O`, given any number of times; the command gets the texts as `component_options`."""
    return click.option(
        "-O",
        "component_options",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set an option of a component; repeatable. See 'sentikit plugins NAME'.",
    )(command)
