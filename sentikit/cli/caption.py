"""`sentikit caption`: captions with feeling for photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.component_options import component_option
from ..commands.default_options import DefaultComponentOption
from ..commands.filter_options import filter_options, language_option, tagger_option
from ..commands.model_options import ModelOptions, model_options
from ..commands.progress import hidden_on_terminal, progress_bar
from ..commands.recipes import recipe_step
from ..errors import UsageError
from .explain import check_explain, draw_words
from .photo_run import check_failures, conclude, counted, exit_code, photo_options

if TYPE_CHECKING:
    from ..commands.app import App
    from ..formats.coco import ImageId
    from ..images import ImageRef
    from ..pipelines.caption import CaptionedImage
    from ..pipelines.jobs.caption import CaptionSink
    from ..pipelines.jobs.progress import Progress
    from ..pipelines.tag_filter import TagFilter


@recipe_step
@click.command()
@photo_options
@click.option("--captioner", metavar="NAME|PACK", help="Captioner, or a pack that has one.  [default: the pack's]")
@tagger_option
@click.option(
    "--combiner",
    cls=DefaultComponentOption,
    metavar="NAME|none",
    show_default=True,
    help="Combiner or rewriter that inserts the adjectives.",
)
@click.option("--captions", type=click.IntRange(1), default=1, show_default=True, help="Captions per photograph.")
@click.option("--max-edits", type=click.IntRange(0), help="Maximum edits per caption.  [default: the combiner's own]")
@filter_options
@language_option
@click.option("--json", "as_json", is_flag=True, help="Print captions, edits, tags and scores as JSON.")
@click.option(
    "--jsonl",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the same as JSON lines, or continue such a file.",
)
@click.option("--attention", is_flag=True, help="Add the captioner's attention to --jsonl, for a report.")
@click.option(
    "--coco-results", type=click.Path(path_type=Path), metavar="FILE", help="Write a COCO results file at the end."
)
@click.option(
    "--explain",
    type=click.Path(path_type=Path),
    metavar="FILE.png",
    help="Draw the captioner's attention for each word of one photograph.",
)
@model_options
@component_option
@click.pass_obj
def caption(
    app: App,
    images: Sequence[str],
    captioner: str | None,
    tagger: str | None,
    combiner: str | None,
    captions: int,
    max_edits: int | None,
    tag_filter: TagFilter,
    language: str,
    as_json: bool,
    jsonl: Path | None,
    attention: bool,
    coco_results: Path | None,
    coco: Path | None,
    allow_outside: bool,
    limit: int | None,
    explain: Path | None,
    failures: Path | None,
    strict: bool,
    force: bool,
    models: ModelOptions,
    component_options: Sequence[str],
) -> int:
    """Caption photographs with feeling.

    IMAGES are files, folders and patterns. The caption of one photograph is printed as text; several are printed as a
    table or, in a pipe, as lines of file and caption. With --jsonl, an interrupted run continues where it stopped.
    """
    from ..formats.tags import check_goes_on, check_replaceable
    from ..images import check_distinct_ids
    from ..images.selection import find_photos
    from ..io.files import check_outputs
    from ..pipelines.caption_choice import choose_caption_models
    from ..pipelines.jobs.caption import CaptionFiles, caption_into
    from ..pipelines.looking import check_says_where
    from ..pipelines.model_choice import ModelChooser
    from .caption_output import Printer

    files = [path for path in (jsonl, coco_results) if path]
    if as_json and files:
        raise UsageError("--json prints, and --jsonl and --coco-results write files: choose.")
    if attention and not jsonl:
        raise UsageError("--attention goes into the lines of --jsonl: add --jsonl FILE.")
    found = find_photos(images, coco, allow_outside=allow_outside)
    photos = found.first(limit)
    choice = choose_caption_models(
        ModelChooser(app.plugins, models.pack), captioner, tagger, combiner, component_options
    )
    tag_filter = choice.with_ontology(tag_filter)
    settings = models.run_settings()
    inputs = [*found.paths, *([coco] if coco else [])]
    if explain:
        check_explain(explain, photos.refs, force)
    if files:
        check_distinct_ids(photos.refs)
    outputs = [(jsonl, True), (coco_results, force), (failures, force or jsonl is not None), (explain, force)]
    check_outputs(outputs, inputs=inputs)
    if jsonl:  # before the models are made
        check_replaceable(jsonl) if force else check_goes_on(jsonl)
    check_failures(failures)

    made = choice.create(tag_filter, max_edits, captions, language)
    if explain:
        check_says_where(made.captioner, (choice.captioner,), app.plugins)
    with counted(failures, replace=force or jsonl is not None, resumable=jsonl is not None) as counts:
        photos.count_others(counts)
        sink: CaptionFiles | Printer
        progress: Progress = progress_bar
        if files:
            recorded = choice.settings(tag_filter, max_edits, captions, language) | (
                {"attention": True} if attention else {}
            )
            sink = CaptionFiles(jsonl, coco_results, recorded, photos.refs, force)
        else:
            sink = Printer(photos.refs, alone=photos.is_one(images), as_json=as_json)
            progress = hidden_on_terminal(sink.out)
        last = _Last(sink)
        with sink:
            caption_into(last, photos.refs, made, settings, counts, progress)
    if explain and last.captioned:
        plain = last.captioned.caption
        draw_words(explain, photos.refs[0], plain.words, plain.attention, last.captioned.rewrite.text, force)
    conclude(counts, files)
    return exit_code(counts, strict)


class _Last:
    """A sink that remembers what it was given last, for --explain."""

    def __init__(self, sink: CaptionSink) -> None:
        self._sink = sink
        self.done = sink.done
        self.captioned: CaptionedImage | None = None

    def write(self, ref: ImageRef, captioned: CaptionedImage) -> None:
        self.captioned = captioned
        self._sink.write(ref, captioned)

    def take_back(self, images: Sequence[ImageId]) -> Mapping[ImageId, str]:
        return self._sink.take_back(images)

    def put_back(self, line: str) -> None:
        self._sink.put_back(line)

    def flush(self) -> None:
        self._sink.flush()


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(caption)
