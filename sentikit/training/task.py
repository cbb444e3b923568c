"""What trainers and the training loop share: messages."""

from __future__ import annotations

import click

from .distributed import leads


def say(sentence: str) -> None:
    """Print a line on stderr, from one process alone where torchrun started several."""
    if leads():
        click.echo(sentence, err=True)
