"""The options that say which format a file of captions is of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..pipelines.caption_files import FormatChoice

Command = TypeVar("Command", bound=Callable[..., object])


def format_options(command: Command) -> Command:
    """Adds `--format`, `--caption-column` and `--image-column`; the command gets a `FormatChoice` as `form`."""

    @functools.wraps(command)
    def with_choice(
        *arguments: Any, format_name: str | None, caption_column: str | None, image_column: str | None, **others: Any
    ) -> object:
        given = {"caption-column": caption_column, "image-column": image_column}
        columns = {name: value for name, value in given.items() if value is not None}
        return command(*arguments, form=FormatChoice(format_name, columns), **others)

    for option in (
        click.option("--image-column", metavar="NAME", help="Column that names the image.  [default: guessed]"),
        click.option("--caption-column", metavar="NAME", help="Column with the caption.  [default: guessed]"),
        click.option(
            "--format",
            "format_name",
            metavar="NAME",
            help="Format of the captions; see 'sentikit formats'.  [default: guessed]",
        ),
    ):
        with_choice = option(with_choice)
    return with_choice  # type: ignore[return-value]


def existing_options(command: Command) -> Command:
    """Adds `--overwrite`, `--append` and `--skip-existing`; the command gets one of their names, or None."""

    @functools.wraps(command)
    def with_existing(*arguments: Any, overwrite: bool, append: bool, skip_existing: bool, **others: Any) -> object:
        given = {"overwrite": overwrite, "append": append, "skip": skip_existing}
        chosen = [name for name, value in given.items() if value]
        if len(chosen) > 1:
            raise click.UsageError("--overwrite, --append and --skip-existing exclude each other: give one of them.")
        return command(*arguments, existing=chosen[0] if chosen else None, **others)

    for option in (
        click.option("--skip-existing", is_flag=True, help="Leave photographs' caption files that exist as they are."),
        click.option("--append", is_flag=True, help="Add to photographs' caption files that exist."),
        click.option("--overwrite", is_flag=True, help="Replace photographs' caption files that exist."),
    ):
        with_existing = option(with_existing)
    return with_existing  # type: ignore[return-value]
