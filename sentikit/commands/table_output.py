"""Output of commands whose results are tables: on a terminal, as text, Markdown or JSON, or to a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .output import print_text, warn
from .photo_folder import NamedPath

if TYPE_CHECKING:
    from ..evaluation.tables import Table

__all__ = ["emit", "output_options", "warn"]


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command gets them as `style`, `output` and `force`, and hands them to `emit`."""
    for option in reversed(
        [
            click.option("--json", "style", flag_value="json", help="Print JSON with full precision."),
            click.option("--markdown", "style", flag_value="markdown", help="Print Markdown tables."),
            click.option(
                "-o",
                "--output",
                type=NamedPath(dir_okay=False),
                help="Write to this file instead of stdout.",
            ),
            click.option("--force", is_flag=True, help="Replace an existing output file."),
        ]
    ):
        command = option(command)
    return command


def emit(
    tables: Sequence[Table],
    document: dict[str, Any],
    style: str | None,
    output: Path | None,
    force: bool,
    inputs: Sequence[Path],
) -> None:
    """Print the tables, or as JSON the `document`, or write them to `output`, which must be none of the `inputs`."""
    from ..io.files import atomic_write

    if style is None and output is None and sys.stdout.isatty():
        for table in tables:
            table.show()
        return
    if style == "json":
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    else:
        text = "\n\n".join(table.markdown() if style == "markdown" else table.plain() for table in tables)
    if output is None:
        print_text(text)
    else:
        with atomic_write(output, force=force, inputs=inputs) as file:
            file.write(text + "\n")
