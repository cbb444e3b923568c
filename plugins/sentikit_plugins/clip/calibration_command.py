"""`sentikit train clip-calibration`: background statistics and coefficients for the tagger."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentikit.commands.component_options import component_option
from sentikit.commands.model_options import ModelOptions, model_options
from sentikit.commands.output import print_line, warn
from sentikit.commands.photo_folder import NamedPath, allow_outside_option
from sentikit.commands.recipes import recipe_step

if TYPE_CHECKING:
    from sentikit import ANP, ImageBatch, ImageFailure
    from sentikit.commands.app import App
    from sentikit.images import ImageRef

    from .fitting import Fitted, SeenPhoto
    from .tagger import ClipTagger, PairList


@recipe_step
@click.command("clip-calibration")
@click.argument("captions", type=NamedPath())
@click.option("--images", type=NamedPath(), help="Folder of the photographs.  [default: near CAPTIONS]")
@allow_outside_option
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Use only the first N photographs.")
@click.option(
    "--shrinkage",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Number of background photographs with which a pair is shrunk halfway towards its adjective.",
)
@click.option("--seed", default=0, show_default=True, help="Seed for sampling untrue pairs.")
@click.option("-o", "--output", type=NamedPath(), required=True, help="File for the calibration.")
@click.option("--force", is_flag=True, help="Replace an existing output file.")
@model_options
@component_option
@click.pass_obj
def clip_calibration(
    app: App,
    captions: Path,
    images: Path | None,
    allow_outside: bool,
    limit: int | None,
    shrinkage: float,
    seed: int,
    output: Path,
    force: bool,
    models: ModelOptions,
    component_options: tuple[str, ...],
) -> int:
    """Calibrate the tagger 'clip' on captioned photographs.

    CAPTIONS is a COCO captions file. Its nouns tell which photographs are the background of which pairs, and the
    adjectives that it states are the labels. -O sets the tagger's options: -O model, -O pretrained, -O ontology.
    """
    from sentikit import UsageError
    from sentikit.io.files import check_outputs
    from sentikit.plugin.assigning import assign_options
    from sentikit.plugin.kinds import TAGGER

    from .calibration import Calibration
    from .fitting import fit
    from .tagger import ClipTagger

    check_outputs([(output, force)], inputs=[captions])
    component = app.plugins.get(TAGGER, "clip")
    options = assign_options(component_options, [component])[component]
    if "calibration" in options:
        raise UsageError("A calibration is made from scratch: leave out -O calibration.")
    if models.pack is not None and "ontology" not in options:
        raise UsageError("The tagger 'clip' takes its pairs from a file: give -O ontology=FILE instead of --pack.")
    refs, texts = _captioned(captions, images, limit, allow_outside)
    tagger = component.create(options)
    assert isinstance(tagger, ClipTagger)
    photos = _see(tagger, refs, texts, models)
    if not photos:
        raise UsageError(f"None of the photographs of {captions} could be read.")
    fitted = fit(tagger.known, tagger.texts, photos, shrinkage, seed)
    clip = tagger.clip
    Calibration(
        clip.weights_hash, tagger.templates, str(clip.preprocessing["resize_mode"]), tagger.known.anps,
        tagger.known.nouns, fitted.of_anps, fitted.of_nouns, fitted.by, shrinkage, fitted.report,
    ).write(output, force=force)  # fmt: skip
    _report(fitted, output)
    return 0


def _captioned(
    path: Path, images: Path | None, limit: int | None, allow_outside: bool
) -> tuple[list[ImageRef], dict[int | str, list[str]]]:
    """The photographs that have captions, and these by image."""
    from sentikit.formats.coco import read_captions
    from sentikit.images import find_coco_images, missing_warning

    coco = read_captions(path)
    texts: dict[int | str, list[str]] = {}
    for _, annotation in coco.usable():
        texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
    wanted = [image for image in coco.images.values() if image["id"] in texts]
    photos = find_coco_images(path, wanted, images, allow_outside=allow_outside)
    if missing := missing_warning(path, photos):
        warn(missing)
    return photos.refs[:limit], texts


def _see(
    tagger: ClipTagger, refs: list[ImageRef], texts: dict[int | str, list[str]], models: ModelOptions
) -> list[SeenPhoto]:
    """The vectors of the photographs, with what their captions say."""
    from sentikit.commands.progress import progress_bar
    from sentikit.pipelines.run_models import run_models

    from .fitting import SeenPhoto

    said = _said(tagger.known, refs, texts)

    def work(batches: list[ImageBatch]) -> list[tuple[Any, dict[int, Any]] | ImageFailure]:
        batch = batches[0]
        return [
            (batch.encoded[row, 0].float().cpu(), {
                noun: vector.cpu() for noun, vector in tagger.box_vectors(batch, row).items()
            })
            for row in range(len(batch))
        ]  # fmt: skip

    seen: list[SeenPhoto] = []
    with progress_bar("images", len(refs)) as advance:
        for outcome in run_models(refs, [tagger], work, models.run_settings()):
            for failure in outcome.failures:
                warn(str(failure))
            for ref, (vector, boxes) in zip(outcome.refs, outcome.results, strict=True):
                seen.append(SeenPhoto(vector, boxes, *said[ref.image_id]))
            advance(len(outcome))
    return seen


def _said(
    known: PairList, refs: list[ImageRef], texts: dict[int | str, list[str]]
) -> dict[int | str, tuple[frozenset[int], frozenset[ANP]]]:
    """For each photograph, the numbers of the nouns that its captions name, and the known pairs that they state."""
    from sentikit.english.noun_phrases import NounFinder
    from sentikit.english.stated import StatedANPs

    adjectives = {anp.adjective for anp in known.anps}
    rows = [(ref.image_id, text) for ref in refs for text in texts[ref.image_id]]
    stated = StatedANPs(adjectives.__contains__)
    found: dict[int | str, tuple[set[int], set[ANP]]] = {ref.image_id: (set(), set()) for ref in refs}
    for (image, text), phrases in zip(rows, NounFinder().find((text, None) for _, text in rows), strict=True):
        nouns, anps = found[image]
        nouns.update(known.noun_index[phrase.lemma] for phrase in phrases if phrase.lemma in known.noun_index)
        anps.update(anp for anp in stated.said(text, phrases) if anp in known.index)
    return {image: (frozenset(nouns), frozenset(anps)) for image, (nouns, anps) in found.items()}


def _report(fitted: Fitted, output: Path) -> None:
    report = fitted.report
    print_line(
        f"{report['photographs']:,} background photographs, {report['pairs_seen']:,} pairs whose noun was seen, "
        f"{report['true_pairs']:,} pairs stated. Wrote {output}."
    )
    if fitted.by is None:
        warn("There are too few stated pairs to fit coefficients; tags keep scores that are not probabilities.")
        return
    print_line("  ".join(f"{name} {value:.4g}" for name, value in asdict(fitted.by).items()))
    with_, without = report["held_out_nll"], report["held_out_nll_without_photograph"]
    print_line(f"Held-out nll per pair: {with_:.5f}; without the photograph: {without:.5f}.")
    if with_ >= without:
        warn("The photographs did not help to tell which pairs are stated: this model's scores are of no use here.")
