"""`sentikit caption`: captions with feeling for photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.component_options import component_option
from ..commands.default_options import DefaultComponentOption
from ..commands.filter_options import filter_options, language_option, tagger_option
from ..commands.format_options import existing_options, format_options
from ..commands.model_options import ModelOptions, model_options
from ..commands.output import hold, say
from ..commands.photo_folder import NamedPath
from ..commands.progress import hidden_on_terminal, progress_bar
from ..commands.recipes import recipe_step
from ..errors import UsageError
from .explain import check_explain, draw_words
from .photo_run import check_failures, conclude, counted, exit_code, photo_options, reported_counts

if TYPE_CHECKING:
    from ..commands.app import App
    from ..formats.coco import ImageId
    from ..formats.interface import Existing
    from ..images import ImageRef
    from ..pipelines.caption import CaptionedImage
    from ..pipelines.caption_files import FormatChoice
    from ..pipelines.jobs.caption import CaptionSink
    from ..pipelines.jobs.export import CaptionExport
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
    type=NamedPath(),
    metavar="FILE",
    help="Write the same as JSON lines, or continue such a file.",
)
@click.option("--attention", is_flag=True, help="Add the captioner's attention to --jsonl, for a report.")
@click.option("--coco-results", type=NamedPath(), metavar="FILE", help="Write a COCO results file at the end.")
@click.option(
    "-o",
    "--output",
    type=NamedPath(),
    help="Write the captions to this file or folder at the end, in any format.",
)
@format_options
@existing_options
@click.option(
    "--explain",
    type=NamedPath(),
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
    output: Path | None,
    form: FormatChoice,
    existing: Existing | None,
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

    --output writes any format that 'sentikit formats' lists. '--format sidecars' without --output writes a text file
    beside each photograph as its caption comes; --skip-existing continues an interrupted run.
    """
    from ..formats.tags import check_goes_on, check_replaceable
    from ..images import check_distinct_ids
    from ..images.selection import find_photos
    from ..io.files import check_outputs
    from ..pipelines.attention_support import check_gives_attention
    from ..pipelines.caption_choice import choose_caption_models
    from ..pipelines.jobs.caption import CaptionFiles, caption_into
    from ..pipelines.jobs.export import captions_of_lines
    from ..pipelines.model_choice import ModelChooser
    from .caption_output import Printer

    files = [path for path in (jsonl, coco_results) if path]
    export = _export(app, output, form, existing, force, coco)
    if as_json and (files or export):
        raise UsageError("--json prints, and --jsonl, --coco-results, --output and --format write files: choose.")
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
    refs = export.todo(photos.refs) if export else photos.refs
    if photos.refs and not refs:
        say("All photographs have caption files already, and --skip-existing leaves them as they are.")
        return 0
    if explain:
        check_explain(explain, photos.refs, force)
    if files:
        check_distinct_ids(photos.refs)
    outputs = [(jsonl, True), (coco_results, force), (failures, force or jsonl is not None), (explain, force)]
    check_outputs(outputs, inputs=inputs)
    if jsonl:  # before the models are made
        check_replaceable(jsonl) if force else check_goes_on(jsonl)
    check_failures(failures)
    hold(coco_results, failures, explain, output)

    made = choice.create(tag_filter, max_edits, captions, language)
    if explain:
        check_gives_attention(made.captioner, (choice.captioner,), app.plugins)
    with counted(failures, replace=force or jsonl is not None, resumable=jsonl is not None) as counts:
        photos.count_others(counts)
        sink: CaptionFiles | Printer
        progress: Progress = progress_bar
        if files or export:
            recorded = choice.settings(tag_filter, max_edits, captions, language) | (
                {"attention": True} if attention else {}
            )
            sink = CaptionFiles(jsonl, coco_results, recorded, refs, force)
        else:
            sink = Printer(photos.refs, alone=photos.is_one(images), as_json=as_json)
            progress = hidden_on_terminal(sink.out)
        last = _Last(sink, export)
        with sink, reported_counts((made.captioner, made.tagger, made.combiner)):
            caption_into(last, refs, made, settings, counts, progress)
    if export:
        export.finish(refs, captions_of_lines(jsonl) if jsonl else {})
        files += export.written
    if explain and last.captioned:
        plain = last.captioned.caption
        draw_words(explain, photos.refs[0], plain.words, plain.attention, last.captioned.rewrite.text, force)
    conclude(counts, files)
    return exit_code(counts, strict)


def _export(
    app: App, output: Path | None, form: FormatChoice, existing: Existing | None, force: bool, coco: Path | None
) -> CaptionExport | None:
    """What writes --output, or files beside the photographs. Raises UsageError if the options do not fit together."""
    from ..formats.interface import Target
    from ..pipelines.jobs.export import CaptionExport

    if output is None and form.name is None:
        if existing or form.columns:
            raise UsageError("Name what is written with --output FILE, or with '--format sidecars'.")
        return None
    component = form.to_write(app.plugins, output or Path())
    chosen = form.make(component)
    if output is None and not chosen.format.is_folder:
        raise UsageError(f"The format {chosen.name!r} is a file: name it with --output FILE.")
    if existing and not chosen.format.is_folder:
        raise UsageError("--overwrite, --append and --skip-existing are for text files beside photographs.")
    return CaptionExport(chosen, output, Target(force, tuple(path for path in (coco,) if path), existing))


class _Last:
    """A sink that also exports, and remembers what it was given last, for --explain."""

    def __init__(self, sink: CaptionSink, export: CaptionExport | None) -> None:
        self._sink = sink
        self._export = export
        self.done = sink.done
        self.captioned: CaptionedImage | None = None

    def write(self, ref: ImageRef, captioned: CaptionedImage) -> None:
        self.captioned = captioned
        self._sink.write(ref, captioned)
        if self._export:
            self._export.add(ref, [candidate.rewrite.text for candidate in captioned.candidates])

    def take_back(self, images: Sequence[ImageId]) -> Mapping[ImageId, str]:
        return self._sink.take_back(images)

    def put_back(self, line: str) -> None:
        self._sink.put_back(line)

    def flush(self) -> None:
        self._sink.flush()


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(caption)
