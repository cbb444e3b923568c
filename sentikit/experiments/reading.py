"""Reads a recipe and checks it: every problem is named with the file and the place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from ..errors import SentikitError
from ..io.files import read_text
from ..io.paths import shown
from .placeholders import check_path, names_in
from .recipe import Axis, Column, Input, Key, Recipe, ResultTable, Row, Setting, Step

SEED = "seed"
"""The axis whose length `--seeds` sets."""
RESERVED = ("limit", "out")
KINDS = ("paper", "ours", "baseline")
FORBIDDEN = ("install", "uninstall", "reproduce")
"""Commands that no step may be: a recipe is data, and may neither install anything nor start recipes."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class _Reader:
    """A table of the file, whose keys are taken one by one; what is left in the end is unknown."""

    def __init__(self, file: Path, place: str, values: Any) -> None:
        self.file, self.place = file, place
        self.values = dict(self.check(values, dict, place))

    def fail(self, what: str) -> NoReturn:
        raise SentikitError(f"{shown(self.file)}: {what}.")

    def check(self, value: Any, kind: type, place: str) -> Any:
        names = {dict: "a table", list: "a list", str: "text", float: "a number"}
        fits = isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)
        return value if fits else self.fail(f"{place} must be {names[kind]}, not {value!r}")

    def take(self, key: str, kind: type, default: Any = None, *, needed: bool = False) -> Any:
        if key not in self.values:
            return self.fail(f"{self.place} lacks {key!r}") if needed else default
        return self.check(self.values.pop(key), kind, f"{key!r} of {self.place}")

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(self.check(text, str, f"{key!r} of {self.place}") for text in self.take(key, list, []))

    def tables(self, key: str) -> list[tuple[str, _Reader]]:
        """The named tables under `key`."""
        found = self.take(key, dict, {})
        for name in found:
            if not _NAME.fullmatch(name):
                self.fail(f"{name!r} of {key!r} is not lower case with - and _")
        return [(name, _Reader(self.file, f"{key}.{name}", value)) for name, value in found.items()]

    def done(self) -> None:
        if self.values:
            self.fail(f"{self.place} has the unknown key {min(self.values)!r}")


def read_recipe(path: Path) -> Recipe:
    """The recipe of a TOML file. Raises SentikitError, with the place, where something in it is wrong."""
    try:
        document = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise SentikitError(f"{shown(path)} is not TOML: {error}.") from None
    top = _Reader(path, "the recipe", document)
    recipe = Recipe(
        file=path,
        title=top.take("title", str, needed=True),
        paper=top.take("paper", str, "").strip(),
        here=top.take("here", str, "").strip(),
        inputs={name: _input(name, table) for name, table in top.tables("inputs")},
        settings={name: _setting(name, table) for name, table in top.tables("options")},
        axes={name: _axis(top, name, values) for name, values in top.take("axes", dict, {}).items()},
        steps={name: _step(name, table) for name, table in top.tables("steps")},
        tables=tuple(_table(name, table) for name, table in top.tables("tables")),
    )
    top.done()
    _check(top, recipe)
    return recipe


def _input(name: str, table: _Reader) -> Input:
    made = Input(name, table.take("path", str, needed=True), table.take("help", str, needed=True))
    table.done()
    return made


def _setting(name: str, table: _Reader) -> Setting:
    values = (table.take("default", str, needed=True), table.take("help", str, needed=True), table.take("paper", str))
    table.done()
    return Setting(name, *values)


def _axis(top: _Reader, name: str, values: Any) -> Axis:
    if isinstance(values, dict):
        fields = {value: top.check(found, dict, f"axes.{name}.{value}") for value, found in values.items()}
        for value, found in fields.items():
            if found.keys() != next(iter(fields.values())).keys():
                top.fail(f"axes.{name}.{value} has other fields than the values before it")
            for key, text in found.items():
                top.check(text, str, f"axes.{name}.{value}.{key}")
        return Axis(name, tuple(fields), fields)
    listed = top.check(values, list, f"axes.{name}")
    return Axis(name, tuple(str(value) for value in listed))


def _step(name: str, table: _Reader) -> Step:
    step = Step(
        name,
        command=table.take("run", str, needed=True),
        makes=table.take("makes", dict, needed=True),
        over=table.texts("over"),
        resume=table.take("resume", str),
    )
    for path in step.makes.values():
        table.check(path, str, f"'makes' of {table.place}")
    table.done()
    return step


def _table(name: str, table: _Reader) -> ResultTable:
    columns = [_column(_Reader(table.file, f"a column of {table.place}", c)) for c in table.take("columns", list, [])]
    rows = [_row(_Reader(table.file, f"a row of {table.place}", row)) for row in table.take("rows", list, [])]
    made = ResultTable(
        name,
        title=table.take("title", str, needed=True),
        columns=tuple(columns),
        rows=tuple(rows),
        notes=table.texts("notes"),
        plot=table.texts("plot"),
    )
    table.done()
    known = {column.name for column in columns}
    for word in {*made.plot, *(key for row in rows for key in row.values)} - known:
        table.fail(f"{table.place} has no column {word!r}")
    return made


