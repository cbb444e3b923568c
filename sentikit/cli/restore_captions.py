"""`sentikit restore-captions`: undo the updates of a COCO captions file."""

from __future__ import annotations

from pathlib import Path

import click

from ..commands.output import say, warn
from ..commands.photo_folder import NamedPath
from ..commands.recipes import recipe_step
from ..errors import SentikitError


@recipe_step
@click.command("restore-captions")
@click.argument("updated", type=NamedPath())
@click.option(
    "-o",
    "--output",
    type=NamedPath(),
    help="Output file.  [default: UPDATED.restored.json, beside the input]",
)
@click.option("--force", is_flag=True, help="Replace an existing output file.")
@click.option("--strict", is_flag=True, help="Stop if a caption was changed after the update.")
def restore_captions(updated: Path, output: Path | None, force: bool, strict: bool) -> None:
    """Restore the captions of an updated file.

    The restored file equals the one that update-captions read. Captions that were changed after the update are kept and
    reported.
    """
    from ..formats.coco import KEY, read_document, restore_document, write_document
    from ..io.files import check_output, restored_path
    from ..io.messages import count, first

    output = output or restored_path(updated)
    check_output(output, force=force, inputs=[updated])
    document = read_document(updated)
    restored = restore_document(document)
    left = restored.changed + restored.foreign
    if left and strict:
        raise SentikitError(f"{updated}: {left[0]}.")
    if left:
        warn(f"{count(len(left), 'caption')} of {updated} cannot be restored: {first(left)}.")
    if not restored.captions and (KEY in restored.document or KEY not in document):
        raise SentikitError(f"{updated} has nothing to restore, and nothing was written.")
    write_document(output, restored.document, force=force, inputs=[updated])
    say(f"Restored {count(restored.captions, 'caption')}. Wrote {output}.")


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(restore_captions)
