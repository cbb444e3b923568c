"""What the commands of `sentikit prepare` share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from sentikit.commands.output import print_line
from sentikit.commands.photo_folder import NamedPath

FILE = NamedPath(dir_okay=False)
FOLDER = NamedPath()


class Share(click.FloatRange):
    """A number from 0 to 1, which NaN is not."""

    def __init__(self) -> None:
        super().__init__(0, 1, max_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return self.fail(f"{value} is no number.", param, ctx) if number != number else number


def print_table(rows: Sequence[tuple[str, *tuple[int | str, ...]]]) -> None:
    """Print rows of a name and right-aligned numbers."""
    width = max(len(name) for name, *_ in rows)
    for name, *cells in rows:
        numbers = "".join(f"  {cell:>9,}" if isinstance(cell, int) else f"  {cell:>9}" for cell in cells)
        print_line(f"{name:<{width}}{numbers}".rstrip())
