"""What every command gets: the plugins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import click

from ..plugin.loader import Plugins, load_plugins
from .output import warn


class App:
    """What a command gets from `@click.pass_obj`: the plugins, loaded when a command first asks for them."""

    def __init__(self, plugins_dirs: Sequence[Path] | None, commands: Mapping[str, click.Command]) -> None:
        self.plugins_dirs = tuple(plugins_dirs or ())
        self._commands = commands

    @cached_property
    def loaded(self) -> Plugins:
        """The plugins, without a warning for broken ones. Raises PluginError in strict mode."""
        loaded = load_plugins(self.plugins_dirs, self._commands)
        for warning in loaded.warnings:
            warn(warning)
        return loaded

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins, with a warning on stderr for each broken one. Raises PluginError in strict mode."""
        for problem in self.loaded.problems:
            warn(f"{problem}.")
        return self.loaded
