"""`sentikit update-captions`: put adjectives into the captions of a COCO file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..commands.component_options import component_option
from ..commands.default_options import DefaultComponentOption
from ..commands.filter_options import filter_options, language_option, tagger_option
from ..commands.model_options import ModelOptions, model_options
from ..commands.output import print_line, say, warn
from ..commands.photo_folder import NamedPath, allow_outside_option
from ..commands.progress import progress_bar
from ..commands.recipes import recipe_step
from ..errors import UsageError
from .photo_run import check_failures, counted

if TYPE_CHECKING:
    from ..commands.app import App
    from ..pipelines.jobs.update import Updated
    from ..pipelines.tag_filter import TagFilter

_OR_TAGS = ", or give the photographs' tags with --tags FILE"


@recipe_step
@click.command("update-captions")
@click.argument("coco", type=click.Path(path_type=Path))
@click.option(
    "--tags",
    type=click.Path(path_type=Path),
    help="Tag file of the images, as 'sentikit tag' writes it.  [default: find and tag the photographs]",
)
@click.option("--images", type=NamedPath(), help="Folder of the photographs to tag.")
@allow_outside_option
@tagger_option
@click.option("--rewriter", cls=DefaultComponentOption, show_default=True, help="Rewriter that inserts the adjectives.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Output file.  [default: COCO.sentikit.json, beside the input]",
)
@click.option("--max-edits", type=click.IntRange(0), help="Maximum edits per caption.  [default: the rewriter's own]")
@filter_options
@language_option
@model_options
@component_option
@click.option("--failures", type=click.Path(path_type=Path), help="Write the photographs that failed, as JSON lines.")
@click.option("--stats", type=click.Path(path_type=Path), help="Write the statistics as JSON.")
@click.option("--show", type=click.IntRange(0), default=0, metavar="N", help="Print the first N changed captions.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of processes.")
@click.option("--strict", is_flag=True, help="Stop at the first problem in an input file.")
@click.option("--force", is_flag=True, help="Replace existing output files, and tags made with other settings.")
@click.pass_obj
def update_captions(
    app: App,
    coco: Path,
    tags: Path | None,
    images: Path | None,
    allow_outside: bool,
    tagger: str | None,
    rewriter: str,
    output: Path | None,
    max_edits: int | None,
    tag_filter: TagFilter,
    language: str,
    models: ModelOptions,
    component_options: Sequence[str],
    failures: Path | None,
    stats: Path | None,
    show: int,
    jobs: int,
    strict: bool,
    force: bool,
) -> None:
    """Insert adjectives into COCO captions.

    The adjectives come from the photographs. With --tags they have been tagged already; otherwise the photographs are
    found beside the file, in images/ or in the split's folder, and tagged first. An interrupted run continues where it
    stopped.

    The input file is left as it is: a new file has the updated captions, with everything else unchanged. Every update
    can be undone with 'sentikit restore-captions'.
    """
    from ..formats.coco import read_captions
    from ..io.files import check_outputs, updated_path
    from ..pipelines.jobs.tag import TagRequest, tag_dataset, tags_path
    from ..pipelines.jobs.update import UpdateRequest, update_dataset
    from ..pipelines.model_choice import ModelChooser
    from ..pipelines.tagger_choice import choose_tagger
    from ..pipelines.update import RewriterChoice
    from ..plugin.assigning import assign_options
    from ..plugin.kinds import REWRITER

    if tags and (images or tagger or failures):
        raise UsageError(
            "--tags are of photographs that were tagged already: leave --images, --tagger and --failures out."
        )
    if tags:
        _warn_unused(("allow_outside", "pack", "device", "batch_size", "workers"))
    if max_edits == 0:
        raise UsageError("--max-edits 0 lets no caption be updated: give 1 or more, or leave it out.")
    component = app.plugins.get(REWRITER, rewriter)
    choice = None if tags else choose_tagger(ModelChooser(app.plugins, models.pack, _OR_TAGS), tagger)
    options = assign_options(component_options, [component, *(choice.components if choice else [])])
    output = output or updated_path(coco)
    tags = tags or tags_path(coco, output)
    inputs = [coco] if choice else [coco, tags]
    outputs = [(output, force), (stats, force), (failures, True), (tags if choice else None, True)]
    check_outputs(outputs, inputs=inputs)
    check_failures(failures)

    captions = read_captions(coco, strict=strict)
    _warn(captions.warnings())
    if choice:
        tagging = TagRequest(choice, options, models.run_settings(), tag_filter.top_k).for_dataset()
        with counted(failures, replace=True, resumable=True) as counts:
            tagged = tag_dataset(
                tagging,
                captions,
                tags,
                counts,
                images=images,
                allow_outside=allow_outside,
                strict=strict,
                force=force,
                progress=progress_bar,
            )
        tagged.check(counts, strict)
        say(f"Tags: {counts.summary()}, in {tags}.")
        tag_filter = choice.with_ontology(tag_filter)
    request = UpdateRequest(
        captions,
        tags,
        RewriterChoice(rewriter, options[component], app.plugins_dirs),
        tag_filter,
        max_edits,
        jobs,
        just_tagged=choice is not None,
        strict=strict,
        language=language,
    )
    updated = update_dataset(request, show, progress_bar)
    updated.write(output, force=force, inputs=[coco, tags])
    if stats:
        updated.write_statistics(stats, force=force, inputs=[coco, tags])
    _print(updated)
    say(f"Wrote {output}.")


def _warn_unused(names: Sequence[str]) -> None:
    """Name the options that the user typed for nothing, as the photographs are tagged already."""
    from ..io.messages import verb_for

    source = click.get_current_context().get_parameter_source
    unused = [f"--{name.replace('_', '-')}" for name in names if source(name) == ParameterSource.COMMANDLINE]
    if unused:
        _warn([f"With --tags no model runs, so {' and '.join(unused)} {verb_for(len(unused), 'is', 'are')} not used."])


def _warn(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        warn(sentence)


def _print(updated: Updated) -> None:
    """The changed captions asked for, and the paper's Table 2 for this file."""
    for before, after in updated.examples:
        print_line(f"- {before}")
        print_line(f"+ {after}")
        print_line()
    counts = updated.statistics
    share = 100 / counts.captions
    rows = [
        ("images", f"{counts.images:,}"),
        ("captions", f"{counts.captions:,}"),
        ("  updated", f"{counts.updated:,} ({counts.updated * share:.1f} %)"),
        ("  unchanged", f"{counts.unchanged:,}"),
        *([("  of these not English", f"{counts.foreign:,}")] if counts.foreign else []),
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
        print_line(f"{name:<{width}}  {value:>}")
    common = sorted(counts.anps.items(), key=lambda item: (-item[1], item[0]))[:10]
    print_line("commonest ANPs: " + ", ".join(f"{anp} ({count:,})" for anp, count in common))


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(update_captions)
