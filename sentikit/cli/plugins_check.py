"""`sentikit plugins check`: whether plugins keep their contracts, and what to mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..commands.component_options import component_option
from ..commands.output import print_line, say
from ..commands.photo_folder import NamedPath
from ..errors import UsageError

if TYPE_CHECKING:
    from ..commands.app import App
    from ..plugin.loader import Plugin, Plugins
    from ..testing.inspection import Finding


@click.command("check")
@click.argument("target", required=False, metavar="[DIST|FILE]")
@component_option
@click.option(
    "--pack",
    type=NamedPath(),
    metavar="NAME|FOLDER",
    help="Pack of weights for taggers and captioners that need one.",
)
@click.option("--verbose", is_flag=True, help="Also print the rules that are kept.")
@click.pass_obj
def check_plugins(
    app: App, target: str | None, component_options: Sequence[str], pack: Path | None, verbose: bool
) -> None:
    """Check installed plugins: imports, hooks, options, and the contract of every component.

    DIST is a plugin or its distribution, FILE a plugin in a single file. Without either, all plugins that are not
    bundled are checked. The contract suites are those of sentikit.testing.
    """
    from ..plugin.assigning import assign_options
    from ..testing.inspection import count_outcomes, inspect_plugin

    file = Path(target) if target and target.endswith(".py") else None
    loaded = _with_file(app, file) if file else app.loaded
    chosen = _chosen(loaded, target, file)
    components = [component for plugin in chosen for component in plugin.components]
    options = assign_options(component_options, components) if component_options else {}
    weights = _open(loaded, pack) if any(component.needs_weights for component in components) else None
    findings: list[Finding] = []
    for plugin in chosen:
        for finding in inspect_plugin(plugin, options, weights, file):
            findings.append(finding)
            if finding.outcome == "failed" or (verbose and finding.outcome == "passed"):
                print_line(_line(finding))
    _print_unchecked(findings)
    name = file.stem if file else target
    broken = [problem for problem in loaded.problems if not name or name in (problem.plugin, problem.distribution)]
    for problem in broken:
        print_line(f"FAILED       plugin {problem.plugin}: it is left out: {problem.reason}")
    counts = count_outcomes(findings)
    counts["failed"] += len(broken)
    say(f"{counts['passed']} passed, {counts['failed']} failed, {counts['not checked']} not checked.")
    if counts["failed"]:
        click.get_current_context().exit(1)


def _with_file(app: App, file: Path) -> Plugins:
    """The plugins with that of a file. Raises UsageError if there is no such file."""
    from ..plugin.folders import import_file
    from ..plugin.kinds import reason
    from ..plugin.loader import Problem, load_plugins

    if not file.is_file():
        raise UsageError(f"{file} is no file: name a plugin's file, or an installed distribution.")
    try:
        module = import_file(file, "")
    except Exception as error:
        app.loaded.problems.append(Problem(file.stem, str(file), reason(error)))
        return app.loaded
    return load_plugins(app.plugins_dirs, modules=[module])


def _chosen(loaded: Plugins, target: str | None, file: Path | None) -> list[Plugin]:
    """The plugins to check. Raises UsageError if there are none."""
    if target is None:
        chosen = [plugin for plugin in loaded.plugins if not plugin.bundled]
        if not chosen and not loaded.problems:
            raise UsageError("No plugin but the bundled ones is installed: name one of these, or a file.")
        return chosen
    name = file.stem if file else target
    chosen = [plugin for plugin in loaded.plugins if name in (plugin.name, plugin.distribution)]
    if not chosen and not any(name in (problem.plugin, problem.distribution) for problem in loaded.problems):
        raise UsageError(f"No plugin and no distribution is called {name!r}; {_hint(loaded, name)}.")
    return chosen


def _hint(loaded: Plugins, name: str) -> str:
    """The plugins that have a component of this name, else where all are listed."""
    having = [plugin.name for plugin in loaded.plugins if any(one.name == name for one in plugin.components)]
    if not having:
        return "'sentikit plugins --all' lists them"
    return f"the component of that name is checked with its plugin: {' or '.join(dict.fromkeys(having))}"


def _open(loaded: Plugins, pack: Path | None) -> Any:
    """The pack to make models of, or None if there is none."""
    from ..packs.reading import open_pack
    from ..pipelines.model_choice import find_pack

    place = find_pack(loaded, pack)
    return None if place is None else open_pack(place)


def _line(finding: Finding) -> str:
    word = "passed" if finding.outcome == "passed" else "FAILED"
    return f"{word}       {finding.subject}: {finding.rule}" + (f" - {finding.reason}" if finding.reason else "")


def _print_unchecked(findings: Sequence[Finding]) -> None:
    """A line for each component and reason."""
    unchecked = Counter((one.subject, one.reason) for one in findings if one.outcome == "not checked")
    for (subject, why), number in unchecked.items():
        print_line(f"not checked  {subject}: {number} of its rules - {why}")
