"""What commands print: messages on stderr, and lines of data that may hold text from files on stdout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from ..io.locks import locked
from ..io.messages import escaped, one_line


def hold(*outputs: Path | None) -> None:
    """Lock outputs until the command ends, so that a second run that would write one of them is refused at once.

    None stands for one that was not asked for. An output that is locked by who writes it, such as a tag file, is none
    of them. Raises SentikitError, with the process that has it, if another run holds one.
    """
    context = click.get_current_context()
    for output in outputs:
        if output is not None:
            context.with_resource(locked(output))


def say(message: str) -> None:
    """Print a message on stderr, on one line, with control characters escaped and of bounded length."""
    click.echo(one_line(message), err=True)


def warn(message: str) -> None:
    """Print a warning on stderr."""
    say(f"Warning: {message}")


def print_line(line: str = "", out: TextIO | None = None) -> None:
    """Print a line of data: on a terminal with its control characters escaped, elsewhere as it is."""
    click.echo(for_terminal(line, out), file=out, color=True)  # without colour, click would drop escapes from data


def print_text(text: str) -> None:
    """Print lines of data, as `print_line` does."""
    for line in text.split("\n"):
        print_line(line)


def for_terminal(text: str, out: TextIO | None = None) -> str:
    """The text, with its control characters escaped if `out` (stdout if None) is a terminal."""
    return escaped(text) if (out or sys.stdout).isatty() else text
