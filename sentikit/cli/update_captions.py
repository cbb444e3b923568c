"""`sentikit update-captions`: put adjectives into the captions of a COCO file."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..errors import SentikitError, UsageError
from ..pipelines.model_choice import ModelChooser
from .component_options import assign_options, component_option
from .filter_options import filter_options
from .model_options import ModelOptions, model_options
from .tag_dataset import tag_dataset, tags_path
from .tagger_choice import choose_tagger, tagger_option

if TYPE_CHECKING:
    from ..formats.coco import CocoCaptions, ImageId
    from ..pipelines.tag_filter import TagFilter
    from ..pipelines.update import CaptionedImages, ShardResult, UpdateStatistics
    from . import App

_OR_TAGS = ", or give the photographs' tags with --tags FILE"


@click.command("update-captions")
@click.argument("coco", type=click.Path(path_type=Path))
@click.option(
    "--tags",
    type=click.Path(path_type=Path),
    help="The images' tags, as `sentikit tag` writes them. [default: the photographs are found and tagged]",
)
@click.option("--images", type=click.Path(path_type=Path), help="The folder of the photographs to tag.")
@tagger_option("What tags them")
@click.option("--rewriter", default="spacy-lemma", show_default=True, help="How the adjectives get in.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="By default COCO.sentikit.json, beside the input."
)
@click.option("--max-edits", type=click.IntRange(0), help="At most so many a caption. [default: the rewriter's own]")
@filter_options
@model_options
@component_option
@click.option(
    "--failures", type=click.Path(path_type=Path), help="Write which photographs failed, and why, as JSON lines."
)
@click.option("--stats", type=click.Path(path_type=Path), help="Also write the statistics, as JSON.")
@click.option("--show", type=click.IntRange(0), default=0, metavar="N", help="Print the first N captions that changed.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--strict", is_flag=True, help="Stop at the first problem of an input file.")
@click.option("--force", is_flag=True, help="Replace output files that exist, and tags that a run made in another way.")
@click.pass_obj
def update_captions(
    app: App,
    coco: Path,
    tags: Path | None,
    images: Path | None,
    tagger: str | None,
    rewriter: str,
    output: Path | None,
    max_edits: int | None,
    tag_filter: TagFilter,
    models: ModelOptions,
    component_options: Sequence[str],
    failures: Path | None,
    stats: Path | None,
    show: int,
    jobs: int,
    strict: bool,
    force: bool,
) -> None:
    """Put adjectives into the captions of a COCO captions file.

    The adjectives come from the photographs: with --tags they are tagged already, without it they are found beside the
    file, in images/ or in the split's folder, and tagged first. A run that was interrupted goes on where it stopped.

    The file itself is left as it is: a new one has the updated captions, with everything else unchanged. Every update
    can be undone with `sentikit restore-captions`.
    """
    from ..formats.coco import read_captions, write_document
    from ..io.files import atomic_write, check_outputs, updated_path
    from ..io.messages import count
    from ..pipelines.update import RewriterChoice, UpdateStatistics, rewrite_dataset

    gc.disable()  # millions of objects are made and none in circles: collecting would look at them all, over and over
    if tags and (images or tagger or failures):
        raise UsageError(
            "--tags are of photographs that were tagged already: leave --images, --tagger and --failures out."
        )
    if tags:
        _warn_unused(("pack", "device", "batch_size", "workers"))
    if max_edits == 0:
        raise UsageError("--max-edits 0 lets no caption be updated: give 1 or more, or leave it out.")
    component = app.plugins.get("rewriter", rewriter)
    choice = None if tags else choose_tagger(ModelChooser(app.plugins, models.pack, _OR_TAGS), tagger)
    options = assign_options(component_options, [component, *(choice.components if choice else [])])
    output = output or updated_path(coco)
    tags = tags or tags_path(coco, output)
    inputs = [coco] if choice else [coco, tags]
    outputs = [(output, force), (stats, force), (failures, True), (tags if choice else None, True)]
    check_outputs(outputs, inputs=inputs)

    captions = read_captions(coco, strict=strict)
    _warn(captions.warnings())
    if choice:
        settings = models.run_settings()
        gc.enable()  # models may well make circles
        tag_dataset(captions, images, tags, choice, options, tag_filter.top_k, settings, strict, failures, force)
        gc.disable()
        tag_filter = choice.with_ontology(tag_filter)
    captioned, untagged = _captioned(captions, tags, tag_filter, strict)
    rewriting = RewriterChoice(rewriter, options[component], app.plugins_dir)
    statistics = UpdateStatistics(images=len(captions.images), captions=len(captions.bad), skipped=len(captions.bad))
    shown = _rewrite(
        captions, rewrite_dataset(captioned, rewriting, max_edits, jobs), captioned.order, statistics, show
    )
    if choice:  # what has no tags, then, has no photograph that could be tagged
        statistics.fail(_count_left(captions, untagged))
    if not statistics.updated:
        raise SentikitError(
            f"Not one of the {count(statistics.captions, 'caption')} was updated, and nothing was written: no tag that "
            "passes the filters has its noun in a caption of its image."
        )
    captions.document["sentikit"] = _settings(rewriter, options[component], tags, tag_filter, max_edits)
    write_document(output, captions.document, force=force, inputs=[coco, tags])
    if stats:
        import json

        with atomic_write(stats, force=force, inputs=[coco, tags]) as handle:
            handle.write(json.dumps(statistics.to_json(), indent=1) + "\n")
    _print(statistics, shown)
    click.echo(f"Wrote {output}.", err=True)
    app.kept.append(captions)


def _captioned(
    captions: CocoCaptions, tags: Path, tag_filter: TagFilter, strict: bool
) -> tuple[CaptionedImages, set[ImageId]]:
    """The images that have captions, with their tags; and the ids of those that have none in the tag file."""
    from ..formats.tags import match_tags, read_tags
    from ..pipelines.update import CaptionedImages

    tag_file = read_tags(tags, strict=strict)
    tag_filter.check(tag_file)
    _warn(tag_file.warnings())
    matched = match_tags(captions.images, tag_file)
    _warn(matched.warnings())
    captioned = CaptionedImages(captions.images, captions.usable_annotations(), matched.tags, tag_filter)
    return captioned, set(matched.untagged)


def _rewrite(
    captions: CocoCaptions,
    results: Iterable[ShardResult],
    order: Sequence[int],
    statistics: UpdateStatistics,
    show: int,
) -> list[tuple[str, str]]:
    """Put the rewrites into the document and count them; the first `show` captions that changed, before and after."""
    from itertools import islice

    from ..formats.coco import mark_updated
    from ..io.progress import progress_bar

    annotations = captions.usable_annotations()
    places = iter(order)
    shown: list[tuple[str, str]] = []
    with progress_bar("captions", len(annotations)) as advance:
        for result in results:
            statistics.add(result)
            own = list(islice(places, result.captions))
            for place, rewrite in result.rewrites.items():
                annotation = annotations[own[place]]
                if len(shown) < show:
                    shown.append((annotation["caption"], rewrite.text))
                mark_updated(annotation, rewrite)
            advance(result.captions)
    return shown


def _count_left(captions: CocoCaptions, images: set[ImageId]) -> int:
    """How many captions of `images` were not updated."""
    from ..formats.coco import KEY

    return sum(annotation["image_id"] in images and KEY not in annotation for _, annotation in captions.usable())


def _settings(
    rewriter: str, options: dict[str, str], tags: Path, tag_filter: TagFilter, max_edits: int | None
) -> dict[str, Any]:
    """What the updated file says of the run. Nothing of the day or the machine: same input, same bytes."""
    from importlib.metadata import version

    return {
        "version": version("sentikit-captions"),
        "rewriter": rewriter,
        "options": options,
        "tags": tags.name,
        "filter": tag_filter.to_json(),
        "max_edits": max_edits,
    }


def _warn_unused(names: Sequence[str]) -> None:
    """Name the options that the user typed for nothing, as the photographs are tagged already."""
    from ..io.messages import verb_for

    said = click.get_current_context().get_parameter_source
    unused = [f"--{name.replace('_', '-')}" for name in names if said(name) == ParameterSource.COMMANDLINE]
    if unused:
        _warn([f"With --tags no model runs, so {' and '.join(unused)} {verb_for(len(unused), 'is', 'are')} not used."])


def _warn(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        click.echo(f"Warning: {sentence}", err=True)


def _print(statistics: UpdateStatistics, shown: Sequence[tuple[str, str]]) -> None:
    """The changed captions asked for, and the paper's Table 2 for this file."""
    for before, after in shown:
        click.echo(f"- {before}\n+ {after}\n")
    counts = statistics
    share = 100 / counts.captions
    rows = [
        ("images", f"{counts.images:,}"),
        ("captions", f"{counts.captions:,}"),
        ("  updated", f"{counts.updated:,} ({counts.updated * share:.1f} %)"),
        ("  unchanged", f"{counts.unchanged:,}"),
        ("  failed (no readable photograph)", f"{counts.failed:,}"),
        ("  skipped (bad entries)", f"{counts.skipped:,}"),
        ("edits", f"{counts.edits:,}"),
        ("edits per caption", f"{counts.edits / counts.captions:.3f}"),
        (
            "captions still without an adjective",
            f"{counts.without_adjective:,} ({counts.without_adjective * share:.1f} %)",
        ),
        ("distinct ANPs put in", f"{len(counts.anps):,}"),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {value:>}")
    common = sorted(counts.anps.items(), key=lambda item: (-item[1], item[0]))[:10]
    click.echo("commonest ANPs: " + ", ".join(f"{anp} ({count:,})" for anp, count in common))


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(update_captions)
