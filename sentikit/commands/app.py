"""What every command gets: the plugins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import click

from ..plugin.loader import Plugins, load_plugins


class App:
    """What a command gets from `@click.pass_obj`: the plugins, loaded when a command first asks for them."""

    def __init__(self, plugins_dir: Path | None, commands: Mapping[str, click.Command]) -> None:
        self.plugins_dir = plugins_dir
        self._commands = commands

    @cached_property
    def loaded(self) -> Plugins:
        """The plugins, without a warning for broken ones. Raises PluginError in strict mode."""
        return load_plugins(self.plugins_dir, self._commands)

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins, with a warning on stderr for each broken one. Raises PluginError in strict mode."""
        for problem in self.loaded.problems:
            click.echo(f"Warning: {problem}.", err=True)
        return self.loaded
