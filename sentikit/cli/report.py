"""`sentikit report`: a web page of captioned photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.format_options import format_options
from ..commands.output import hold, say, warn
from ..commands.photo_folder import NamedPath, allow_outside_option
from ..commands.recipes import recipe_step
from ..errors import UsageError
from ..io.paths import shown

if TYPE_CHECKING:
    from ..commands.app import App
    from ..pipelines.caption_files import FormatChoice

_PATH = NamedPath()


@recipe_step
@click.command()
@click.argument("results", type=_PATH)
@click.option("-o", "--output", type=_PATH, required=True, help="Folder to write; with --single-file, the HTML file.")
@click.option("--images", type=_PATH, metavar="DIR", help="Folder of the photographs.  [default: near RESULTS]")
@allow_outside_option
@format_options
@click.option("--tags", type=_PATH, metavar="FILE", help="Tag file, if RESULTS has no tags.")
@click.option(
    "--failures", type=_PATH, metavar="FILE", help="Failed photographs, as 'sentikit caption --failures' writes them."
)
@click.option("--single-file", is_flag=True, help="Write a single file, for up to 200 photographs.")
@click.option("--force", is_flag=True, help="Replace an existing report.")
@click.pass_obj
def report(
    app: App,
    results: Path,
    output: Path,
    images: Path | None,
    form: FormatChoice,
    allow_outside: bool,
    tags: Path | None,
    failures: Path | None,
    single_file: bool,
    force: bool,
) -> None:
    """Make a web page of captioned photographs.

    It shows each photograph with its captions, the inserted adjectives and the tags. RESULTS is the output of 'sentikit
    caption --jsonl' or 'sentikit update-captions', or captions in any format that 'sentikit formats' lists. Open
    index.html in a browser; no network is needed. The folder contains small copies of the photographs, so you can share
    it as it is.
    """
    from ..commands.progress import progress_bar
    from ..io.files import check_output
    from ..io.messages import count, first, verb_for
    from ..io.text import short_path
    from ..report import check_folder, read_results, write_report_file, write_report_folder
    from ..report.file_results import read_file

    inputs = [path for path in (results, images, tags, failures) if path]
    if single_file:
        check_output(output, force=force, inputs=inputs)
        hold(output)
    elif output.suffix.lower() in (".html", ".htm"):
        raise UsageError(f"The output is a folder, and {shown(output)} would be a file: add --single-file.")
    else:
        check_folder(output, force=force, inputs=inputs)

    read = read_results(results, tags, failures, lambda path: read_file(app.plugins, path, form))
    for sentence in read.warnings:
        warn(sentence)
    folder = images or (results if results.is_dir() else None)
    write = write_report_file if single_file else write_report_folder
    with progress_bar("photographs", len(read.photos)) as advance:
        counts = write(read, output, folder, allow_outside=allow_outside, force=force, inputs=inputs, progress=advance)
    if counts.outside:
        outside, names = len(counts.outside), first(list(map(short_path, counts.outside)), joint=", ")
        click.echo(
            f"Warning: {count(outside, 'photograph')} outside the folder of the photographs "
            f"{verb_for(outside, 'is', 'are')} not shown, and --allow-outside shows them: {names}.",
            err=True,
        )
    if not counts.pictures:
        warn("No photograph was found, and the report has no pictures: give --images DIR.")
    statistics = counts.statistics
    page = output if single_file else output / "index.html"
    say(
        f"{count(statistics.photos, 'photograph')}, {counts.failed:,} failed; "
        f"{count(statistics.captions, 'caption')}, {statistics.edited:,} edited. Wrote {shown(page)}.",
    )


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(report)
