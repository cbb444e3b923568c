"""The first half of `sentikit update-captions` where no tags are given: find the photographs and tag them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import SentikitError
from .photo_run import counted
from .tag import tag_into

if TYPE_CHECKING:
    from ..coco import CocoCaptions
    from ..flows.run_models import RunSettings
    from .tagger_choice import Options, TaggerChoice

LEAST_TAGS = 20
"""Tags of an image that the file holds, at least, so that runs with a smaller --top-k can use it as well."""


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
) -> None:
    """Tag the captioned photographs of a dataset into the tag file `path`, going on with what it holds.

    images: where the photographs are; None: near the captions. Raises SentikitError where none is found, where not one
    can be tagged, or, where it is `strict`, one cannot.
    """
    from ..images import find_coco_images, missing_warning

    uncaptioned = set(captions.uncaptioned)
    wanted = [image for identity, image in captions.images.items() if identity not in uncaptioned]
    photos = find_coco_images(captions.path, wanted, images)
    missing = missing_warning(captions.path, photos)
    if missing:
        if strict:
            raise SentikitError(missing)
        click.echo(f"Warning: {missing}", err=True)
    with counted(None, replace=False, resumable=True) as counts:
        tag_into(path, photos.refs, choice, options, max(top_k, LEAST_TAGS), settings, counts, again=False)
        if not (counts.done or counts.skipped):
            raise SentikitError(f"Not one of the {len(photos.refs):,} photographs could be tagged.")
        if strict and counts.failed:
            raise SentikitError(f"{counts.failed:,} of the {len(photos.refs):,} photographs could not be tagged.")
    click.echo(f"Tags: {counts.summary()}, in {path}.", err=True)
