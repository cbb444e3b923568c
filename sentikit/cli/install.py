"""`sentikit install` and `uninstall`: pip, for the Python that sentikit runs in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import click

from ..commands.output import say, warn
from ..errors import SentikitError, UsageError
from ..io.interpreters import python_command
from ..plugin.loader import BUNDLED, normal_name

_PASSED_ON = {"ignore_unknown_options": True}


@click.command(context_settings=_PASSED_ON)
@click.argument("packages", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def install(ctx: click.Context, packages: tuple[str, ...]) -> None:
    """Install plugins with pip and list what they add.

    PACKAGES and options are passed on to 'pip install': -U to upgrade, -e DIR for a plugin under development, and so
    on.
    """
    before = _listing()
    code = _pip("install", *packages)
    if code == 0:
        _report(before, _listing())
    ctx.exit(code)


@click.command(context_settings=_PASSED_ON)
@click.argument("packages", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def uninstall(ctx: click.Context, packages: tuple[str, ...]) -> None:
    """Uninstall plugins with pip.

    PACKAGES and options are passed on to 'pip uninstall', such as -y to skip the confirmation. Without a terminal there
    is no confirmation.
    """
    if any(_names_sentikit(package) for package in packages):
        raise UsageError(
            f"{BUNDLED} is sentikit itself: leave it out here, and to remove it run "
            f"'{sys.executable} -m pip uninstall {BUNDLED}'."
        )
    unasked = () if sys.stdin is not None and sys.stdin.isatty() else ("-y",)
    ctx.exit(_pip("uninstall", *unasked, *packages))


def _names_sentikit(package: str) -> bool:
    """Whether pip would take `package`, a name with or without a version, for sentikit's own distribution."""
    return normal_name(re.split(r"[^\w.-]", package.strip(), maxsplit=1)[0]) == BUNDLED


def _pip(*arguments: str) -> int:
    """Run pip; its exit code."""
    if find_spec("pip") is None:
        raise SentikitError(
            f"{sys.executable} has no pip: run '{sys.executable} -m ensurepip', "
            "or install with the tool that made this environment."
        )
    return subprocess.run(python_command("-m", "pip", *arguments)).returncode


def _listing() -> dict[str, Any]:
    """All installed plugins, as a new process sees them: this one would go on with the modules it has."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SENTIKIT_")}
    command = python_command("-m", "sentikit", "plugins", "--all", "--json")
    found: dict[str, Any] = json.loads(subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _report(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Say what is in `after` and was not there before."""
    plugins = [plugin for plugin in after["plugins"] if plugin not in before["plugins"]]
    problems = [problem for problem in after["problems"] if problem not in before["problems"]]
    for plugin in plugins:
        brings = [f"{component['kind']} {component['name']}" for component in plugin["components"]]
        brings += [f"command {command}" for command in plugin["commands"]]
        say(f"New plugin {plugin['name']} of {plugin['distribution']}: {', '.join(brings)}.")
    for problem in problems:
        warn(f"plugin {problem['plugin']!r} of {problem['distribution']} does not load: {problem['reason']}.")
    if not plugins and not problems:
        say("No new plugin was installed.")


def add_to(cli: click.Group) -> None:
    """Add the commands of this file."""
    cli.add_command(install)
    cli.add_command(uninstall)
