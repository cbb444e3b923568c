"""The commands that plugins add: at the top level, and to groups such as `sentikit evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import click

from ..errors import PluginError

Commands = Mapping[str, click.Command]


class ExtensibleGroup(click.Group):
    """A group of the engine that plugins can add commands to. They are loaded only when one of theirs could be meant.

    The context's object is a `sentikit.commands.app.App`.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._added(ctx)})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or self._added(ctx).get(name)

    def _added(self, ctx: click.Context) -> Commands:
        return _parts(ctx.obj.plugins.commands.get(self.name))


def add_commands(
    new: Commands, known: Commands, engine: Commands, owners: Mapping[str, str]
) -> tuple[dict[str, click.Command], list[str]]:
    """The `new` commands together with those `known` of other plugins, and the full names of the new ones.

    A group with the name of an existing group only adds its commands to that one: ``evaluate attention``. What is
    added to a group of the `engine` is kept in a group of the same name.
    owners: the distribution of every command, by full name. Raises PluginError for a name that is taken.
    """
    together, names = dict(known), []
    for name, command in new.items():
        own, added = engine.get(name), known.get(name)
        if own is None and added is None:
            together[name] = command
            names.append(name)
            continue
        can_grow = isinstance(own, ExtensibleGroup) if own else isinstance(added, click.Group)
        if not (can_grow and isinstance(command, click.Group)):
            raise PluginError(f"the command {name!r} is already registered by {owners[name]}")
        if command.params:
            raise PluginError(f"its group {name!r} has options, and can only add commands to that of {owners[name]}")
        for part in command.commands:
            full = f"{name} {part}"
            if part in _parts(own) or part in _parts(added):
                raise PluginError(f"the command {full!r} is already registered by {owners.get(full, owners[name])}")
            names.append(full)
        together[name] = _joined(added if isinstance(added, click.Group) else command, command)
    return together, names


def _parts(command: click.Command | None) -> Commands:
    return command.commands if isinstance(command, click.Group) else {}


def _joined(group: click.Group, more: click.Group) -> click.Group:
    """A copy of `group` with the commands of both."""
    joined = copy(group)
    joined.commands = {**group.commands, **more.commands}
    return joined
