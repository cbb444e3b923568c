"""`sentikit evaluate attention`: where models look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit.commands.output import hold
from sentikit.commands.recipes import recipe_step
from sentikit.commands.table_output import emit

from .models import ModelNames, captioned_photos, open_models, study_options

if TYPE_CHECKING:
    from sentikit.commands.app import App
    from sentikit.commands.model_options import ModelOptions


@recipe_step
@click.command()
@study_options
@click.pass_obj
def attention(
    app: App,
    captions: Path,
    images: Path | None,
    allow_outside: bool,
    limit: int | None,
    captioner: str | None,
    tagger: str | None,
    bootstrap: int,
    seed: int,
    models: ModelOptions,
    component_options: tuple[str, ...],
    style: str | None,
    output: Path | None,
    force: bool,
) -> int:
    """Compare attention of captioner and tagger.

    CAPTIONS is a COCO captions file; the captioner reads the first caption of each photograph. Spread and overlap
    compare the maps of an adjective and its noun, in the tagger's best pair and in the captions. Distances compare both
    models' maps of a noun, on the same photograph and on another one with that noun.
    """
    from sentikit.english.noun_phrases import NounFinder
    from sentikit.io.files import check_outputs

    from .attention_statistics import CollectedMaps, attention_report, attention_tables

    check_outputs([(output, force)], inputs=[captions])
    hold(output)
    refs, texts = captioned_photos(captions, images, limit, allow_outside)
    chosen = open_models(app, ModelNames(captioner, tagger), component_options, models)
    rows = [(ref, texts[ref.image_id][0]) for ref in refs]
    phrases = dict(
        zip((ref.image_id for ref, _ in rows), NounFinder().find((text, None) for _, text in rows), strict=True)
    )
    collected = CollectedMaps()
    for read in chosen.read(rows):
        collected.add(read.caption, phrases[read.image.image_id], read.tags)
    report = attention_report(collected, bootstrap, seed)
    document = {
        "captions": str(captions),
        "photographs": report.photographs,
        "nouns": report.matched,
        "spread": report.spread,
        "distances": {
            name: {label: figure._asdict() for label, figure in figures.items()}
            for name, figures in report.distances.items()
        },
    }
    emit(attention_tables(report), document, style, output, force, [captions])
    return 0
