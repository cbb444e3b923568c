"""`sentikit caption`: captions with feeling for photographs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from ..pipelines.model_choice import ModelChoice, ModelChooser
from ..plugin.kinds import Component
from .component_options import assign_options, component_option
from .explain import check_explain, draw_words
from .filter_options import filter_options
from .model_options import ModelOptions, model_options
from .photo_run import conclude, counted, exit_code, find_photos, left_to_do, photo_options, run_through
from .tagger_choice import TaggerChoice, choose_tagger, tagger_option

if TYPE_CHECKING:
    from ..pipelines.caption import CaptionedImage, CaptionModels
    from ..pipelines.run_models import Outcome
    from ..pipelines.tag_filter import TagFilter
    from . import App

NO_COMBINER = "none"


@click.command()
@photo_options
@click.option("--captioner", metavar="NAME|PACK", help="The captioner, or the pack of one. [default: the pack's]")
@tagger_option("The tagger, or the pack of one")
@click.option(
    "--combiner", metavar="NAME|none", default="noun-forcing", show_default=True, help="How the adjectives get in."
)
@click.option("--max-edits", type=click.IntRange(0), help="At most so many a caption. [default: the combiner's own]")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print everything: plain captions, edits, tags and scores.")
@click.option(
    "--jsonl",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write everything, as JSON lines; a run that stopped goes on in it.",
)
@click.option("--attention", is_flag=True, help="With --jsonl: also write where the captioner looked, for a report.")
@click.option(
    "--coco-results", type=click.Path(path_type=Path), metavar="FILE", help="Write a COCO results file in the end."
)
@click.option(
    "--explain",
    type=click.Path(path_type=Path),
    metavar="FILE.png",
    help="Draw where the captioner looked for each word; one photo.",
)
@model_options
@component_option
@click.pass_obj
def caption(
    app: App,
    images: Sequence[str],
    captioner: str | None,
    tagger: str | None,
    combiner: str,
    max_edits: int | None,
    tag_filter: TagFilter,
    as_json: bool,
    jsonl: Path | None,
    attention: bool,
    coco_results: Path | None,
    coco: Path | None,
    limit: int | None,
    explain: Path | None,
    failures: Path | None,
    strict: bool,
    force: bool,
    models: ModelOptions,
    component_options: Sequence[str],
) -> int:
    """Caption photographs, with feeling.

    IMAGES are files, folders and patterns. One photograph's caption is printed as text, several as a table or, in a
    pipe, as lines of file and caption. With --jsonl, a run that was interrupted goes on where it stopped.
    """
    from ..formats.tags import check_goes_on
    from ..images import check_distinct_ids
    from ..io.files import check_outputs
    from ..pipelines.caption import caption_images
    from .caption_output import CaptionFiles, Printer

    files = [path for path in (jsonl, coco_results) if path]
    if as_json and files:
        raise UsageError("--json prints, and --jsonl and --coco-results write files: choose.")
    if attention and not jsonl:
        raise UsageError("--attention goes into the lines of --jsonl: add --jsonl FILE.")
    photos = find_photos(images, coco).first(limit)
    parts = choose_parts(ModelChooser(app.plugins, models.pack), captioner, tagger, combiner, component_options)
    if parts.tagger:
        tag_filter = parts.tagger.with_ontology(tag_filter)
    settings = models.run_settings()
    inputs = [*photos.paths, *([coco] if coco else [])]
    if explain:
        check_explain(explain, photos.refs, force)
    if files:
        check_distinct_ids(photos.refs)
    outputs = [(jsonl, True), (coco_results, force), (failures, force or jsonl is not None), (explain, force)]
    check_outputs(outputs, inputs=inputs)
    if jsonl and not force:
        check_goes_on(jsonl)  # before the models are made

    made = parts.create(tag_filter, max_edits)
    last: list[CaptionedImage] = []
    with counted(failures, replace=force or jsonl is not None, resumable=jsonl is not None) as counts:
        photos.count_others(counts)
        sink: CaptionFiles | Printer
        if files:
            said = parts.settings(tag_filter, max_edits) | ({"attention": True} if attention else {})
            sink = CaptionFiles(jsonl, coco_results, said, photos.refs, force)
        else:
            sink = Printer(photos.refs, alone=photos.is_one(images), as_json=as_json)

        def write(outcome: Outcome[CaptionedImage]) -> None:
            for ref, captioned in zip(outcome.refs, outcome.results, strict=True):
                sink.write(ref, captioned)
                last[:] = [captioned]
            sink.flush()

        with sink:
            todo = left_to_do(photos.refs, sink.done, counts)
            total = None if sink.terminal else len(todo)
            run_through(caption_images(todo, made, settings), write, counts, total)
    if explain and last:
        words, maps = last[0].caption.words, last[0].caption.attention
        draw_words(explain, photos.refs[0], made.captioner, words, maps, last[0].rewrite.text, force)
    conclude(counts, files)
    return exit_code(counts, strict)


@dataclass(frozen=True)
class Parts:
    """What the user chose, and the options of each."""

    captioner: ModelChoice
    tagger: TaggerChoice | None
    combiner: Component | None
    options: Mapping[Component, Mapping[str, str]]

    def create(self, tag_filter: TagFilter, max_edits: int | None) -> CaptionModels:
        """Make them all. Raises SentikitError where one cannot be made, or they do not fit together."""
        from ..affect.prior_scorer import check_prior
        from ..pipelines.caption import CaptionModels
        from ..pipelines.image_models import check_scorer

        combiner = self.combiner.create(self.options[self.combiner]) if self.combiner else None
        tagger = self.tagger.create(self.options) if self.tagger else None
        if self.combiner and self.tagger and combiner and tagger:
            check_scorer(combiner, self.combiner.name, tagger, self.tagger.name)
        if combiner:
            check_prior(combiner, tag_filter.ontology)
        captioner = self.captioner.create(self.options[self.captioner.component])
        return CaptionModels(captioner, tag_filter, tagger, combiner, max_edits)

    def settings(self, tag_filter: TagFilter, max_edits: int | None) -> dict[str, Any]:
        """What a file of captions says of them, so that no other run goes on with it."""
        said = self.captioner.settings(self.options[self.captioner.component])
        if self.tagger:
            said |= self.tagger.settings(self.options)
        said["combiner"] = self.combiner.name if self.combiner else NO_COMBINER
        if self.combiner:
            said |= {f"combiner.{name}": value for name, value in self.options[self.combiner].items()}
            said |= {f"filter.{name}": value for name, value in tag_filter.to_json().items()}
            said["max_edits"] = max_edits
        return said


def choose_parts(
    chooser: ModelChooser, captioner: str | None, tagger: str | None, combiner: str, component_options: Sequence[str]
) -> Parts:
    """A tagger is chosen where one is named or a combiner needs its tags. Raises SentikitError where nothing fits."""
    combining = None if combiner == NO_COMBINER else chooser.plugins.get("combiner", combiner)
    captioning = chooser.choose("captioner", captioner)
    tagging = choose_tagger(chooser, tagger, "caption") if tagger or combining else None
    components = [captioning.component, *(tagging.components if tagging else []), *([combining] if combining else [])]
    return Parts(captioning, tagging, combining, assign_options(component_options, components))


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(caption)
