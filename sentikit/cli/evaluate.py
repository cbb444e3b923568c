"""`sentikit evaluate`: captions against references, taggers against truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..commands.component_options import component_option
from ..commands.format_options import format_options
from ..commands.output import hold, warn
from ..commands.photo_folder import NamedPath, allow_outside_option
from ..commands.recipes import recipe_step
from ..commands.table_output import emit, output_options
from ..errors import SentikitError
from ..io.messages import verb_for
from ..plugin.assigning import assign_options
from ..plugin.commands import ExtensibleGroup
from ..plugin.kinds import METRIC, reason
from .caption_report import caption_report
from .photo_metrics import PhotoOptions, described_metrics, evaluate_photographs

if TYPE_CHECKING:
    from ..anp import Tag
    from ..commands.app import App
    from ..evaluation.tables import Table
    from ..formats.coco import ImageId
    from ..pipelines.caption_files import FormatChoice
    from ..plugin.interfaces import Metric

FILE = NamedPath(dir_okay=False)


def add_to(cli: click.Group) -> None:
    """Add `evaluate`."""
    cli.add_command(evaluate)


@click.group(cls=ExtensibleGroup)
def evaluate() -> None:
    """Evaluate captions and taggers."""


@recipe_step
@evaluate.command()
@click.argument("results", type=FILE)
@click.argument("references", type=FILE)
@click.option("--metric", "names", multiple=True, metavar="NAME", help="Compute only this metric; repeatable.")
@format_options
@click.option("--references-format", metavar="NAME", help="Format of REFERENCES.  [default: guessed]")
@click.option(
    "--images", type=NamedPath(), help="Folder of the photographs, for metrics that see them, such as 'clipscore'."
)
@allow_outside_option
@click.option(
    "--bootstrap",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Bootstrap samples for confidence intervals; 0 for none.",
)
@click.option("--seed", default=0, show_default=True, help="Seed for the bootstrap and the wrong photographs.")
@click.option("--device", default="auto", show_default=True, help="Device: auto, cpu, cuda, cuda:1 or mps.")
@click.option("--batch-size", type=click.IntRange(1), default=16, show_default=True, help="Photographs per batch.")
@component_option
@output_options
@click.pass_obj
def captions(
    app: App,
    results: Path,
    references: Path,
    form: FormatChoice,
    references_format: str | None,
    names: tuple[str, ...],
    images: Path | None,
    allow_outside: bool,
    bootstrap: int,
    seed: int,
    device: str,
    batch_size: int,
    component_options: tuple[str, ...],
    style: str | None,
    output: Path | None,
    force: bool,
) -> int:
    """Evaluate captions against references.

    The COCO caption metrics are computed, and metrics of sentiment; with --images also those that see the photographs,
    each beside its score with wrong photographs. Intervals are 95 %. RESULTS is a file with one caption per image in
    any format that 'sentikit formats' lists, the output of 'sentikit update-captions', or the JSON lines of 'sentikit
    caption'. The last two also hold the plain captions, which are scored too. REFERENCES is a file with captions of any
    format, such as COCO captions; images without a caption in RESULTS are skipped.
    """
    from ..evaluation.caption_files import predictions_of, references_of
    from ..evaluation.ids import check_known
    from ..evaluation.image_metrics import Sampling
    from ..io.files import check_outputs
    from ..pipelines.caption_files import FormatChoice
    from ..plugin.interfaces import ImageMetric

    components = [app.plugins.get(METRIC, name) for name in dict.fromkeys(names or app.plugins.names(METRIC))]
    options = assign_options(component_options, components)
    check_outputs([(output, force)], inputs=[results, references])
    hold(output)
    human = references_of(app.plugins, references, FormatChoice(references_format), warn)
    predictions, truth = predictions_of(app.plugins, results, form, human, warn), human.captions
    check_known(results, predictions.keys(), references, truth.keys())
    if len(predictions) < len(truth):
        warn(
            f"{len(truth) - len(predictions):,} of the {len(truth):,} images of {references} "
            f"{verb_for(len(truth) - len(predictions), 'has', 'have')} no caption in "
            f"{results}; the scores are those of the other {len(predictions):,}."
        )
    metrics: dict[str, Metric] = {}
    not_made: dict[str, str] = {}
    for component in components:
        try:
            metrics[component.name] = component.create(options[component])
        except SentikitError as error:
            not_made[component.name] = reason(error)
    sampling = Sampling(bootstrap, seed)
    seeing = {name: metric for name, metric in metrics.items() if isinstance(metric, ImageMetric)}
    reading = {name: metric for name, metric in metrics.items() if name not in seeing or (names and images is None)}
    document: dict[str, Any] = {"results": str(results), "references": str(references)}
    tables: list[Table] = []
    computed = False
    if reading or not_made or images is None:
        report = caption_report(results, predictions, truth, reading, not_made, sampling)
        tables, computed = report.tables, report.computed
        document |= report.document
    if images is not None:
        photos = PhotoOptions(references, images, allow_outside, device, batch_size)
        seen = evaluate_photographs(predictions, truth, seeing, photos, sampling)
        tables = [*tables, seen.table()]
        document["photographs"] = seen.document()
        computed = computed or bool(seen.columns)
    used = {*reading, *(seeing if images is not None else ())}
    document["metrics"] = described_metrics([one for one in components if one.name in used], options)
    emit(tables, document, style, output, force, [results, references])
    return 0 if computed else 1


@recipe_step
@evaluate.command()
@click.option("--tags", type=FILE, required=True, help="Tag file to evaluate, as 'sentikit tag' writes it.")
@click.option("--truth", type=FILE, required=True, help="Tag file with the true tags.")
@click.option("--train", type=FILE, help="Tag file with the true tags of the training images, for the baselines.")
@click.option("--ontology", type=FILE, help="Rank only the ANPs in this ontology.")
@click.option(
    "--captions",
    type=FILE,
    help="COCO captions of the images. Their nouns are needed for the AUC of adjectives among photographs of a noun.",
)
@click.option(
    "-k",
    "ks",
    type=click.IntRange(1),
    multiple=True,
    default=(1, 5, 10, 20),
    show_default=True,
    help="Rank for recall and hit rate; repeatable.",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Bootstrap samples for confidence intervals; 0 for none.",
)
@click.option("--seed", default=0, show_default=True, help="Seed for the bootstrap.")
@output_options
def tagger(
    tags: Path,
    truth: Path,
    train: Path | None,
    ontology: Path | None,
    captions: Path | None,
    ks: tuple[int, ...],
    bootstrap: int,
    seed: int,
    style: str | None,
    output: Path | None,
    force: bool,
) -> int:
    """Evaluate a tagger against true tags.

    Only images with a true adjective-noun pair count. With --train, the tagger is compared with baselines that see
    nothing of the image, or only its nouns. Some metrics need complete rankings, from 'sentikit tag --top-k 0'.
    """
    from ..affect.adjective_counts import AdjectiveCounts
    from ..affect.ontology import read_ontology
    from ..evaluation.anp_scores import scores_of_tags
    from ..evaluation.ids import common_ids
    from ..evaluation.tagger import evaluate_tagger_scores, report_document, report_tables
    from ..io.files import check_outputs
    from ..io.messages import verb_for

    inputs = [path for path in (tags, truth, train, ontology, captions) if path is not None]
    check_outputs([(output, force)], inputs=inputs)
    hold(output)
    said = _tags_by_image(tags)
    stated = {image: {tag.anp for tag in tags_of_image} for image, tags_of_image in _tags_by_image(truth).items()}
    true = {image: anps for image, anps in stated.items() if anps}
    if not true:
        raise SentikitError(f"{truth} has no image with an adjective-noun pair: there is nothing to measure against.")
    images = common_ids(truth, true, tags, said)
    if len(images) < len(true):
        warn(
            f"{len(true) - len(images):,} of the {len(true):,} images of {truth} "
            f"{verb_for(len(true) - len(images), 'is', 'are')} not in {tags}; the figures are "
            f"those of the other {len(images):,}."
        )
    only = read_ontology(ontology) if ontology else None
    counts = None
    if train is not None:
        counts = AdjectiveCounts.of_images([tag.anp for tag in row] for row in _tags_by_image(train).values())
    of_nouns = None
    if captions is not None:
        held = _nouns_of(captions)
        looked_at = [image for image in said if image in held]
        of_nouns = scores_of_tags(
            [said[image] for image in looked_at],
            [stated.get(image, set()) for image in looked_at],
            only=only,
            nouns=[held[image] for image in looked_at],
            untrue=True,
        )
    report = evaluate_tagger_scores(
        scores_of_tags([said[image] for image in images], [true[image] for image in images], counts or (), only=only),
        counts,
        of_nouns=of_nouns,
        ks=sorted(set(ks)),
        samples=bootstrap,
        seed=seed,
    )
    document = {"tags": str(tags), "truth": str(truth), "train": train and str(train), **report_document(report)}
    emit(report_tables(report), document, style, output, force, inputs)
    return 0


def _nouns_of(path: Path) -> dict[ImageId, set[str]]:
    """The nouns of each image's captions, in the singular."""
    from ..english.noun_phrases import NounFinder
    from ..formats.coco import read_captions

    coco = read_captions(path)
    rows = [(annotation["image_id"], annotation["caption"]) for _, annotation in coco.usable()]
    nouns: dict[ImageId, set[str]] = {}
    for (image, _), phrases in zip(rows, NounFinder().find((text, None) for _, text in rows), strict=True):
        nouns.setdefault(image, set()).update(phrase.lemma for phrase in phrases)
    return nouns


def _tags_by_image(path: Path) -> dict[ImageId, list[Tag]]:
    """The tags of a tag file by the images' ids, by their file names where there are no ids."""
    from ..formats.tags import read_tags

    file = read_tags(path)
    for sentence in file.warnings():
        warn(sentence)
    return {image.key: list(file.tags[row]) for row, image in enumerate(file.images)}
