"""Studies of the paper's questions, as commands of `sentikit evaluate`.

attention: where models look. hosts: which noun an adjective belongs to. hidden-adjectives: what language alone knows.
"""

from __future__ import annotations

import click

from sentikit import hookimpl


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Add the commands."""
    from .attention_command import attention
    from .hidden_command import hidden_adjectives
    from .hosts_command import hosts

    cli.add_command(click.Group("evaluate", commands=[attention, hosts, hidden_adjectives]))
