"""What a recipe says. `docs/experiments.md` describes the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Point = dict[str, str]
"""Where in the grid a run of a step is: the value of each axis."""
Key = str | int | dict[str, str | int | float]
"""A part of the way into a JSON document: a key, a place in a list, or what an entry of a list must have."""


@dataclass(frozen=True)
class Input:
    """A file or folder that the researcher has. path: relative to the folder of the data."""

    name: str
    path: str
    help: str


@dataclass(frozen=True)
class Setting:
    """An option of the experiment. paper: what the paper took, where that is another value."""

    name: str
    default: str
    help: str
    paper: str | None = None


@dataclass(frozen=True)
class Axis:
    """What a step is repeated over. fields: by value, what else ``{axis.field}`` stands for."""

    name: str
    values: tuple[str, ...]
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A `sentikit` command, run once for every point of its axes.

    makes: by name, the files and folders that it writes, relative to the output folder.
    resume: the arguments that let an interrupted run go on; None: what it left is removed first.
    """

    name: str
    command: str
    makes: Mapping[str, str]
    over: tuple[str, ...] = ()
    resume: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of numbers. path: the way to them in a row's file, with the row's words in braces.

    per: the way to a number to divide by; scale: what to multiply by; format: as Python writes numbers.
    """

    name: str
    path: tuple[Key, ...]
    per: tuple[Key, ...] | None = None
    scale: float = 1.0
    format: str = ".3f"


@dataclass(frozen=True)
class Row:
    """A row of a table: numbers given (the paper's), or read from what a step wrote.

    source: ``step.file``. at: values of some of the step's axes; over: axes that each value gets a row for. The
    mean is taken over the others. words: fill the columns' paths.
    """

    label: str
    kind: str
    values: Mapping[str, float] = field(default_factory=dict)
    source: tuple[str, str] | None = None
    at: Mapping[str, str] = field(default_factory=dict)
    over: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ResultTable:
    """A table, the notes below it, and the file name of its picture, if it has one; plot: the columns drawn."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    plot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """An experiment. paper and here: its setting in the paper's words, and what is done in another way here."""

    file: Path
    title: str
    paper: str
    here: str
    inputs: Mapping[str, Input]
    settings: Mapping[str, Setting]
    axes: Mapping[str, Axis]
    steps: Mapping[str, Step]
    tables: tuple[ResultTable, ...]
