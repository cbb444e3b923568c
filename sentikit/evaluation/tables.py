"""Tables of results: for a terminal, as aligned text for pipes, and as Markdown; and figures with their intervals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..io.messages import escaped


class Estimate(NamedTuple):
    """A figure and, where it was estimated, the bounds of its 95 % bootstrap interval over images."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """Text in rows, and notes below. The first column stands left, the others right. Without rows it has no header."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def plain(self) -> str:
        """Aligned text."""
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows, strict=True)]
        lines = [_aligned(row, widths).rstrip() for row in (self.header, *self.rows)] if self.rows else []
        return "\n".join([self.title, *lines, *map(_sentence, self.notes)])

    def markdown(self) -> str:
        """A Markdown table under its title."""
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        escaped = [[cell.replace("|", "\\|") for cell in row] for row in (self.header, *self.rows)]
        lines = [f"| {' | '.join(row)} |" for row in (escaped[0], rule, *escaped[1:])]
        notes = [line for note in self.notes for line in ("", _sentence(note))]
        return "\n".join([self.title, *(["", *lines] if self.rows else []), *notes])

    def show(self) -> None:
        """Print it on the terminal."""
        from rich import box
        from rich.console import Console
        from rich.table import Table as RichTable

        table = RichTable(box=box.SIMPLE_HEAD)
        for index, name in enumerate(self.header):
            table.add_column(escaped(name), justify="right" if index else "left")
        for row in self.rows:
            table.add_row(*map(escaped, row))
        console = Console(markup=False, highlight=False)
        console.print(escaped(self.title))
        if self.rows:
            console.print(table)
        for note in self.notes:
            console.print(escaped(_sentence(note)))


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def not_computed(name: str, why: str) -> str:
    """A note that says why something is not in a table."""
    if re.match("[A-Z][a-z]* ", why):  # a sentence of its own
        return f"not computed: {name}. {why.rstrip('.')}"
    return f"not computed: {name}, as {why}"


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}."
