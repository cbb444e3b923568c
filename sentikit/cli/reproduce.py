"""`sentikit reproduce`: run an experiment from its recipe and compare its table with the paper's."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.output import print_line, print_text, say, warn
from ..commands.photo_folder import NamedPath
from ..commands.recipes import check_command
from ..errors import SentikitError, UsageError
from ..io.paths import shown
from ..plugin.kinds import EXPERIMENT

if TYPE_CHECKING:
    from ..commands.app import App
    from ..experiments.plan import Plan
    from ..experiments.recipe import Recipe

_PATH = NamedPath()


@click.command()
@click.argument("experiment", required=False, metavar="[NAME | FILE.toml]")
@click.option("--data", type=_PATH, help="Folder of the inputs.")
@click.option("-o", "--output", type=_PATH, help="Folder for everything that the experiment writes.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Use only N photographs, for a trial run.")
@click.option("--seeds", type=click.IntRange(1), metavar="N", help="Repeat steps that have a seed with N seeds.")
@click.option("-O", "options", multiple=True, metavar="NAME=VALUE", help="Set an option of the experiment; repeatable.")
@click.option(
    "--input", "inputs", multiple=True, metavar="NAME=PATH", help="Path of an input outside --data; repeatable."
)
@click.option("--only", metavar="STEP", help="Run only this step.")
@click.option("--dry-run", is_flag=True, help="Print the commands and their state without running them.")
@click.pass_context
def reproduce(
    ctx: click.Context,
    experiment: str | None,
    data: Path | None,
    output: Path | None,
    limit: int | None,
    seeds: int | None,
    options: Sequence[str],
    inputs: Sequence[str],
    only: str | None,
    dry_run: bool,
) -> None:
    """Reproduce an experiment of the paper.

    The results are compared with the paper's. Without NAME, the experiments are listed; without -o, the named one is
    described. An interrupted run continues where it stopped: a step runs again only if its command or its inputs have
    changed. OUTPUT gets results.json, results.md, plots of the tables, and the output of every step in steps/.
    """
    from ..experiments.plan import Choices, Plan

    app: App = ctx.obj
    if experiment is None:
        _list(app)
        return
    recipe = _recipe(app, experiment)
    if output is None and not dry_run:
        if data or inputs:
            raise UsageError("Name the folder of what the experiment writes, with -o.")
        _describe(recipe)
        return
    choices = Choices(
        data, output or Path("OUT"), limit, seeds, options=_pairs("-O", options), inputs=_pairs("--input", inputs)
    )
    plan = Plan(recipe, choices)
    if only is not None and only not in recipe.steps:
        raise UsageError(f"There is no step {only!r}; the steps are {', '.join(recipe.steps)}.")
    for run in plan.runs:
        check_command(ctx.find_root(), run)
    if limit is not None and not plan.takes_limit:
        warn("no step of this experiment has a place for --limit.")
    if dry_run:
        _print_plan(plan, only)
        return
    _run(app, plan, only)


def _list(app: App) -> None:
    components = [app.plugins.get(EXPERIMENT, name) for name in app.plugins.names(EXPERIMENT)]
    width = max((len(component.name) for component in components), default=0)
    for component in components:
        print_line(f"{component.name:<{width}}  {component.summary}")
    if not components:
        say("No experiments are installed.")


def _recipe(app: App, experiment: str) -> Recipe:
    from ..experiments.reading import read_recipe

    if experiment.endswith(".toml"):
        return read_recipe(Path(experiment))
    path: Path = app.plugins.get(EXPERIMENT, experiment).create()
    return read_recipe(path)


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r}.")
        pairs[name] = value
    return pairs


def _describe(recipe: Recipe) -> None:
    """What the experiment is, needs and can be told."""
    print_text(recipe.title)
    for title, text in (("In the paper", recipe.paper), ("Here", recipe.here)):
        if text:
            print_text(f"\n{title}: {text}")
    if recipe.inputs:
        print_text("\nInputs (--input NAME=PATH):")
    for entry in recipe.inputs.values():
        print_text(f"  {entry.name}: {entry.help} [{entry.path}]")
    if recipe.settings:
        print_text("\nOptions (-O NAME=VALUE):")
    for setting in recipe.settings.values():
        paper = f"; the paper: {setting.paper}" if setting.paper is not None else ""
        print_text(f"  {setting.name}: {setting.help} [{setting.default}{paper}]")
    print_text(f"\nSteps: {', '.join(recipe.steps)}")


def _print_plan(plan: Plan, only: str | None) -> None:
    from ..experiments.running import outlook

    for run, state, removes in outlook(plan, only):
        print_line(f"# {run.name}: {state}")
        for path in removes:
            print_line(f"# removes {shown(path)}")
        print_line(shlex.join(["sentikit", *run.arguments]))
    try:
        plan.check_inputs(plan.runs)
    except SentikitError as error:
        warn(str(error))


def _run(app: App, plan: Plan, only: str | None) -> None:
    from ..experiments.outputs import PAGE, RESULTS
    from ..experiments.plots import draw_result
    from ..experiments.results import collect, to_document, to_markdown, to_table
    from ..experiments.running import run_plan
    from ..io.files import atomic_write

    before = [word for folder in app.plugins_dirs for word in ("--plugins-dir", str(folder))]
    run_plan(plan, say, only=only, before=before)
    results = collect(plan)
    output = plan.choices.output
    for name, text in (
        (RESULTS, json.dumps(to_document(plan, results), indent=1, ensure_ascii=False) + "\n"),
        (PAGE, to_markdown(plan, results)),
    ):
        with atomic_write(output / name, force=True) as handle:
            handle.write(text.encode("utf-8", "backslashreplace").decode())  # values may be names that are not UTF-8
    for result in results:
        if result.table.plot:
            draw_result(result, output / f"{result.table.name}.png")
    for table in map(to_table, results):
        if sys.stdout.isatty():
            table.show()
        else:
            click.echo(table.plain() + "\n")
    say(f"Wrote {shown(output / RESULTS)} and {PAGE}.")


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(reproduce)
