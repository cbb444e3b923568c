"""`sentikit plugins`: the installed plugins, what each registers, and the options of components."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from ..commands.output import print_line, print_text, say
from ..errors import UsageError
from ..io.messages import escaped
from ..plugin.loader import HOOKS, Plugin, Plugins, Problem
from .plugins_check import check_plugins
from .plugins_new import new

if TYPE_CHECKING:
    from ..commands.app import App
    from ..plugin.kinds import Component
    from ..plugin.options import Option


class PluginsGroup(click.Group):
    """`sentikit plugins [NAME]` stands for `sentikit plugins list [NAME]`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=PluginsGroup)
def plugins() -> None:
    """List plugins and their options.

    'sentikit plugins [NAME]' is short for 'sentikit plugins list [NAME]'.
    """


@plugins.command("list")
@click.argument("name", required=False)
@click.option("--all", "show_all", is_flag=True, help="Include the bundled plugins.")
@click.option("--hook", metavar="HOOK", help="Show only the plugins that implement this hook.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def list_plugins(app: App, name: str | None, show_all: bool, hook: str | None, as_json: bool) -> None:
    """List the installed plugins, or show NAME with its options.

    NAME is a plugin, its distribution, or a component that it registers. Options are shown with type and default.
    """
    if hook is not None and hook not in HOOKS:
        raise UsageError(f"There is no hook {hook!r}; the hooks are {', '.join(HOOKS)}.")
    chosen, problems, only_bundled = _select(app.loaded, name, hook, show_all)
    if only_bundled and hook is None and not as_json:
        say("Only bundled plugins are installed:")
    if as_json:
        click.echo(json.dumps(_to_json(chosen, problems), indent=1, default=str))
    elif name is None:
        _print_list(chosen, problems)
    else:
        _print_details(chosen, problems)


def _select(
    loaded: Plugins, name: str | None, hook: str | None, show_all: bool
) -> tuple[list[Plugin], list[Problem], bool]:
    """The selected plugins, the broken ones, and whether bundled ones are shown because there are no others."""
    fitting = [plugin for plugin in loaded.plugins if hook is None or hook in plugin.hooks]
    if name is not None:
        return *_named(fitting, loaded.problems, name), False
    problems = loaded.problems if hook is None else []
    others = fitting if show_all else [plugin for plugin in fitting if not plugin.bundled]
    if others or problems or not fitting:
        return others, problems, False
    return fitting, problems, True


def _named(fitting: Sequence[Plugin], problems: Sequence[Problem], name: str) -> tuple[list[Plugin], list[Problem]]:
    """What is called `name`: whole plugins, or plugins cut down to the components of that name."""
    chosen = [plugin for plugin in fitting if name in (plugin.name, plugin.distribution)]
    for plugin in fitting:
        components = tuple(component for component in plugin.components if component.name == name)
        if plugin not in chosen and components:
            chosen.append(_only(plugin, components))
    broken = [problem for problem in problems if name in (problem.plugin, problem.distribution)]
    if not chosen and not broken:
        known = {name for plugin in fitting for name in (plugin.name, *(c.name for c in plugin.components))}
        near = get_close_matches(name, sorted(known), 1)
        hint = f"did you mean {near[0]!r}?" if near else "'sentikit plugins --all' lists what there is."
        raise UsageError(f"No plugin, and nothing that a plugin registers, is called {name!r}; {hint}")
    return chosen, broken


def _only(plugin: Plugin, components: tuple[Component[Any], ...]) -> Plugin:
    hooks = tuple(dict.fromkeys(component.kind.hook for component in components))
    return replace(plugin, hooks=hooks, components=components, commands=())


def _print_list(chosen: Sequence[Plugin], problems: Sequence[Problem]) -> None:
    """A table on a terminal; elsewhere a line a plugin, its fields separated by tabs."""
    rows = [(plugin.name, plugin.distribution, plugin.version, ", ".join(_registers(plugin))) for plugin in chosen]
    rows += [(problem.plugin, problem.distribution, "", f"left out: {problem.reason}") for problem in problems]
    if not sys.stdout.isatty():
        for row in rows:
            print_line("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("plugin", "distribution", "version", "registers", box=None, pad_edge=False, header_style="bold")
    for row in rows[: len(chosen)]:
        table.add_row(*(Text(escaped(cell)) for cell in row))
    for row in rows[len(chosen) :]:
        table.add_row(*(Text(escaped(cell), style="red") for cell in row))
    Console().print(table)


def _registers(plugin: Plugin) -> list[str]:
    components = [f"{component.kind.name} {component.name}" for component in plugin.components]
    return [*components, *(f"command {command}" for command in plugin.commands)]


def _print_details(chosen: Sequence[Plugin], problems: Sequence[Problem]) -> None:
    for plugin in chosen:
        print_line(f"plugin {plugin.name} of {plugin.distribution} {plugin.version}".rstrip())
        for component in plugin.components:
            print_text(f"\n{component.kind.name} {component.name}: {component.summary}")
            for line in [*_weights_lines(component), *_option_lines(component.options)] or ["no options"]:
                print_line(f"  {line}")
        for command in plugin.commands:
            print_text(f"\ncommand {command}: see sentikit {command} --help")
    for problem in problems:
        print_line(str(problem))


def _weights_lines(component: Component[Any]) -> list[str]:
    """Where the component's weights come from, if it has any."""
    if not component.needs_weights:
        return []
    of_encoder = component.kind.name == "encoder"
    return ["weights: imagenet, random (--init), or from a pack" if of_encoder else "weights: from a pack (--pack)"]


def _option_lines(options: Sequence[Option]) -> list[str]:
    """Aligned lines, a line an option."""
    rows = [(f"-O {o.name}={o.type_text()}", f"default {o.default_text() or 'none'}", o.help) for o in options]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"{name:<{widths[0]}}  {default:<{widths[1]}}  {text}" for name, default, text in rows]


def _to_json(chosen: Sequence[Plugin], problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "plugins": [
            {
                "name": plugin.name,
                "distribution": plugin.distribution,
                "version": plugin.version,
                "bundled": plugin.bundled,
                "hooks": plugin.hooks,
                "components": [_component_json(component) for component in plugin.components],
                "commands": plugin.commands,
            }
            for plugin in chosen
        ],
        "problems": [
            {"plugin": problem.plugin, "distribution": problem.distribution, "reason": problem.reason}
            for problem in problems
        ],
    }


def _component_json(component: Component[Any]) -> dict[str, Any]:
    return {
        "kind": component.kind.name,
        "name": component.name,
        "summary": component.summary,
        "weights": component.needs_weights,
        "default": component.is_default,
        "options": [
            {
                "name": option.name,
                "type": option.type.__name__.lower(),
                "default": option.default,
                "choices": option.choices,
                "help": option.help,
            }
            for option in component.options
        ],
    }


def add_to(cli: click.Group) -> None:
    """Add the command of this file, with its own commands."""
    plugins.add_command(new)
    plugins.add_command(check_plugins)
    cli.add_command(plugins)
