"""The models of a study: a captioner that reads given texts, and one tagger, over the same photographs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sentikit import UsageError
from sentikit.commands.component_options import component_option
from sentikit.commands.model_options import ModelOptions, model_options
from sentikit.commands.photo_folder import NamedPath, allow_outside_option
from sentikit.commands.table_output import output_options, warn

if TYPE_CHECKING:
    from sentikit import AttendingCaptioner, Caption, Combiner, ImageBatch, ImageFailure, Ontology, Tag, Tagger
    from sentikit.commands.app import App
    from sentikit.images import ImageRef
    from sentikit.pipelines.image_models import Named
    from sentikit.pipelines.run_models import RunSettings


class ModelNames(NamedTuple):
    """What the user named; None for the pack's own, and for no combiner."""

    captioner: str | None
    tagger: str | None
    combiner: str | None = None


def study_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the captions, the photographs, the models and the output."""
    options: list[Callable[..., Any]] = [
        click.argument("captions", type=NamedPath(dir_okay=False)),
        click.option("--images", type=NamedPath(), help="Folder of the photographs.  [default: near CAPTIONS]"),
        allow_outside_option,
        click.option("--limit", type=click.IntRange(1), metavar="N", help="Use only the first N photographs."),
        click.option(
            "--captioner", metavar="NAME|PACK", help="Captioner, or a pack that has one.  [default: the pack's]"
        ),
        click.option("--tagger", metavar="NAME|PACK", help="Tagger, or a pack that has one.  [default: the pack's]"),
        click.option(
            "--bootstrap",
            type=click.IntRange(0),
            default=1000,
            show_default=True,
            help="Bootstrap samples for confidence intervals; 0 for none.",
        ),
        click.option("--seed", default=0, show_default=True, help="Seed for the bootstrap."),
        model_options,
        component_option,
        output_options,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def captioned_photos(
    path: Path, images: Path | None, limit: int | None, allow_outside: bool = False
) -> tuple[list[ImageRef], dict[int | str, list[str]]]:
    """The photographs of a COCO file that have captions, and these captions by image."""
    from sentikit.formats.coco import read_captions
    from sentikit.images import find_coco_images, missing_warning

    captions = read_captions(path)
    texts: dict[int | str, list[str]] = {}
    for _, annotation in captions.usable():
        texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
    wanted = [image for image in captions.images.values() if image["id"] in texts]
    photos = find_coco_images(path, wanted, images, allow_outside=allow_outside)
    if missing := missing_warning(path, photos):
        warn(missing)
    return photos.refs[:limit], texts


class ReadText(NamedTuple):
    """A text that the captioner read beside its photograph.

    tags: all of the tagger's for the photograph, best first. batch: the tagger's batch of this photograph alone.
    """

    image: ImageRef
    caption: Caption
    tags: list[Tag]
    batch: ImageBatch


@dataclass(frozen=True)
class StudyModels:
    """The models and how they run. ontology: that of the tagger's pack."""

    captioner: Named[AttendingCaptioner]
    tagger: Named[Tagger]
    combiner: Named[Combiner] | None
    ontology: Ontology | None
    settings: RunSettings

    def read(self, rows: Sequence[tuple[ImageRef, str]]) -> Iterator[ReadText]:
        """Each text with its photograph, photograph by photograph. Raises SentikitError if a model fails."""
        from sentikit.commands.progress import progress_bar
        from sentikit.pipelines.checks import checked_attended
        from sentikit.pipelines.run_models import attribute_errors, run_models
        from sentikit.pipelines.tag import tag_batch

        texts: dict[int | str, list[str]] = {}
        refs = {}
        for ref, text in rows:
            texts.setdefault(ref.image_id, []).append(text)
            refs[ref.image_id] = ref

        def work(batches: list[ImageBatch]) -> list[tuple[ImageBatch, ImageBatch, list[Tag]] | ImageFailure]:
            tagged = tag_batch(self.tagger, batches[1], sys.maxsize, self.settings)
            return [
                (batches[0].single(index), batches[1].single(index), tags) if isinstance(tags, list) else tags
                for index, tags in enumerate(tagged)
            ]

        outcomes = run_models(list(refs.values()), [self.captioner.model, self.tagger.model], work, self.settings)
        with progress_bar("images", len(refs)) as advance:
            for outcome in outcomes:
                for failure in outcome.failures:
                    warn(str(failure))
                for ref, (ours, theirs, tags) in zip(outcome.refs, outcome.results, strict=True):
                    for text in texts[ref.image_id]:
                        with attribute_errors(self.captioner.label, self.settings):
                            answer = self.captioner.model.attend(ours, [text])
                        (caption,) = checked_attended(self.captioner.label, answer, [text])
                        yield ReadText(ref, caption, tags, theirs)
                advance(len(outcome))


def open_models(app: App, names: ModelNames, component_options: Sequence[str], models: ModelOptions) -> StudyModels:
    """Raises SentikitError if a model is not there or does not fit the study."""
    from sentikit import AttendingCaptioner
    from sentikit.pipelines.caption_choice import choose_combiner
    from sentikit.pipelines.combining import check_combiner
    from sentikit.pipelines.image_models import Named
    from sentikit.pipelines.model_choice import ModelChooser
    from sentikit.plugin.assigning import assign_options
    from sentikit.plugin.kinds import CAPTIONER, TAGGER, Component

    chooser = ModelChooser(app.plugins, models.pack)
    captioning = chooser.choose(CAPTIONER, names.captioner)
    tagging = chooser.choose_all(TAGGER, names.tagger, "caption")[0]  # maps are those of one model
    combining = choose_combiner(app.plugins, names.combiner) if names.combiner else None
    if names.combiner and combining is None:
        raise UsageError(
            f"The combiner {names.combiner!r} puts an adjective nowhere: name another one with --combiner."
        )
    combiners = [combining.component] if combining else []
    components: list[Component[Any]] = [captioning.component, tagging.component, *combiners]
    options = assign_options(component_options, components)
    settings = models.run_settings()
    captioner = captioning.create(options[captioning.component])
    if not isinstance(captioner.model, AttendingCaptioner):
        raise UsageError(
            f"The captioner {captioning.component.name!r} does not say where it looks for a given text: choose "
            "another one with --captioner."
        )
    tagger = tagging.create(options[tagging.component])
    combiner = combining.create(options) if combining else None
    if combiner:
        if combiner.model.scorer == "prior":
            raise UsageError(f"{combiner.label} goes by counts: it is the baseline P(adjective | noun).")
        check_combiner(combiner, tagger, None)
    ontology = tagging.pack.ontology() if tagging.pack else None
    return StudyModels(Named(captioner.label, captioner.model), tagger, combiner, ontology, settings)
