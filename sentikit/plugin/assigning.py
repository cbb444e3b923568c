"""Assigns options, given by name, to the components that a command or a caller chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import UsageError
from .kinds import Component
from .options import list_options


def assign_options(given: Sequence[str], components: Sequence[Component[Any]]) -> dict[Component[Any], dict[str, str]]:
    """Each of `given`, ``NAME=VALUE``, goes to the component that has the option; the last one of a name counts.

    ``COMPONENT.NAME=VALUE``, or ``KIND.NAME=VALUE``, names the component where several have the option.
    Raises UsageError, with the options there are, if none or several have it or the value is wrong.
    """
    assigned: dict[Component[Any], dict[str, str]] = {component: {} for component in components}
    for text in given:
        full_name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"-O takes NAME=VALUE, not {text!r}.")
        assigned[_owner(full_name, components)][full_name.rpartition(".")[2]] = value
    for component, values in assigned.items():
        component.check(values)
    return assigned


def _owner(full_name: str, components: Sequence[Component[Any]]) -> Component[Any]:
    prefix, _, name = full_name.rpartition(".")
    meant = [component for component in components if not prefix or prefix in (component.name, component.kind.name)]
    owners = [component for component in meant if any(option.name == name for option in component.options)]
    if len(owners) > 1:
        distinct = len({component.name for component in owners}) == len(owners)
        ways = " or ".join(f"-O {owner.name if distinct else owner.kind.name}.{name}=VALUE" for owner in owners)
        raise UsageError(f"The option {name!r} is one of {' and of '.join(map(str, owners))}: write {ways}.")
    if not owners:
        told = meant or components
        told = [component for component in told if component.options] or told
        listing = "; ".join(f"{component} has {list_options(component.options)}" for component in told)
        raise UsageError(f"There is no option {full_name!r}: {listing}.")
    return owners[0]
