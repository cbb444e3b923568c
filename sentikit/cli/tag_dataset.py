"""The first half of `sentikit update-captions` where no tags are given: find the photographs and tag them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import SentikitError
from ..images.failures import Failure
from .photo_run import counted
from .tag import tag_into, tags_header

if TYPE_CHECKING:
    from ..formats.coco import CocoCaptions
    from ..pipelines.run_models import RunSettings
    from .tagger_choice import Options, TaggerChoice

LEAST_TAGS = 20
"""Tags of an image that the file holds, at least, so that runs with a smaller --top-k can use it as well."""

_NOT_OURS = "move it away, give it with --tags if it holds the tags, or write to another folder with -o"
_OTHER_TAGS = "make the tags anew with --force, or write to another folder with -o"


def tags_path(coco: Path, output: Path) -> Path:
    """Where the tags go: beside the output, named after the captions, so that another run finds them again."""
    return output.with_name(coco.name.removesuffix(".json") + ".tags.jsonl")


def tag_dataset(
    captions: CocoCaptions,
    images: Path | None,
    path: Path,
    choice: TaggerChoice,
    options: Options,
    top_k: int,
    settings: RunSettings,
    strict: bool,
    failures: Path | None,
    force: bool,
) -> None:
    """Tag the captioned photographs of a dataset into the tag file `path`, going on with what it holds.

    images: where the photographs are; None: near the captions.
    failures: gets the photographs that have no file or could not be tagged, and why.
    force: make the tags anew where the file's were made in another way.
    Raises SentikitError where none is found, where not one can be tagged, or, where it is `strict`, one cannot.
    """
    from ..formats.tags import check_goes_on, was_made_otherwise
    from ..images import find_coco_images, missing_warning
    from ..io.messages import count

    check_goes_on(path, _NOT_OURS)  # --force does not replace it: nobody named it
    uncaptioned = set(captions.uncaptioned)
    wanted = [image for identity, image in captions.images.items() if identity not in uncaptioned]
    photos = find_coco_images(captions.path, wanted, images)
    missing = missing_warning(captions.path, photos)
    top_k = max(top_k, LEAST_TAGS)
    again = force and was_made_otherwise(path, tags_header(choice, options, top_k))
    with counted(failures, replace=True, resumable=True) as counts:
        if missing:
            if not strict:
                click.echo(f"Warning: {missing}", err=True)
            counts.add(
                (Failure(ref.path, ref.image_id, "there is no such file") for ref in photos.missing), aloud=False
            )
        if not (missing and strict):
            tag_into(path, photos.refs, choice, options, top_k, settings, counts, again=again, remedy=_OTHER_TAGS)
    if missing and strict:
        raise SentikitError(missing)
    if not (counts.done or counts.skipped):
        raise SentikitError(f"None of the {count(len(photos.refs), 'photograph')} could be tagged.")
    if strict and counts.failed:
        raise SentikitError(f"{counts.failed:,} of the {count(len(photos.refs), 'photograph')} could not be tagged.")
    click.echo(f"Tags: {counts.summary()}, in {path}.", err=True)
