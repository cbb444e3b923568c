"""`sentikit tag`: the adjective-noun pairs of photographs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from ..io.paths import shown
from ..pipelines.model_choice import ModelChooser
from .component_options import assign_options, component_option
from .explain import check_explain, draw_words
from .model_options import ModelOptions, model_options
from .photo_run import (
    conclude,
    counted,
    exit_code,
    find_named_photos,
    find_photos,
    left_to_do,
    photo_options,
    run_through,
)
from .tagger_choice import Options, TaggerChoice, choose_tagger, tagger_option

if TYPE_CHECKING:
    from ..anp import Tag
    from ..images import ImageRef
    from ..images.failures import Failures
    from ..pipelines.run_models import Outcome, RunSettings
    from ..plugin.interfaces import Tagger
    from . import App

EXPLAINED_TAGS = 5


@click.command()
@photo_options
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The tag file to write; a run that stopped goes on in it."
)
@click.option(
    "--of", type=click.Path(path_type=Path), metavar="TAGS", help="Only the images of this tag file, by its ids."
)
@tagger_option("The tagger, or the pack of one")
@click.option("--top-k", type=click.IntRange(0), default=20, show_default=True, help="Tags of an image; 0: all.")
@click.option(
    "--explain", type=click.Path(path_type=Path), metavar="FILE.png", help="Draw where the tagger looked; one photo."
)
@model_options
@component_option
@click.pass_obj
def tag(
    app: App,
    images: Sequence[str],
    output: Path | None,
    of: Path | None,
    tagger: str | None,
    top_k: int,
    coco: Path | None,
    limit: int | None,
    explain: Path | None,
    failures: Path | None,
    strict: bool,
    force: bool,
    models: ModelOptions,
    component_options: Sequence[str],
) -> int:
    """Tag photographs with adjective-noun pairs.

    IMAGES are files, folders and patterns. The tags are listed or, in a pipe, printed as JSON lines; with -o they go
    to a tag file, as update-captions reads it. A run that was interrupted goes on where it stopped.
    """
    from ..io.files import check_outputs

    if of and coco:
        raise UsageError("--of and --coco both say which ids the images have: leave one out.")
    photos = (find_named_photos(images, of) if of else find_photos(images, coco)).first(limit)
    choice = choose_tagger(ModelChooser(app.plugins, models.pack), tagger)
    options = assign_options(component_options, choice.components)
    settings = models.run_settings()
    inputs = [*photos.paths, *(path for path in (coco, of) if path)]
    if explain:
        check_explain(explain, photos.refs, force)
        if output:
            raise UsageError("--explain and -o do not go together: tag the photograph once more for the figure.")
    check_outputs([(output, True), (failures, force or output is not None), (explain, force)], inputs=inputs)
    with counted(failures, replace=force or output is not None, resumable=output is not None) as counts:
        photos.count_others(counts)
        if output:
            tag_into(output, photos.refs, choice, options, top_k, settings, counts, again=force)
        else:
            tagger_made = choice.create(options)
            last = _print_tags(photos.refs, tagger_made, top_k, settings, counts)
    if explain and counts.done:
        _explain(explain, photos.refs[0], tagger_made, last, force)
    conclude(counts, [output] if output else [])
    return exit_code(counts, strict)


def tag_into(
    path: Path,
    refs: Sequence[ImageRef],
    choice: TaggerChoice,
    options: Options,
    top_k: int,
    settings: RunSettings,
    counts: Failures,
    *,
    again: bool,
    remedy: str | None = None,
) -> None:
    """Tag `refs` into a tag file, going on with the one that is there unless `again`.

    top_k: tags of an image; 0: all.
    remedy: what to do where it cannot be gone on with, as the end of a sentence; None: what `tag` has for that.
    Raises SentikitError where two images have the same id, where the file was made in another way, and where a model
    fails; what is done by then stays in the file.
    """
    from ..formats.tags import ANOTHER_FILE, TagWriter
    from ..images import check_distinct_ids
    from ..pipelines.tag import tag_images

    check_distinct_ids(refs)
    header = tags_header(choice, options, top_k)
    # A model that cannot be made shall leave no file, and one that is not needed need not be made.
    tagger = None if path.exists() and not again else choice.create(options)
    with TagWriter(path, header, resume=not again, remedy=remedy or ANOTHER_FILE) as writer:
        todo = left_to_do(refs, writer.done, counts)
        if not todo:
            return

        def write(outcome: Outcome[list[Tag]]) -> None:
            for ref, tags in zip(outcome.refs, outcome.results, strict=True):
                writer.write(ref.image_id, ref.file_name, tags)
            writer.flush()

        tagger = tagger or choice.create(options)
        run_through(tag_images(todo, tagger, top_k or sys.maxsize, settings), write, counts, len(todo))


def tags_header(choice: TaggerChoice, options: Options, top_k: int) -> dict[str, Any]:
    """What a tag file says of how its tags were made."""
    return choice.settings(options) | {"top_k": top_k}


def _print_tags(
    refs: Sequence[ImageRef], tagger: Tagger, top_k: int, settings: RunSettings, counts: Failures
) -> list[Tag]:
    """A line an image: for people on a terminal, else JSON. Returns the tags of the last one."""
    from ..formats.tags import tag_line
    from ..pipelines.tag import tag_images

    out = sys.stdout  # now, as the bar takes sys.stdout for its own
    last: list[Tag] = []

    def write(outcome: Outcome[list[Tag]]) -> None:
        for ref, tags in zip(outcome.refs, outcome.results, strict=True):
            if out.isatty():
                click.echo(f"{shown(ref.path)}: {', '.join(map(_say, tags)) or 'no tags'}", file=out)
            else:
                click.echo(json.dumps(tag_line(ref.image_id, ref.file_name, tags)), file=out)
            last[:] = tags

    total = None if out.isatty() else len(refs)
    run_through(tag_images(refs, tagger, top_k or sys.maxsize, settings), write, counts, total)
    return last


def _say(tag: Tag) -> str:
    return str(tag.anp) if tag.probability is None else f"{tag.anp} {tag.probability:.2g}"


def _explain(path: Path, ref: ImageRef, tagger: Tagger, tags: Sequence[Tag], force: bool) -> None:
    """Draw where the tagger looked for the words of the best tags."""
    import numpy as np

    drawn = [tag for tag in tags if tag.attention is not None][:EXPLAINED_TAGS]
    words = [word for tag in drawn for word in tag.anp]
    maps = np.concatenate([tag.attention for tag in drawn]) if drawn else None
    draw_words(path, ref, tagger, words, maps, ", ".join(str(tag.anp) for tag in drawn), force)


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(tag)
