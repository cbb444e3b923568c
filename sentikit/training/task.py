"""What trainers and the training loop share: checked numbers and messages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .distributed import leads

if TYPE_CHECKING:
    pass


def check_number(option: str, value: float, low: float = 0, below: float = math.inf) -> None:
    """Raises UsageError where the option's value is not at least `low` and less than `below`."""
    if not low <= value < below:
        limit = f"at least {low}" + (f" and below {below}" if below < math.inf else "")
        raise UsageError(f"--{option} must be {limit}, not {value}.")


def say(sentence: str) -> None:
    """Print a line on stderr, from one process alone where torchrun started several."""
    if leads():
        click.echo(sentence, err=True)
