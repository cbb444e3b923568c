"""`sentikit prepare flickrstyle`: captions with a style, as references for `sentikit evaluate captions`."""

from __future__ import annotations

from pathlib import Path

import click

from sentikit.commands.output import hold, say
from sentikit.commands.recipes import recipe_step
from sentikit.io.paths import shown

from .command_parts import FILE, print_table


@recipe_step
@click.command()
@click.argument("source", metavar="FLICKRSTYLE", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="COCO captions file to write.")
@click.option(
    "--photos", type=FILE, required=True, help="COCO captions file with the photographs to use and their ids."
)
@click.option("--style", default="romantic", show_default=True, help="Value of the captions' key 'style'.")
@click.option(
    "--half",
    type=click.Choice(["tune", "report"]),
    help="Use half of the photographs, by a hash of their names: one half for tuning, the other for reporting.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Use only the first N photographs.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def flickrstyle(
    source: Path, output: Path, photos: Path, style: str, half: str | None, limit: int | None, force: bool
) -> None:
    """Extract FlickrStyle captions of one style.

    FLICKRSTYLE is a COCO captions file whose annotations have a 'style' and lower-case tokens; they are written as
    sentences, as references for 'sentikit evaluate captions'. Photographs are matched by file name.
    """
    from sentikit.formats.coco import write_document
    from sentikit.io.files import check_output

    from .flickrstyle import styled_captions

    check_output(output, force=force, inputs=[source, photos])
    hold(output)
    document = styled_captions(source, photos, style, half, limit)
    write_document(output, document, force=force, inputs=[source, photos])
    say(f"Wrote {shown(output)}.")
    print_table(
        [("", "images", "captions"), (f"  {output.name}", len(document["images"]), len(document["annotations"]))]
    )
