"""`sentikit formats` and `sentikit convert`: the formats of caption files, and from one to another."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.component_options import component_option
from ..commands.format_options import existing_options, format_options
from ..commands.output import hold, print_line, say, warn
from ..commands.photo_folder import NamedPath
from ..commands.progress import progress_bar
from ..commands.recipes import recipe_step

if TYPE_CHECKING:
    from ..commands.app import App
    from ..formats.interface import Existing
    from ..pipelines.caption_files import FormatChoice

_PATH = NamedPath()


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="Print the formats as JSON.")
@click.pass_obj
def list_formats(app: App, as_json: bool) -> None:
    """List the formats of caption files.

    Each is shown with what its files' names end with, and where the record of the edits stands: inside the file, or
    beside it in FILE.sentikit.jsonl. 'sentikit plugins NAME' shows a format's options.
    """
    from ..pipelines.caption_files import formats

    found = list(formats(app.plugins))
    if as_json:
        rows = [
            {
                "name": component.name,
                "summary": component.summary,
                "suffixes": list(made.suffixes),
                "folder": made.is_folder,
                "provenance": made.provenance,
                "distribution": component.distribution,
            }
            for component, made in found
        ]
        click.echo(json.dumps(rows, indent=1))
        return
    cells = [[component.name, " ".join(made.suffixes), made.provenance, component.summary] for component, made in found]
    if not sys.stdout.isatty():
        for row in cells:
            print_line("\t".join(row))
        return
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    for row in cells:
        print_line("  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[3]]))


@recipe_step
@click.command()
@click.argument("source", metavar="IN", type=_PATH)
@click.argument("output", metavar="OUT", type=_PATH)
@format_options
@click.option("--to", "to_format", metavar="NAME", help="Format to write.  [default: by the name of OUT]")
@existing_options
@component_option
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option("--strict", is_flag=True, help="Exit with 1 if anything is lost.")
@click.pass_obj
def convert(
    app: App,
    source: Path,
    output: Path,
    form: FormatChoice,
    to_format: str | None,
    existing: Existing | None,
    component_options: Sequence[str],
    force: bool,
    strict: bool,
) -> int:
    """Convert captions from one format to another.

    IN is read in any format that 'sentikit formats' lists, and OUT is written in the one that its name says, or --to.
    What the new format cannot hold is counted and named.
    """
    from dataclasses import replace

    from ..errors import UsageError
    from ..formats.interface import Target
    from ..io.files import check_output
    from ..io.messages import count
    from ..io.paths import shown
    from ..pipelines.caption_files import FormatChoice
    from ..pipelines.jobs.convert_file import convert_file, edits_beside
    from ..plugin.assigning import assign_options

    read_as = form.component(app.plugins, source)
    write_as = FormatChoice(to_format).to_write(app.plugins, output, "--to")
    options = assign_options(component_options, [read_as, *([write_as] if write_as is not read_as else [])])
    made = replace(form, name=read_as.name, options=options[read_as]).make(read_as)
    opened = made.read(source)
    target = FormatChoice(write_as.name, {}, options[write_as] if write_as is not read_as else {}).make(write_as)
    if not target.format.is_folder:
        if existing:
            raise UsageError("--overwrite, --append and --skip-existing are for formats with a file per photograph.")
        check_output(output, force=force, inputs=[source])
    hold(output)
    record = edits_beside(source, made)
    converted = convert_file(opened, target, output, Target(force, (source,), existing), progress_bar, record)
    for sentence in opened.notes.warnings():
        warn(sentence)
    if converted.lost:
        parts = ", ".join(f"{name} ({number:,})" for name, number in sorted(converted.lost.items()))
        warn(f"The format {target.name!r} cannot hold everything, and this is lost: {parts}.")
    say(
        f"Converted {count(converted.captions, 'caption')} from {read_as.name} to {target.name}. Wrote {shown(output)}."
    )
    return 1 if strict and (converted.lost or opened.notes.problem_count) else 0


def add_to(cli: click.Group) -> None:
    """Add the commands of this file."""
    cli.add_command(list_formats)
    cli.add_command(convert)
