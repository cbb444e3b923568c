"""A recipe laid out: every run of every step with its arguments, what it reads and what it makes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path

from ..errors import SentikitError, UsageError
from ..io.messages import show
from ..io.paths import shown
from .placeholders import arguments, check_path, fill, names_in
from .reading import SEED
from .recipe import Axis, Point, Recipe, Step

MOST_RUNS = 2_000


@dataclass(frozen=True)
class StepRun:
    """One run of a step.

    name: the step's, with the point's values. arguments: of `sentikit`. reads: inputs and other steps' files, by path;
    makes: the paths of what it writes, by name. inputs: the names of the recipe's inputs that it reads.
    """

    step: Step
    name: str
    point: Point
    arguments: tuple[str, ...]
    resume: tuple[str, ...] | None
    reads: tuple[Path, ...]
    makes: Mapping[str, Path]
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What the researcher says: where the inputs are, and other values than the recipe's."""

    data: Path | None
    output: Path
    limit: int | None = None
    seeds: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


class Plan:
    """A recipe with choices.

    Raises UsageError if a choice does not fit the recipe, and SentikitError if a command or a path of it is not sound
    once its placeholders are filled.
    """

    def __init__(self, recipe: Recipe, choices: Choices) -> None:
        _check_names("option", choices.options, recipe.settings)
        _check_names("input", choices.inputs, recipe.inputs)
        for name, path in choices.inputs.items():
            if not path:
                raise UsageError(f"The path of the input {name!r} is empty: name a file or a folder.")
        if choices.seeds is not None:
            if SEED not in recipe.axes:
                raise UsageError(f"{shown(recipe.file)} repeats nothing over seeds: leave --seeds out.")
            if recipe.axes[SEED].fields:
                raise UsageError(f"The seeds of {shown(recipe.file)} have fields: leave --seeds out.")
            if choices.seeds > MOST_RUNS:
                raise UsageError(f"--seeds {choices.seeds:,} is too many: at most {MOST_RUNS:,}.")
            seeds = Axis(SEED, tuple(map(str, range(choices.seeds))))
            recipe = replace(recipe, axes={**recipe.axes, SEED: seeds})
        self.recipe = recipe
        self.choices = choices
        self.settings = {name: setting.default for name, setting in recipe.settings.items()} | dict(choices.options)
        number = sum(prod(len(recipe.axes[axis].values) for axis in step.over) for step in recipe.steps.values())
        if number > MOST_RUNS:
            raise SentikitError(f"{shown(recipe.file)} asks for {number:,} runs of its steps: at most {MOST_RUNS:,}.")
        self.runs = [self._run(step, point) for step in recipe.steps.values() for point in self.points(step.over)]

    @property
    def takes_limit(self) -> bool:
        """Whether a step's command has a place for the limit."""
        return any("limit" in names_in(step.command) for step in self.recipe.steps.values())

    def points(self, over: Iterable[str], at: Mapping[str, str] | None = None) -> Iterator[Point]:
        """The points of some axes, those of `at` fixed."""
        names = list(over)
        values = [[at[name]] if at and name in at else self.recipe.axes[name].values for name in names]
        for point in itertools.product(*values):
            yield dict(zip(names, point, strict=True))

    def made(self, step: str, file: str, point: Mapping[str, str]) -> Path:
        """Where a step's file is. Raises SentikitError if its path, with all values, leaves the output folder."""
        path = fill(self.recipe.steps[step].makes[file], lambda name: self._value(name, point))
        if problem := check_path(path):
            raise SentikitError(f"The step {step} of {shown(self.recipe.file)} makes {show(path)}, {problem}.")
        return self.choices.output / path

    def input_path(self, name: str) -> Path | None:
        """Where an input is; None where neither it nor the folder of the data is known."""
        if name in self.choices.inputs:
            return Path(self.choices.inputs[name])
        return None if self.choices.data is None else self.choices.data / self.recipe.inputs[name].path

    def check_inputs(self, runs: Iterable[StepRun]) -> None:
        """Raise SentikitError, with a sentence on all of them, where inputs of `runs` are not there."""
        needed = dict.fromkeys(name for run in runs for name in run.inputs)
        missing = []
        for name in needed:
            path = self.input_path(name)
            if path is None or not os.path.exists(path):
                where = "" if path is None else f" at {shown(path)}"
                missing.append(f"{name} ({self.recipe.inputs[name].help}{where})")
        if missing:
            raise SentikitError(
                f"The experiment {shown(self.recipe.file.stem)} lacks {' and '.join(missing)}: give the folder that "
                "holds the data with --data, or a path with --input NAME=PATH."
            )

    def _run(self, step: Step, point: Point) -> StepRun:
        makes = {name: self.made(step.name, name, point) for name in step.makes}
        reads: dict[Path, None] = {}
        inputs: dict[str, None] = {}

        def lookup(name: str) -> str | None:
            first, _, rest = name.partition(".")
            if not rest and name in makes:
                return str(makes[name])
            if rest and first in self.recipe.steps:
                path = self.made(first, rest, {axis: point[axis] for axis in self.recipe.steps[first].over})
                reads[path] = None
                return str(path)
            for word in self._inputs_of(name, point):
                inputs[word] = None
                if (found := self.input_path(word)) is not None:
                    reads[found] = None
            return self._value(name, point)

        name = ",".join([step.name, *(f"{axis}={value}" for axis, value in point.items())])
        try:
            words = tuple(arguments(step.command, lookup))
            resume = None if step.resume is None else tuple(arguments(step.resume, lookup))
        except ValueError:
            raise SentikitError(f"The command of the step {name} has a quote that is not closed.") from None
        except KeyError as error:  # quotes or brackets inside of braces, without which there is another name
            what = show(str(error.args[0]))
            raise SentikitError(
                f"The command of the step {name} has a placeholder {what}, which nothing gives."
            ) from None
        if any("\0" in word for word in (*words, *(resume or ()))):
            raise SentikitError(f"The command of the step {name} has a NUL character.")
        return StepRun(step, name, point, words, resume, tuple(reads), makes, tuple(inputs))

    def _inputs_of(self, name: str, point: Mapping[str, str]) -> list[str]:
        """The inputs behind a placeholder: itself, or those that an axis's field names."""
        if name in self.recipe.inputs:
            return [name]
        first, _, rest = name.partition(".")
        if rest and first in self.recipe.axes:
            text = self.recipe.axes[first].fields[point[first]][rest]
            return [word for word in names_in(text) if word in self.recipe.inputs]
        return []

    def _value(self, name: str, point: Mapping[str, str]) -> str | None:
        first, _, rest = name.partition(".")
        if first in self.recipe.axes:
            return fill(self.recipe.axes[first].fields[point[first]][rest], self._plain) if rest else point[first]
        return self._plain(name)

    def _plain(self, name: str) -> str | None:
        if name == "limit":
            return None if self.choices.limit is None else str(self.choices.limit)
        if name == "out":
            return str(self.choices.output)
        if name in self.recipe.inputs:
            path = self.input_path(name)
            return self.recipe.inputs[name].path if path is None else str(path)
        return self.settings[name]


def _check_names(kind: str, given: Mapping[str, str], known: Mapping[str, object]) -> None:
    for name in given:
        if name not in known:
            has = f"its {kind}s are {', '.join(known)}" if known else f"it has no {kind}s"
            raise UsageError(f"The experiment has no {kind} {name!r}: {has}.")
