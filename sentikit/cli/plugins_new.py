"""`sentikit plugins new`: a new plugin that works, with its tests."""

from __future__ import annotations

from pathlib import Path

import click

from ..commands.output import print_line, say
from ..commands.photo_folder import NamedPath
from ..plugin.scaffold import KINDS, new_plugin


@click.command("new")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True, help="Kind of component to begin with.")
@click.option(
    "-o",
    "--output",
    type=NamedPath(file_okay=False),
    help="Folder to write into.  [default: sentikit-NAME]",
)
def new(name: str, kind: str, output: Path | None) -> None:
    """Write a new plugin: a package with a component, tests and everything that publishing needs.

    NAME is what users will type, such as my-rewriter. The component does something real, and its tests pass as they
    are. A folder that has a pyproject.toml gets the module and its test alone. Needs no network.
    """
    folder = output or Path(f"sentikit-{name}")
    made = new_plugin(name, kind, folder)
    for path in made.files:
        print_line(str(path))
    if made.entry_point:
        say(f"Add this to {folder / 'pyproject.toml'}, under [project.entry-points.sentikit]: {made.entry_point}")
    else:
        say(f"Next: cd {folder}; python -m pip install -e '.[test]'; python -m pytest")
