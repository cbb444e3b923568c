"""`sentikit evaluate attention` and `evaluate hosts`: where models look, and what that says of an adjective's noun."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SentikitError, UsageError
from ..pipelines.model_choice import ModelChooser
from ..pipelines.tagger_choice import TaggerChoice
from ..plugin.assigning import assign_options
from ..plugin.kinds import COMBINER
from .component_options import component_option
from .evaluate import FILE, emit, evaluate, output_options, warn
from .evaluate_hidden import ontology_named
from .model_options import ModelOptions, model_options

if TYPE_CHECKING:
    from ..anp import Tag
    from ..caption import Caption
    from ..evaluation.hosts import HostCase
    from ..images import ImageRef
    from ..plugin.interfaces import AttendingCaptioner, Combiner, Tagger
    from . import App


def _shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options: list[Callable[..., Any]] = [
        click.argument("captions", type=FILE),
        click.option("--images", type=click.Path(path_type=Path), help="The photographs. [default: near CAPTIONS]"),
        click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many photographs, in order."),
        click.option("--captioner", metavar="NAME|PACK", help="The captioner. [default: the pack's]"),
        click.option("--tagger", metavar="NAME|PACK", help="The tagger. [default: the pack's]"),
        click.option(
            "--bootstrap",
            type=click.IntRange(0),
            default=1000,
            show_default=True,
            help="Samples for the intervals; 0: none.",
        ),
        click.option("--seed", default=0, show_default=True, help="The bootstrap's."),
        model_options,
        component_option,
        output_options,
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_shared_options
@click.pass_obj
def attention(
    app: App,
    captions: Path,
    images: Path | None,
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
    """Describe where captioner and tagger look, and how far apart, on photographs with captions that people wrote.

    CAPTIONS is a COCO captions file; the captioner reads the first caption of each photograph. Spread and overlap are
    those of an adjective's and its noun's maps: in the tagger's best pair, and in the captions. Distances are of both
    models' maps of a noun, on the same photograph and on another one with that noun.
    """
    from ..english.noun_phrases import NounFinder
    from ..evaluation.looking import Looks, evaluate_looks, look_tables
    from ..io.files import check_outputs

    check_outputs([(output, force)], inputs=[captions])
    refs, texts = _captioned(captions, images, limit)
    run = _Run(app, captioner, tagger, None, component_options, models)
    rows = [(ref, texts[ref.image_id][0]) for ref in refs]
    phrases = dict(
        zip((ref.image_id for ref, _ in rows), NounFinder().find((text, None) for _, text in rows), strict=True)
    )
    looks = Looks()
    for ref, caption, tags, _ in run.through(rows):
        looks.add(caption, phrases[ref.image_id], tags)
    report = evaluate_looks(looks, bootstrap, seed)
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
    emit(look_tables(report), document, style, output, force, [captions])
    return 0


@click.command()
@click.option("--combiner", required=True, metavar="NAME", help="The combiner that says where an adjective goes.")
@click.option(
    "--prior", metavar="FILE|PACK", help="An ontology whose counts are a baseline. [default: that of the tagger's pack]"
)
@_shared_options
@click.pass_obj
def hosts(
    app: App,
    captions: Path,
    images: Path | None,
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
    """Hide the one emotional adjective of captions that people wrote, and see which noun a combiner puts it on.

    CAPTIONS is a COCO captions file. Those with two or more nouns and one such adjective take part, where the tagger
    knows the adjective; the combiner gets that adjective alone. An adjective that it puts nowhere is not found.
    """
    from ..english.noun_phrases import NounFinder
    from ..evaluation import hosts as hidden
    from ..io.files import check_outputs

    check_outputs([(output, force)], inputs=[captions])
    refs, texts = _captioned(captions, images, limit)
    run = _Run(app, captioner, tagger, combiner, component_options, models)
    ontology = ontology_named(app, prior) if prior else run.ontology
    by_id = {ref.image_id: ref for ref in refs}
    pairs = [(ref.image_id, text) for ref in refs for text in texts[ref.image_id]]
    found = [(by_id[case.image], case) for case in hidden.host_cases(pairs, NounFinder())]
    systems: dict[str, list[Sequence[float]]] = {run.combiner_name: []}
    cases: list[HostCase] = []
    traps: list[bool] = []
    for case, chosen, tags in run.host_choices(found):
        cases.append(case)
        systems[run.combiner_name].append([float(place == chosen) for place in range(len(case.phrases))])
        known = {tag.noun for tag in tags if tag.adjective == case.adjective}
        traps.append(not known.isdisjoint(case.compounds))
    if not cases:
        raise SentikitError(
            f"{captions} has no caption with two nouns and one emotional adjective that the tagger knows: "
            "there is nothing to hide."
        )
    systems["first noun"] = [hidden.first_noun(case) for case in cases]
    systems["chance"] = [hidden.chance(case) for case in cases]
    if ontology:
        rule = hidden.prior(ontology)
        systems["P(adjective | noun)"] = [rule(case) for case in cases]
    groups = {
        "all": [True] * len(cases),
        "with a compound": [bool(case.compounds) for case in cases],
        "the adjective is known of a compound's first noun": traps,
    }
    report = hidden.evaluate_hosts(cases, systems, groups, bootstrap, seed)
    document = {
        "captions": str(captions),
        "combiner": run.combiner_name,
        "candidates": len(found),
        "cases": report.cases,
        "figures": {
            group: {
                # The same name whatever the combiner, so that files of several can be read alike.
                "combiner" if system == run.combiner_name else system: {
                    name: figure._asdict() for name, figure in figures.items()
                }
                for system, figures in rows.items()
            }
            for group, rows in report.figures.items()
        },
    }
    emit(hidden.host_tables(report), document, style, output, force, [captions])
    return 0


def _captioned(path: Path, images: Path | None, limit: int | None) -> tuple[list[ImageRef], dict[int | str, list[str]]]:
    """The photographs that have captions, and these."""
    from ..formats.coco import read_captions
    from ..images import find_coco_images, missing_warning

    captions = read_captions(path)
    texts: dict[int | str, list[str]] = {}
    for _, annotation in captions.usable():
        texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
    photos = find_coco_images(path, [image for image in captions.images.values() if image["id"] in texts], images)
    if missing := missing_warning(path, photos):
        warn(missing)
    return photos.refs[:limit], texts


class _Run:
    """The models of a run, and what they say."""

    def __init__(
        self,
        app: App,
        captioner: str | None,
        tagger: str | None,
        combiner: str | None,
        component_options: Sequence[str],
        models: ModelOptions,
    ) -> None:
        from ..pipelines.image_models import check_scorer
        from ..plugin.interfaces import AttendingCaptioner, PriorCombiner

        chooser = ModelChooser(app.plugins, models.pack)
        captioning = chooser.choose("captioner", captioner)
        tagging = TaggerChoice(chooser.choose_all("tagger", tagger, "caption")[:1])  # maps are those of one model
        combining = app.plugins.get(COMBINER, combiner) if combiner else None
        components = [captioning.component, *tagging.components, *([combining] if combining else [])]
        options = assign_options(component_options, components)
        self._settings = models.run_settings()
        self._captioner: AttendingCaptioner = captioning.create(options[captioning.component])
        if not isinstance(self._captioner, AttendingCaptioner):
            raise UsageError(
                f"The captioner {captioning.component.name!r} does not say where it looks for a given text: choose "
                "another one with --captioner."
            )
        self._tagger: Tagger = tagging.create(options)
        self._combiner: Combiner | None = combining.create(options[combining]) if combining else None
        self.combiner_name = combining.name if combining else ""
        if combining and self._combiner:
            if isinstance(self._combiner, PriorCombiner):
                raise UsageError(
                    f"The combiner {combining.name!r} goes by counts: it is the baseline P(adjective | noun)."
                )
            check_scorer(self._combiner, combining.name, self._tagger, tagging.name)
        packs = [member.pack for member in tagging.members if member.pack]
        self.ontology = packs[0].ontology() if packs else None

    def through(self, rows: Sequence[tuple[ImageRef, str]]) -> Iterator[tuple[ImageRef, Caption, list[Tag], Any]]:
        """For each photograph and text: the text with attention, all tags, and the tagger's batch of this one."""
        from ..pipelines.run_models import run_models
        from ..pipelines.tag import tag_batch
        from .progress import progress_bar

        texts: dict[int | str, list[str]] = {}
        refs = {}
        for ref, text in rows:
            texts.setdefault(ref.image_id, []).append(text)
            refs[ref.image_id] = ref

        def work(batches: list[Any]) -> list[tuple[Any, Any, list[Tag]]]:
            tagged = tag_batch(self._tagger, batches[1], sys.maxsize, self._settings)
            singles = [[batch[place : place + 1] for place in range(len(tagged))] for batch in batches]
            return list(zip(*singles, tagged, strict=True))

        outcomes = run_models(list(refs.values()), [self._captioner, self._tagger], work, self._settings)
        with progress_bar("images", len(refs)) as advance:
            for outcome in outcomes:
                for failure in outcome.failures:
                    warn(str(failure))
                for ref, (ours, theirs, tags) in zip(outcome.refs, outcome.results, strict=True):
                    for text in texts[ref.image_id]:
                        yield ref, self._captioner.attend(ours, [text])[0], tags, theirs
                advance(len(outcome))

    def host_choices(
        self, found: Sequence[tuple[ImageRef, HostCase]]
    ) -> Iterator[tuple[HostCase, int | None, list[Tag]]]:
        """Each case whose adjective the tagger knows, the place of the noun that got it, and the tagger's tags."""
        from ..evaluation.hosts import OnlyAdjectives, chosen_host, only_adjective
        from ..pipelines.edits import limit_edits
        from ..plugin.interfaces import ScoringTagger

        assert self._combiner is not None
        cases = {(ref.image_id, case.rest): case for ref, case in found}
        rows = [(ref, case.rest) for ref, case in {(r.image_id, c.rest): (r, c) for r, c in found}.values()]
        for ref, caption, tags, batch in self.through(rows):
            case = cases[ref.image_id, caption.text]
            if not any(tag.adjective == case.adjective for tag in tags):
                continue
            scorer = None
            if self._combiner.needs_scorer and isinstance(self._tagger, ScoringTagger):
                scorer = OnlyAdjectives(self._tagger.scorer(batch), [case.adjective])
            offered = only_adjective(tags, case.adjective)
            (rewrite,) = self._combiner.combine([(caption, offered)], scorer)
            yield case, chosen_host(case, limit_edits(caption.text, rewrite, offered, 1)), tags


def add_to(cli: click.Group) -> None:
    """Add `evaluate attention` and `evaluate hosts`."""
    evaluate.add_command(attention)
    evaluate.add_command(hosts)