def _column(table: _Reader) -> Column:
    per = table.take("per", list)
    column = Column(
        name=table.take("name", str, needed=True),
        path=_way(table, table.take("path", list, [])),
        per=None if per is None else _way(table, per),
        scale=float(table.take("scale", float, 1.0)),
        format=table.take("format", str, ".3f"),
    )
    try:
        format(0.5, column.format)
    except ValueError:
        table.fail(f"the format {column.format!r} of the column {column.name!r} is none for a number, such as .3f")
    table.done()
    return column


def _way(table: _Reader, parts: list[Any]) -> tuple[Key, ...]:
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, str | int | dict):
            table.fail(f"a path of {table.place} holds {part!r}, which is no key, place or {{key = value}}")
    return tuple(parts)


def _row(table: _Reader) -> Row:
    label = table.take("label", str, needed=True)
    table.place = f"the row {label!r}"
    kind = table.take("kind", str, needed=True)
    if kind not in KINDS:
        table.fail(f"{table.place} has the kind {kind!r}, which is not one of {', '.join(KINDS)}")
    source = table.take("from", str)
    values: Mapping[str, float] = table.take("values", dict, {})
    if bool(source) == bool(values):
        table.fail(f"{table.place} needs either 'values' or 'from'")
    for value in values.values():
        table.check(value, float, f"'values' of {table.place}")
    row = Row(
        label,
        kind,
        values=values,
        source=(source.partition(".")[0], source.partition(".")[2]) if source else None,
        at={axis: str(value) for axis, value in table.take("at", dict, {}).items()},
        over=table.texts("over"),
        words={word: str(value) for word, value in table.take("words", dict, {}).items()},
    )
    table.done()
    return row


def _check(top: _Reader, recipe: Recipe) -> None:
    """What holds between the parts: names that are known, and steps that come before those that use them."""
    names = [*recipe.inputs, *recipe.settings, *recipe.axes, *recipe.steps, *RESERVED]
    for name in names:
        if names.count(name) > 1:
            top.fail(f"{name!r} is the name of two things")
    for axis in recipe.axes.values():
        if not axis.values or len(set(axis.values)) < len(axis.values):
            top.fail(f"axes.{axis.name} needs values, each once")
    before: list[str] = []
    for step in recipe.steps.values():
        for name in step.over:
            if name not in recipe.axes:
                top.fail(f"the step {step.name!r} is over {name!r}, which is no axis")
        if step.command.split()[:1] in [[word] for word in FORBIDDEN] or step.command.startswith("-"):
            top.fail(f"the step {step.name!r} may not run {step.command.split()[0]!r}: it is a command of sentikit's")
        if not step.makes:
            top.fail(f"the step {step.name!r} makes no file")
        for text in (step.command, step.resume or "", *step.makes.values()):
            _check_names(top, recipe, step, text, before, own=text not in step.makes.values())
        for path in step.makes.values():
            if problem := check_path(path):
                top.fail(f"the step {step.name!r} makes {path!r}, {problem}")
            for axis_name in step.over:
                if f"{{{axis_name}}}" not in path:
                    top.fail(f"{path!r} of the step {step.name!r} lacks {{{axis_name}}}, so its runs would share it")
        before.append(step.name)
    for table in recipe.tables:
        for row in table.rows:
            _check_row(top, recipe, row)


def _check_names(top: _Reader, recipe: Recipe, step: Step, text: str, before: list[str], *, own: bool) -> None:
    for name in names_in(text):
        first, _, rest = name.partition(".")
        known = not rest and (name in recipe.inputs or name in recipe.settings or name in RESERVED)
        known = known or (own and not rest and name in step.makes)
        if first in recipe.axes:
            fields = next(iter(recipe.axes[first].fields.values()), {})
            known = first in step.over and (not rest or rest in fields)
        elif first in before and rest:
            other = recipe.steps[first]
            known = own and rest in other.makes and set(other.over) <= set(step.over)
        if not known:
            top.fail(
                f"the step {step.name!r} has {{{name}}}, which is no input, option or axis of it, and nothing that it "
                "or a step before it, over no other axes, makes"
            )


def _check_row(top: _Reader, recipe: Recipe, row: Row) -> None:
    if row.source is None:
        return
    step = recipe.steps.get(row.source[0])
    if step is None or row.source[1] not in step.makes:
        top.fail(f"the row {row.label!r} is from {'.'.join(row.source)!r}, which no step makes")
    for axis in (*row.at, *row.over):
        if axis not in step.over:
            top.fail(f"the row {row.label!r} has the axis {axis!r}, which the step {step.name!r} is not over")
    for axis, value in row.at.items():
        if value not in recipe.axes[axis].values and axis != SEED:
            top.fail(f"the row {row.label!r} is at {axis} = {value!r}, which the axis does not have")
    for axis in set(step.over) - {SEED, *row.at, *row.over}:
        top.fail(f"the row {row.label!r} says nothing of the axis {axis!r}: a mean is taken over {SEED!r} alone")
