"""`sentikit restore-captions`: undo the updates of a file of captions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.format_options import existing_options, format_options
from ..commands.output import hold, say, warn
from ..commands.photo_folder import NamedPath
from ..commands.recipes import recipe_step
from ..errors import SentikitError, UsageError

if TYPE_CHECKING:
    from ..commands.app import App
    from ..formats.interface import CaptionSource, Existing
    from ..pipelines.caption_files import ChosenFormat, FormatChoice


@recipe_step
@click.command("restore-captions")
@click.argument("updated", type=NamedPath())
@click.option(
    "-o",
    "--output",
    type=NamedPath(),
    help="Output file, or folder for captions beside photographs.  [default: UPDATED.restored.json and the like]",
)
@format_options
@existing_options
@click.option("--force", is_flag=True, help="Replace an existing output file.")
@click.option("--strict", is_flag=True, help="Stop if a caption was changed after the update.")
@click.pass_obj
def restore_captions(
    app: App,
    updated: Path,
    output: Path | None,
    form: FormatChoice,
    existing: Existing | None,
    force: bool,
    strict: bool,
) -> None:
    """Restore the captions of an updated file.

    The restored file is the one that update-captions read, byte for byte; COCO captions and Parquet are equal to it
    after parsing. Captions that were changed after the update are kept and reported. Text files beside photographs are
    replaced with --overwrite, or go to a new folder with -o.
    """
    from ..io.files import beside, check_output, restored_path
    from ..pipelines.caption_files import open_captions

    if existing in ("append", "skip"):
        raise UsageError("--append and --skip-existing are for new captions: leave them out to restore captions.")
    chosen = form.make(form.component(app.plugins, updated))
    if existing and not chosen.format.is_folder:
        raise UsageError("--overwrite is for text files beside photographs: give --force to replace a file.")
    if chosen.format.is_coco:
        output = output or restored_path(updated)
        check_output(output, force=force, inputs=[updated])
        hold(output)
        _restore_coco(updated, output, force, strict)
    elif chosen.format.is_folder:
        if (output is None) == (existing is None):
            raise UsageError("Replace the files beside the photographs with --overwrite, or name a new folder with -o.")
        _, source = open_captions(app.plugins, updated, form)
        hold(output or updated)
        _restore_file(updated, chosen, source, output or updated, existing, force, strict)
    else:
        _, source = open_captions(app.plugins, updated, form)
        output = output or beside(source.notes.path, "restored")
        check_output(output, force=force, inputs=[updated])
        hold(output)
        _restore_file(source.notes.path, chosen, source, output, None, force, strict)


def _restore_coco(updated: Path, output: Path, force: bool, strict: bool) -> None:
    from ..formats.coco import KEY, read_document, restore_document, write_document
    from ..io.messages import count, first

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


def _restore_file(
    updated: Path,
    chosen: ChosenFormat,
    source: CaptionSource,
    output: Path,
    existing: Existing | None,
    force: bool,
    strict: bool,
) -> None:
    from ..formats.interface import Target
    from ..formats.provenance import provenance_path
    from ..io.messages import count, first
    from ..pipelines.jobs.restore_file import restore_file

    in_place = output.resolve() == updated.resolve()
    inputs = () if in_place else (updated,)
    restored = restore_file(updated, chosen, source, output, Target(force, inputs, existing), strict=strict)
    if restored.left_count:
        warn(f"{count(restored.left_count, 'caption')} of {updated} cannot be restored: {first(restored.left)}.")
    elif in_place:
        provenance_path(updated).unlink(missing_ok=True)
    say(f"Restored {count(restored.captions, 'caption')}. Wrote {output}.")


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(restore_captions)
