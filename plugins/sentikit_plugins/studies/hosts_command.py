"""`sentikit evaluate hosts`: which noun an adjective belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit import SentikitError
from sentikit.commands.output import hold
from sentikit.commands.recipes import recipe_step
from sentikit.commands.table_output import emit

from .models import ModelNames, captioned_photos, open_models, study_options
from .ontologies import ontology_named

if TYPE_CHECKING:
    from sentikit import Tag
    from sentikit.commands.app import App
    from sentikit.commands.model_options import ModelOptions
    from sentikit.images import ImageRef

    from .adjective_attachment import AttachmentCase
    from .models import ReadText, StudyModels


@recipe_step
@click.command()
@click.option("--combiner", required=True, metavar="NAME", help="Combiner to evaluate.")
@click.option(
    "--prior", metavar="FILE|PACK", help="Ontology whose counts are the baseline.  [default: that of the tagger's pack]"
)
@study_options
@click.pass_obj
def hosts(
    app: App,
    captions: Path,
    images: Path | None,
    allow_outside: bool,
    limit: int | None,
    captioner: str | None,
    tagger: str | None,
    combiner: str,
    prior: str | None,
    bootstrap: int,
    seed: int,
    models: ModelOptions,
    component_options: tuple[str, ...],
    style: str | None,
    output: Path | None,
    force: bool,
) -> int:
    """Evaluate which noun gets a hidden adjective.

    CAPTIONS is a COCO captions file written by people. Captions with one emotional adjective and two or more nouns are
    used if the tagger knows the adjective; it is hidden, and the combiner gets only this adjective. An adjective that
    it puts nowhere counts as not found.
    """
    from sentikit.english.noun_phrases import NounFinder
    from sentikit.io.files import check_outputs

    from . import adjective_attachment as attachment

    check_outputs([(output, force)], inputs=[captions])
    hold(output)
    refs, texts = captioned_photos(captions, images, limit, allow_outside)
    chosen = open_models(app, ModelNames(captioner, tagger, combiner), component_options, models)
    ontology = ontology_named(app, prior) if prior is not None else chosen.ontology
    by_id = {ref.image_id: ref for ref in refs}
    pairs = [(ref.image_id, text) for ref in refs for text in texts[ref.image_id]]
    found = [(by_id[case.image], case) for case in attachment.attachment_cases(pairs, NounFinder())]
    systems: dict[str, list[Sequence[float]]] = {combiner: []}
    cases: list[AttachmentCase] = []
    traps: list[bool] = []
    for case, host, tags in _chosen_hosts(chosen, found):
        cases.append(case)
        systems[combiner].append([float(index == host) for index in range(len(case.phrases))])
        known = {tag.noun for tag in tags if tag.adjective == case.adjective}
        traps.append(not known.isdisjoint(case.compounds))
    if not cases:
        raise SentikitError(
            f"{captions} has no caption with two nouns and one emotional adjective that the tagger knows: "
            "there is nothing to hide."
        )
    systems["first noun"] = [attachment.first_noun(case) for case in cases]
    systems["chance"] = [attachment.chance(case) for case in cases]
    if ontology:
        rule = attachment.prior(ontology)
        systems["P(adjective | noun)"] = [rule(case) for case in cases]
    groups = {
        "all": [True] * len(cases),
        "with a compound": [bool(case.compounds) for case in cases],
        "the adjective is known of a compound's first noun": traps,
    }
    report = attachment.evaluate_attachment(cases, systems, groups, bootstrap, seed)
    document = {
        "captions": str(captions),
        "combiner": combiner,
        "candidates": len(found),
        "cases": report.cases,
        "figures": {
            group: {
                # The same name whatever the combiner, so that files of several can be read alike.
                "combiner" if system == combiner else system: {
                    name: figure._asdict() for name, figure in figures.items()
                }
                for system, figures in rows.items()
            }
            for group, rows in report.figures.items()
        },
    }
    emit(attachment.attachment_tables(report), document, style, output, force, [captions])
    return 0


def _chosen_hosts(
    models: StudyModels, found: Sequence[tuple[ImageRef, AttachmentCase]]
) -> Iterator[tuple[AttachmentCase, int | None, list[Tag]]]:
    """Each case whose adjective the tagger knows, the index of the noun that got it, and the tagger's tags."""
    cases = {(ref.image_id, case.rest): (ref, case) for ref, case in found}
    for read in models.read([(ref, case.rest) for ref, case in cases.values()]):
        _, case = cases[read.image.image_id, read.caption.text]
        if any(tag.adjective == case.adjective for tag in read.tags):
            yield case, _chosen_host(models, case, read), read.tags


def _chosen_host(models: StudyModels, case: AttachmentCase, read: ReadText) -> int | None:
    """The index of the noun that the combiner puts the hidden adjective on. Raises SentikitError if it fails."""
    from sentikit import CombinerItem, ScoringTagger
    from sentikit.pipelines.checks import CheckedScorer
    from sentikit.pipelines.combining import combine_batch
    from sentikit.pipelines.run_models import attribute_errors

    from .adjective_attachment import OnlyAdjectives, chosen_host, only_adjective

    assert models.combiner is not None
    scorer = None
    tagger = models.tagger.model
    if models.combiner.model.scorer == "tagger" and isinstance(tagger, ScoringTagger):
        with attribute_errors(f"{models.tagger.label}'s scorer", models.settings):
            known = CheckedScorer(models.tagger.label, tagger.scorer(read.batch))
        scorer = OnlyAdjectives(known, [case.adjective])
    item = CombinerItem(read.caption, only_adjective(read.tags, case.adjective), read.batch.photos[0])
    (rewrite,) = combine_batch(models.combiner, [item], scorer, 1, models.settings)
    return chosen_host(case, rewrite)
