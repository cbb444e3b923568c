"""The tables of an experiment, from what its steps wrote."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..evaluation.tables import Table
from ..io.files import read_text
from ..io.paths import shown
from .placeholders import fill
from .plan import Plan
from .reading import SEED
from .recipe import Column, Key, Point, ResultTable, Row


@dataclass(frozen=True)
class Cell:
    """A number: the mean over `n` runs, their standard deviation (of the sample; None for one run), and the runs."""

    mean: float
    std: float | None
    n: int
    values: tuple[float, ...]


@dataclass(frozen=True)
class Line:
    """A row of numbers by column; those that are not there are not known."""

    label: str
    kind: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Result:
    """A table with its lines. waiting: how many files of its rows no step has written yet."""

    table: ResultTable
    lines: tuple[Line, ...]
    waiting: int


def collect(plan: Plan) -> list[Result]:
    """The tables as far as their steps have run. Raises SentikitError where a file lacks what a column names."""
    return [_collect(plan, table) for table in plan.recipe.tables]


def _collect(plan: Plan, table: ResultTable) -> Result:
    lines: list[Line] = []
    waiting = 0
    for row in table.rows:
        if row.source is None:
            cells = {name: Cell(value, None, 1, (value,)) for name, value in row.values.items()}
            lines.append(Line(row.label, row.kind, cells))
            continue
        for point in plan.points(row.over):
            line, missing = _line(plan, table, row, point)
            lines.append(line)
            waiting += missing
    return Result(table, tuple(lines), waiting)


def _line(plan: Plan, table: ResultTable, row: Row, point: Point) -> tuple[Line, int]:
    assert row.source is not None
    step, file = row.source
    fixed = {**row.at, **point}
    paths = [plan.made(step, file, full) for full in plan.points(plan.recipe.steps[step].over, fixed)]
    documents = [(path, _read(path)) for path in paths if path.exists()]
    words = {**fixed, **row.words}
    cells = {}
    for column in table.columns:
        values = [value for path, found in documents if (value := _number(path, found, column, words)) is not None]
        if values:
            cells[column.name] = _cell(values)
    return Line(fill(row.label, words.get), row.kind, cells), len(paths) - len(documents)


def _cell(values: Sequence[float]) -> Cell:
    spread = statistics.stdev(values) if len(values) > 1 else None
    return Cell(statistics.fmean(values), spread, len(values), tuple(values))


def _read(path: Path) -> Any:
    text = read_text(path)
    try:
        return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SentikitError(f"{shown(path)} is not JSON: {error}.") from None


def _number(path: Path, document: Any, column: Column, words: Mapping[str, str]) -> float | None:
    """None where the row has no such number: the way needs a word that it lacks, or the file says null."""
    value = _follow(path, document, column.path, column, words)
    if value is None or column.per is None:
        return None if value is None else value * column.scale
    per = _follow(path, document, column.per, column, words)
    return value / per * column.scale if per else None


def _follow(path: Path, document: Any, way: Sequence[Key], column: Column, words: Mapping[str, str]) -> float | None:
    for number, part in enumerate(way):
        try:
            document = _step_into(document, part, words)
        except _NoWord:
            return None
        except (LookupError, TypeError):
            said = ", ".join(repr(part) for part in way[: number + 1])
            raise SentikitError(
                f"{shown(path)} has nothing at [{said}], where the column {column.name!r} looks."
            ) from None
    if document is None:
        return None
    if isinstance(document, bool) or not isinstance(document, int | float):
        raise SentikitError(f"{shown(path)} has {document!r}, which is no number, for the column {column.name!r}.")
    return float(document)


class _NoWord(Exception):
    """The row does not have a word that the column's way has a place for."""


def _word(text: str, words: Mapping[str, str]) -> str:
    def lookup(name: str) -> str:
        if name not in words:
            raise _NoWord
        return words[name]

    return fill(text, lookup)


def _step_into(document: Any, part: Key, words: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        wanted = {key: _word(value, words) if isinstance(value, str) else value for key, value in part.items()}
        for entry in document:
            if all(str(entry.get(key)) == str(value) for key, value in wanted.items()):
                return entry
        raise LookupError
    if isinstance(part, str):
        return document[_word(part, words)]
    return document[part]


def to_table(result: Result) -> Table:
    """For people."""
    columns = result.table.columns
    rows = [[line.label, line.kind, *(_text(line.cells.get(c.name), c) for c in columns)] for line in result.lines]
    return Table(result.table.title, ["", "from", *(c.name for c in columns)], rows, list(_notes(result)))


def _notes(result: Result) -> Iterator[str]:
    yield from (note.removesuffix(".") for note in result.table.notes)
    runs = {cell.n for line in result.lines for cell in line.cells.values() if cell.n > 1}
    if runs:
        yield f"±: the standard deviation over {', '.join(map(str, sorted(runs)))} runs with other seeds"
    if result.waiting:
        yield f"{result.waiting} of the runs behind these rows are not done yet"


def _text(cell: Cell | None, column: Column) -> str:
    if cell is None:
        return "-"
    spread = "" if cell.std is None else f" ± {format(cell.std, column.format)}"
    return f"{format(cell.mean, column.format)}{spread}"


def to_document(plan: Plan, results: Sequence[Result]) -> dict[str, Any]:
    """The results as a JSON object, with every digit and what they were made with."""
    recipe, choices = plan.recipe, plan.choices
    return {
        "experiment": recipe.title,
        "paper": recipe.paper,
        "here": recipe.here,
        "options": plan.settings,
        "limit": choices.limit,
        "seeds": list(recipe.axes[SEED].values) if SEED in recipe.axes else None,
        "commands": {run.name: ["sentikit", *run.arguments] for run in plan.runs},
        "tables": {
            result.table.name: {
                "title": result.table.title,
                "rows": [
                    {
                        "label": line.label,
                        "from": line.kind,
                        "cells": {name: asdict(cell) for name, cell in line.cells.items()},
                    }
                    for line in result.lines
                ],
                "notes": list(_notes(result)),
            }
            for result in results
        },
    }


def to_markdown(plan: Plan, results: Sequence[Result]) -> str:
    """A page of the tables, with the paper's setting and ours."""
    recipe = plan.recipe
    said = [f"# {recipe.title}"]
    if recipe.paper:
        said.append(f"In the paper: {recipe.paper}")
    if recipe.here:
        said.append(f"Here: {recipe.here}")
    changed = [f"{name} = {value}" for name, value in plan.settings.items()]
    if plan.choices.limit is not None:
        changed.append(f"limit = {plan.choices.limit}")
    if changed:
        said.append(f"Options: {', '.join(changed)}.")
    return "\n\n".join([*said, *(to_table(result).markdown() for result in results)]) + "\n"
