"""`sentikit tag`: the adjective-noun pairs of photographs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.component_options import component_option
from ..commands.filter_options import tagger_option
from ..commands.model_options import ModelOptions, model_options
from ..commands.output import hold, print_line
from ..commands.photo_folder import NamedPath
from ..commands.progress import hidden_on_terminal, progress_bar
from ..commands.recipes import recipe_step
from ..errors import UsageError
from ..io.messages import count, verb_for
from ..io.paths import shown
from .explain import check_explain, draw_words
from .photo_run import check_failures, conclude, counted, exit_code, photo_options

if TYPE_CHECKING:
    from ..anp import Tag
    from ..commands.app import App
    from ..images import ImageRef
    from ..images.failures import Failures
    from ..pipelines.image_models import Named
    from ..pipelines.jobs.tag import TagRequest
    from ..pipelines.run_models import Outcome
    from ..plugin.interfaces import Tagger

EXPLAINED_TAGS = 5


@recipe_step
@click.command()
@photo_options
@click.option("-o", "--output", type=NamedPath(), help="Tag file to write or continue.")
@click.option(
    "--of",
    type=NamedPath(),
    metavar="TAGS",
    help="Tag only the images in this tag file, and use its ids.",
)
@tagger_option
@click.option(
    "--top-k", type=click.IntRange(0), default=20, show_default=True, help="Maximum tags per image; 0 keeps all."
)
@click.option(
    "--explain",
    type=NamedPath(),
    metavar="FILE.png",
    help="Draw the tagger's attention for each word of the best tags of one photograph.",
)
@click.option("--all-tags", is_flag=True, help="On a terminal, show tags that no text gets as well.")
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
    allow_outside: bool,
    limit: int | None,
    explain: Path | None,
    all_tags: bool,
    failures: Path | None,
    strict: bool,
    force: bool,
    models: ModelOptions,
    component_options: Sequence[str],
) -> int:
    """Tag photographs with adjective-noun pairs.

    IMAGES are files, folders and patterns. On a terminal, the tags that may go into texts are listed; in a pipe, all
    tags are printed as JSON lines. With -o they go to a tag file, which update-captions reads. An interrupted run
    continues where it stopped.
    """
    from ..formats.tags import check_replaceable
    from ..images.selection import find_named_photos, find_photos
    from ..io.files import check_outputs
    from ..pipelines.attention_support import check_gives_attention
    from ..pipelines.jobs.tag import TagRequest, tag_to_file
    from ..pipelines.model_choice import ModelChooser
    from ..pipelines.tagger_choice import choose_tagger
    from ..plugin.assigning import assign_options

    if of and coco:
        raise UsageError("--of and --coco both say which ids the images have: leave one out.")
    if of:
        found = find_named_photos(images, of, allow_outside=allow_outside)
    else:
        found = find_photos(images, coco, allow_outside=allow_outside)
    photos = found.first(limit)
    choice = choose_tagger(ModelChooser(app.plugins, models.pack), tagger)
    options = assign_options(component_options, choice.components)
    request = TagRequest(choice, options, models.run_settings(), top_k)
    inputs = [*found.paths, *(path for path in (coco, of) if path)]
    if explain:
        check_explain(explain, photos.refs, force)
        if output:
            raise UsageError("--explain and -o do not go together: tag the photograph once more for the figure.")
    check_outputs([(output, True), (failures, force or output is not None), (explain, force)], inputs=inputs)
    if output and force:  # before the model is made
        check_replaceable(output)
    check_failures(failures)
    hold(failures, explain)
    tagger_made = None if output else choice.create(options)
    if explain and tagger_made:
        check_gives_attention(tagger_made, choice.members, app.plugins)
    last: list[Tag] = []
    with counted(failures, replace=force or output is not None, resumable=output is not None) as counts:
        photos.count_others(counts)
        if output:
            tag_to_file(request, photos.refs, output, counts, again=force, progress=progress_bar)
        elif tagger_made:
            last = _print_tags(request, tagger_made, photos.refs, counts, all_tags)
    if explain and counts.done:
        _explain(explain, photos.refs[0], last, force)
    conclude(counts, [output] if output else [])
    return exit_code(counts, strict)


def _print_tags(
    request: TagRequest, tagger: Named[Tagger], refs: Sequence[ImageRef], counts: Failures, all_tags: bool
) -> list[Tag]:
    """A line for each image: for people on a terminal, else JSON. Returns the tags of the last one.

    all_tags: show people the tags that no text gets as well.
    """
    from ..formats.tags import tag_line
    from ..pipelines.jobs.photos import run_through
    from ..pipelines.tag import tag_images

    out = sys.stdout  # now, as the bar takes sys.stdout for its own
    insertable = request.insertable()
    last: list[Tag] = []
    left_out = 0

    def write(outcome: Outcome[list[Tag]]) -> None:
        nonlocal left_out
        for ref, tags in zip(outcome.refs, outcome.results, strict=True):
            if out.isatty():
                usable = [tag for tag in tags if all_tags or insertable(tag.anp)]
                left_out += len(tags) - len(usable)
                print_line(f"{shown(ref.path)}: {', '.join(map(_readable, usable)) or 'no tags'}", out)
            else:
                click.echo(json.dumps(tag_line(ref.image_id, ref.file_name, tags, insertable)), file=out)
            last[:] = tags

    outcomes = tag_images(refs, tagger, request.top_k or sys.maxsize, request.settings)
    run_through(outcomes, write, counts, len(refs), hidden_on_terminal(out))
    if left_out:
        verb = verb_for(left_out, "is", "are")
        click.echo(f"{count(left_out, 'tag')} that no text gets {verb} not shown; --all-tags shows them.", err=True)
    return last


def _readable(tag: Tag) -> str:
    return str(tag.anp) if tag.probability is None else f"{tag.anp} {tag.probability:.2g}"


def _explain(path: Path, ref: ImageRef, tags: Sequence[Tag], force: bool) -> None:
    """Draw where the tagger looked for the words of the best tags."""
    import numpy as np

    drawn = [tag for tag in tags if tag.attention is not None][:EXPLAINED_TAGS]
    words = [word for tag in drawn for word in tag.anp]
    maps = np.concatenate([tag.attention for tag in drawn]) if drawn else None
    draw_words(path, ref, words, maps, ", ".join(str(tag.anp) for tag in drawn), force)


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(tag)
