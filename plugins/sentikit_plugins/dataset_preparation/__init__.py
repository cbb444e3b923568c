"""`sentikit prepare`: the data sets of the paper's section 5, and others that are made in the same ways."""

from __future__ import annotations

import click

from sentikit import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Add the commands."""
    from .coco_command import coco
    from .flickrstyle_command import flickrstyle
    from .tags_command import tags
    from .vso_command import vso

    help = "Prepare datasets for training and evaluation."
    cli.add_command(click.Group("prepare", commands=[coco, flickrstyle, tags, vso], help=help))
