"""`sentikit prepare coco`: the splits of a COCO captions file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentikit import UsageError
from sentikit.commands.output import hold, say, warn
from sentikit.commands.recipes import recipe_step
from sentikit.io.paths import shown

from .command_parts import FILE, FOLDER, print_table

if TYPE_CHECKING:
    from sentikit.formats.coco import Problem


@recipe_step
@click.command()
@click.argument("captions", type=FILE)
@click.option("-o", "--output", type=FOLDER, required=True, help="Folder for the new files.")
@click.option(
    "--internal-val",
    type=click.IntRange(1),
    metavar="N",
    help="Images to draw for validation; the paper drew 20,000 from train2017.",
)
@click.option("--join-restval", is_flag=True, help="Add Karpathy's restval images to the training set.")
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed.")
@click.option("--force", is_flag=True, help="Replace existing files.")
def coco(captions: Path, output: Path, internal_val: int | None, join_restval: bool, seed: int, force: bool) -> None:
    """Split COCO captions into training and validation.

    With --internal-val, images are drawn for validation at random, and both parts are written as COCO captions files
    with ids, order and unknown keys unchanged. A file in Karpathy's format, such as dataset_coco.json, already has
    splits; each is written as a COCO captions file.
    """
    from sentikit.formats.coco import check_document, read_json

    from .coco_files import split_coco
    from .karpathy import count_karpathy, is_karpathy, split_karpathy

    document = read_json(captions)
    if is_karpathy(document):
        if internal_val:
            raise UsageError(f"{shown(captions)} is in Karpathy's format, with splits of its own: drop --internal-val.")
        parts = split_karpathy(captions, document, join_restval=join_restval)
        total = count_karpathy(document)
    else:
        document = check_document(captions, document)
        if join_restval:
            raise UsageError(f"{shown(captions)} is not in Karpathy's format: drop --join-restval.")
        if not internal_val:
            raise UsageError(f"Say how many images of {shown(captions)} are for validation, with --internal-val.")
        split = split_coco(captions, document, internal_val, seed)
        _warn_left_out(captions, split.left_out)
        parts = {"train": split.train, "internal-val": split.internal_val}
        total = len(document["images"]), len(document["annotations"])
    written = _write_parts(captions, output, parts, force)
    print_table([("", "images", "captions"), (captions.name, *total), *written])


def _warn_left_out(captions: Path, left_out: Sequence[Problem]) -> None:
    from sentikit.io.messages import count, first

    if left_out:
        warn(
            f"{count(len(left_out), 'problem')} of {shown(captions)}, whose entries belong to no image and "
            f"are left out: {first(left_out)}.",
        )


def _write_parts(
    captions: Path, folder: Path, parts: Mapping[str, dict[str, Any]], force: bool
) -> list[tuple[str, int, int]]:
    """Write each part, named after the captions, and say what is in it."""
    from sentikit.formats.coco import write_document
    from sentikit.io.files import check_output, readable_os_errors, refuse_dash

    refuse_dash(folder)
    with readable_os_errors("make", folder):
        folder.mkdir(parents=True, exist_ok=True)
    hold(folder)
    paths = {folder / f"{captions.name.removesuffix('.json')}.{name}.json": part for name, part in parts.items()}
    for path in paths:
        check_output(path, force=force, inputs=[captions])
    for path, part in paths.items():
        write_document(path, part, force=force, inputs=[captions])
        say(f"Wrote {shown(path)}.")
    return [(f"  {path.name}", len(part["images"]), len(part["annotations"])) for path, part in paths.items()]
