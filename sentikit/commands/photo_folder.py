"""The options that say where the photographs of a data file are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class NamedPath(click.Path):
    """A file or a folder. An empty text is refused, which would otherwise be the current folder."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(path_type=Path, **settings)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Fails for an empty one."""
        if isinstance(value, str) and not value:
            self.fail("it is empty; name a file or a folder.", param, ctx)
        return super().convert(value, param, ctx)


allow_outside_option = click.option(
    "--allow-outside", is_flag=True, help="Also read photographs that a file name or a link places outside the folder."
)
"""Adds `--allow-outside`."""
