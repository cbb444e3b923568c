"""What an experiment may write and remove: only what is in its output folder, and none of its inputs."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import SentikitError
from ..io.paths import shown
from .plan import Plan, StepRun
from .record import FOLDER, has_records, log_path, record_path

RESULTS, PAGE = "results.json", "results.md"


def check_outputs(plan: Plan) -> None:
    """Raise SentikitError if a run makes what is not in the output folder, an input, or what another run makes too.

    So it does if the output folder has files of the experiment's names, and no record of an experiment's run.
    """
    output = plan.choices.output
    owners: dict[Path, StepRun] = {}
    for run in plan.runs:
        check_run_outputs(plan, run)
        for path in (record_path(output, run), *set(run.makes.values())):
            other = owners.setdefault(path, run)
            if other is not run:
                raise SentikitError(
                    f"The runs {other.name} and {run.name} would both write {shown(path)}: make their paths differ."
                )
    if not has_records(output):
        own = [path(output, run) for run in plan.runs for path in (record_path, log_path)]
        for path in (*_of_experiment(plan), *own):
            if os.path.lexists(path):
                raise SentikitError(f"{shown(path)} is no experiment's: move it, or name another folder with -o.")


def check_run_outputs(plan: Plan, run: StepRun) -> None:
    """Raise SentikitError if something that the run makes is not in the output folder, or is an input.

    Links are followed as they are now. Placeholders were filled before: the paths are those that are written.
    """
    output = plan.choices.output
    root = _real(output)
    own = {root / FOLDER, *map(_real, _of_experiment(plan))}
    inputs = {name: path for name in plan.recipe.inputs if (path := plan.input_path(name)) is not None}
    for path in (record_path(output, run), log_path(output, run), *_of_experiment(plan)):
        if root not in _real(path).parents:
            raise SentikitError(f"{shown(path)} leads to {shown(_real(path))}, which is not in {shown(output)}.")
    for path in run.makes.values():
        real = _real(path)
        what = f"The step {run.name} may not make {shown(path)}: it"
        if root not in real.parents:
            raise SentikitError(f"{what} leads to {shown(real)}, which is not in the output folder {shown(output)}.")
        if own & {real, *real.parents}:
            raise SentikitError(f"{what} is where the experiment's own records and results are.")
        for name, source in {**inputs, "the recipe": plan.recipe.file}.items():
            if _overlap(real, _real(source), root):
                raise SentikitError(f"{what} is, holds or lies in an input, {name} at {shown(source)}.")


def _of_experiment(plan: Plan) -> list[Path]:
    """The files of the whole experiment."""
    pictures = [f"{table.name}.png" for table in plan.recipe.tables if table.plot]
    return [plan.choices.output / name for name in (RESULTS, PAGE, *pictures)]


def _overlap(made: Path, source: Path, root: Path) -> bool:
    """Whether writing or removing `made` would change `source`. An input that holds the output folder is none of it."""
    return made == source or made in source.parents or (source in made.parents and root in source.parents)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
