"""Reads a recipe and checks it: every problem is named with the file and the place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from ..io.messages import show
from ..io.toml import read_toml
from .placeholders import check_path, names_in
from .recipe import Axis, Column, Input, Key, Recipe, ResultTable, Row, Setting, Step
from .table_reader import TableReader, is_usable

SEED = "seed"
"""The axis whose length `--seeds` sets."""
RESERVED = ("limit", "out")
KINDS = ("paper", "ours", "baseline")
_LONGEST_COMMAND = 5_000
_LONG_NUMBER = re.compile(r"\d{3}")


def read_recipe(path: Path) -> Recipe:
    """The recipe of a TOML file. Raises SentikitError, with the place, where something in it is wrong."""
    top = TableReader(path, "the recipe", read_toml(path))
    recipe = Recipe(
        file=path,
        title=top.take("title", str, needed=True),
        paper=top.take("paper", str, "").strip(),
        here=top.take("here", str, "").strip(),
        inputs={name: _input(name, table) for name, table in top.tables("inputs")},
        settings={name: _setting(name, table) for name, table in top.tables("options")},
        axes={name: _axis(top, name, values) for name, values in top.named("axes").items()},
        steps={name: _step(name, table) for name, table in top.tables("steps")},
        tables=tuple(_table(name, table) for name, table in top.tables("tables")),
    )
    top.done()
    _check(top, recipe)
    return recipe


def _input(name: str, table: TableReader) -> Input:
    made = Input(name, table.take("path", str, needed=True), table.take("help", str, needed=True))
    table.done()
    return made


def _setting(name: str, table: TableReader) -> Setting:
    values = (table.take("default", str, needed=True), table.take("help", str, needed=True), table.take("paper", str))
    table.done()
    return Setting(name, *values)


def _axis(top: TableReader, name: str, values: Any) -> Axis:
    if isinstance(values, dict):
        fields = {value: top.check(found, dict, f"axes.{name}.{value}") for value, found in values.items()}
        for value, found in fields.items():
            if found.keys() != next(iter(fields.values())).keys():
                top.fail(f"axes.{name}.{value} has other fields than the values before it")
            for key, text in found.items():
                top.check(text, str, f"axes.{name}.{value}.{key}")
        return Axis(name, tuple(fields), fields)
    listed = top.check(values, list, f"axes.{name}")
    return Axis(name, tuple(top.as_text(value, f"axes.{name}") for value in listed))


def _step(name: str, table: TableReader) -> Step:
    step = Step(
        name,
        command=table.short("run", _LONGEST_COMMAND),
        makes=table.take("makes", dict, needed=True),
        over=table.texts("over"),
        resume=table.take("resume", str),
    )
    for path in step.makes.values():
        table.check(path, str, f"'makes' of {table.place}")
    table.done()
    return step


def _table(name: str, table: TableReader) -> ResultTable:
    columns = [_column(entry) for entry in table.entries("columns", "a column")]
    rows = [_row(entry) for entry in table.entries("rows", "a row")]
    made = ResultTable(
        name,
        title=table.short("title"),
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


def _column(table: TableReader) -> Column:
    per = table.take("per", list)
    column = Column(
        name=table.short("name"),
        path=_way(table, table.take("path", list, [])),
        per=None if per is None else _way(table, per),
        scale=float(table.take("scale", float, 1.0)),
        format=table.take("format", str, ".3f"),
    )
    try:
        if _LONG_NUMBER.search(column.format):  # of characters, which may be billions
            raise ValueError
        format(0.5, column.format)
    except ValueError:
        table.fail(f"the format {column.format!r} of the column {column.name!r} is none for a number, such as .3f")
    table.done()
    return column


def _way(table: TableReader, parts: list[Any]) -> tuple[Key, ...]:
    for part in parts:
        if isinstance(part, bool) or not (isinstance(part, str | dict) or (type(part) is int and is_usable(part))):
            table.fail(f"a path of {table.place} holds {show(part)}, which is no key, place or {{key = value}}")
        for value in part.values() if isinstance(part, dict) else ():
            table.as_text(value, f"a path of {table.place}")
    return tuple(parts)


def _row(table: TableReader) -> Row:
    label = table.short("label")
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
        at=table.words("at"),
        over=table.texts("over"),
        words=table.words("words"),
    )
    table.done()
    return row


def _check(top: TableReader, recipe: Recipe) -> None:
    """What holds between the parts: names that are known, and steps that come before those that use them."""
    names = Counter([*recipe.inputs, *recipe.settings, *recipe.axes, *recipe.steps, *RESERVED])
    for name, number in names.items():
        if number > 1:
            top.fail(f"{name!r} is the name of two things")
    for axis in recipe.axes.values():
        _check_axis(top, recipe, axis)
    before: set[str] = set()
    for step in recipe.steps.values():
        for name in step.over:
            if name not in recipe.axes:
                top.fail(f"the step {step.name!r} is over {name!r}, which is no axis")
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
        before.add(step.name)
    for table in recipe.tables:
        for row in table.rows:
            _check_row(top, recipe, row)


def _check_axis(top: TableReader, recipe: Recipe, axis: Axis) -> None:
    if not axis.values or len(set(axis.values)) < len(axis.values):
        top.fail(f"axes.{axis.name} needs values, each once")
    for value, fields in axis.fields.items():
        for name in (name for text in fields.values() for name in names_in(text)):
            if name not in (*recipe.inputs, *recipe.settings, *RESERVED):
                top.fail(f"axes.{axis.name}.{value} has {{{name}}}, which is no input or option")


def _check_names(top: TableReader, recipe: Recipe, step: Step, text: str, before: Container[str], *, own: bool) -> None:
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


def _check_row(top: TableReader, recipe: Recipe, row: Row) -> None:
    if row.source is None:
        return
    step = recipe.steps.get(row.source[0])
    if step is None or row.source[1] not in step.makes:
        top.fail(f"the row {row.label!r} is from {'.'.join(row.source)!r}, which no step makes")
    for axis in (*row.at, *row.over):
        if axis not in step.over:
            top.fail(f"the row {row.label!r} has the axis {axis!r}, which the step {step.name!r} is not over")
    for axis, value in row.at.items():
        if value not in recipe.axes[axis].values and (axis != SEED or recipe.axes[axis].fields):
            top.fail(f"the row {row.label!r} is at {axis} = {value!r}, which the axis does not have")
    for axis in set(step.over) - {SEED, *row.at, *row.over}:
        top.fail(f"the row {row.label!r} says nothing of the axis {axis!r}: a mean is taken over {SEED!r} alone")
