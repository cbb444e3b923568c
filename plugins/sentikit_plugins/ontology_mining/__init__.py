"""Ontologies and labels from captions that people wrote: `sentikit ontology build` and `sentikit ontology label`."""

from __future__ import annotations

import click

from sentikit import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Add the commands."""
    from .build_command import build
    from .label_command import label

    cli.add_command(click.Group("ontology", commands=[build, label]))
