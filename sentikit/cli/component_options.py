"""`-O NAME=VALUE`: the options of the components that a command was told to use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from ..errors import UsageError
from ..plugin.kinds import Component
from ..plugin.options import list_options

Command = TypeVar("Command", bound=Callable[..., object])


def component_option(command: Command) -> Command:
    """Adds `-O`, given any number of times; the command gets the texts as `component_options`."""
    return click.option(
        "-O",
        "component_options",
        multiple=True,
        metavar="NAME=VALUE",
        help="An option of a plugin's component; 'sentikit plugins NAME' lists them.",
    )(command)


def assign_options(given: Sequence[str], components: Sequence[Component]) -> dict[Component, dict[str, str]]:
    """Each of `given` goes to the component that has the option; the last of two for the same option counts.

    ``NAME=VALUE`` will do where one component has it. ``COMPONENT.NAME=VALUE``, or ``KIND.NAME=VALUE``, says which.
    Raises UsageError, with the options there are, where none or several have it or the value is wrong.
    """
    assigned: dict[Component, dict[str, str]] = {component: {} for component in components}
    for text in given:
        full_name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"-O takes NAME=VALUE, not {text!r}.")
        assigned[_owner(full_name, components)][full_name.rpartition(".")[2]] = value
    for component, values in assigned.items():
        component.check(values)
    return assigned


def _owner(full_name: str, components: Sequence[Component]) -> Component:
    prefix, _, name = full_name.rpartition(".")
    meant = [component for component in components if not prefix or prefix in (component.name, component.kind)]
    owners = [component for component in meant if any(option.name == name for option in component.options)]
    if len(owners) > 1:
        distinct = len({component.name for component in owners}) == len(owners)
        ways = " or ".join(f"-O {owner.name if distinct else owner.kind}.{name}=VALUE" for owner in owners)
        raise UsageError(f"The option {name!r} is one of {' and of '.join(map(str, owners))}: write {ways}.")
    if not owners:
        listing = "; ".join(f"{component} has {list_options(component.options)}" for component in meant or components)
        raise UsageError(f"There is no option {full_name!r}: {listing}.")
    return owners[0]
