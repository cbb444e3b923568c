"""`sentikit import-checkpoint`: the PyTorch captioning tutorial's checkpoints as packs, without unpickling them."""

from __future__ import annotations

import click

from sentikit import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Add the command."""
    from .command import import_checkpoint

    cli.add_command(import_checkpoint)
