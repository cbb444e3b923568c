"""`sentikit update-captions`: put adjectives into the captions of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..commands.component_options import component_option
from ..commands.default_options import DefaultComponentOption
from ..commands.filter_options import filter_options, language_option, tagger_option
from ..commands.format_options import existing_options, format_options
from ..commands.model_options import ModelOptions, model_options
from ..commands.output import hold, print_line, say, warn
from ..commands.photo_folder import NamedPath, allow_outside_option
from ..commands.progress import progress_bar
from ..commands.recipes import recipe_step
from ..errors import UsageError
from ..io.messages import name_counts
from .photo_run import check_failures, counted

if TYPE_CHECKING:
    from ..commands.app import App
    from ..formats.interface import Existing
    from ..pipelines.caption_files import ChosenFormat, FormatChoice
    from ..pipelines.tag_filter import TagFilter
    from ..pipelines.update import UpdateStatistics

_OR_TAGS = ", or give the photographs' tags with --tags FILE"


@recipe_step
@click.command("update-captions")
@click.argument("captions_path", metavar="CAPTIONS", type=NamedPath())
@click.option(
    "--tags",
    type=NamedPath(),
    help="Tag file of the images, as 'sentikit tag' writes it.  [default: find and tag the photographs]",
)
@click.option("--images", type=NamedPath(), help="Folder of the photographs to tag.")
@allow_outside_option
@tagger_option
@click.option("--rewriter", cls=DefaultComponentOption, show_default=True, help="Rewriter that inserts the adjectives.")
@click.option(
    "-o",
    "--output",
    type=NamedPath(),
    help="Output file, or folder for captions beside photographs.  [default: CAPTIONS.sentikit.json and the like]",
)
@format_options
@existing_options
@click.option("--max-edits", type=click.IntRange(0), help="Maximum edits per caption.  [default: the rewriter's own]")
@filter_options
@language_option
@model_options
@component_option
@click.option("--failures", type=NamedPath(), help="Write the photographs that failed, as JSON lines.")
@click.option("--stats", type=NamedPath(), help="Write the statistics as JSON.")
@click.option("--show", type=click.IntRange(0), default=0, metavar="N", help="Print the first N changed captions.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of processes.")
@click.option("--strict", is_flag=True, help="Stop at the first problem in an input file.")
@click.option("--force", is_flag=True, help="Replace existing output files, and tags made with other settings.")
@click.pass_obj
def update_captions(
    app: App,
    captions_path: Path,
    tags: Path | None,
    images: Path | None,
    allow_outside: bool,
    tagger: str | None,
    rewriter: str,
    output: Path | None,
    form: FormatChoice,
    existing: Existing | None,
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
    """Insert adjectives into captions.

    CAPTIONS is a file or a folder in any format that 'sentikit formats' lists, such as COCO captions, JSON lines, CSV
    or text files beside photographs. The adjectives come from the photographs. With --tags they have been tagged
    already; otherwise the photographs are found beside the file, in images/ or in the split's folder, and tagged first.
    An interrupted run continues where it stopped.

    The input file is left as it is: a new file has the updated captions, with everything else unchanged. Text files
    beside photographs are replaced with --overwrite, or go to a new folder with -o. Every update can be undone with
    'sentikit restore-captions'.
    """
    from ..formats.coco import read_captions
    from ..io.files import check_outputs
    from ..pipelines.caption_files import captioned_photos
    from ..pipelines.jobs.tag import TagRequest, tag_dataset, tags_path
    from ..pipelines.jobs.update import UpdateRequest, update_dataset, write_statistics
    from ..pipelines.jobs.update_file import FileUpdate, refuse_updated, update_file
    from ..pipelines.model_choice import ModelChooser
    from ..pipelines.tagger_choice import choose_tagger
    from ..pipelines.update import RewriterChoice
    from ..plugin.assigning import assign_options
    from ..plugin.kinds import REWRITER

    if tags and (images or tagger is not None or failures):
        raise UsageError(
            "--tags are of photographs that were tagged already: leave --images, --tagger and --failures out."
        )
    if tags:
        _warn_unused(("allow_outside", "pack", "device", "batch_size", "workers"))
    if max_edits == 0:
        raise UsageError("--max-edits 0 lets no caption be updated: give 1 or more, or leave it out.")
    component = app.plugins.get(REWRITER, rewriter)
    choice = None if tags else choose_tagger(ModelChooser(app.plugins, models.pack, _OR_TAGS), tagger)
    read_as = form.component(app.plugins, captions_path)
    options = assign_options(component_options, [component, read_as, *(choice.components if choice else [])])
    chosen = replace(form, options=options[read_as]).make(read_as)
    output = _output(captions_path, output, chosen, existing)
    tags = tags or tags_path(captions_path, output)
    inputs = [captions_path] if choice else [captions_path, tags]
    is_file = not chosen.format.is_folder
    outputs = [(output if is_file else None, force), (stats, force), (failures, True), (tags if choice else None, True)]
    check_outputs(outputs, inputs=inputs)
    check_failures(failures)
    hold(output, stats, failures)

    if chosen.format.is_coco:
        captions = read_captions(captions_path, strict=strict)
        _warn(captions.warnings())
    else:
        refuse_updated(captions_path, chosen)
        source = chosen.read(captions_path)
    if choice:
        tagging = TagRequest(choice, options, models.run_settings(), tag_filter.top_k).for_dataset()
        with counted(failures, replace=True, resumable=True) as counts:
            tagged = tag_dataset(
                tagging,
                captions if chosen.format.is_coco else captioned_photos(source),
                tags,
                counts,
                images=images or (None if is_file else captions_path),
                allow_outside=allow_outside,
                strict=strict,
                force=force,
                progress=progress_bar,
            )
        tagged.check(counts, strict)
        say(f"Tags: {counts.summary()}, in {tags}.")
        tag_filter = choice.with_ontology(tag_filter)
    rewriting = RewriterChoice(rewriter, options[component], app.plugins_dirs)
    if chosen.format.is_coco:
        request = UpdateRequest(
            captions,
            tags,
            rewriting,
            tag_filter,
            max_edits,
            jobs,
            just_tagged=choice is not None,
            strict=strict,
            language=language,
        )
        updated = update_dataset(request, show, progress_bar)
        updated.write(output, force=force, inputs=[captions_path, tags])
        statistics, examples, written = updated.statistics, updated.examples, f"Wrote {output}."
    else:
        of_file = FileUpdate(
            captions_path,
            chosen,
            source,
            tags,
            rewriting,
            tag_filter,
            output,
            max_edits=max_edits,
            language=language,
            jobs=jobs,
            strict=strict,
            force=force,
            existing=existing,
            untagged_failed=choice is not None,
        )
        done = update_file(of_file, show, progress_bar)
        statistics, examples = done.statistics, done.examples
        written = f"Wrote {output}" + (f" and {done.provenance}." if done.provenance else ".")
    if stats:
        write_statistics(statistics, stats, force=force, inputs=[captions_path, tags])
    _print(statistics, examples)
    say(written)


def _output(path: Path, output: Path | None, chosen: ChosenFormat, existing: Existing | None) -> Path:
    """Where the updated captions go. Raises UsageError where that does not fit the format."""
    from ..io.files import beside, updated_path

    if chosen.format.is_folder and existing in ("append", "skip"):
        raise UsageError(
            "--append and --skip-existing are for new captions: updated ones replace those that are there, with "
            "--overwrite, or go to a new folder with -o."
        )
    if not chosen.format.is_folder:
        if existing:
            raise UsageError("--overwrite, --append and --skip-existing are for text files beside photographs.")
        if path.is_dir() and output is None:
            raise UsageError(f"{path} is a folder: name the new file with -o, such as -o new/metadata.jsonl.")
        return output or (updated_path(path) if chosen.format.is_coco else beside(path, "sentikit"))
    if output is None and existing == "overwrite":
        return path
    if output is None:
        raise UsageError(
            "Replace the text files beside the photographs with --overwrite, or name a new folder with -o."
        )
    return output


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


def _print(counts: UpdateStatistics, examples: Sequence[tuple[str, str]]) -> None:
    """The changed captions asked for, and the paper's Table 2 for this file."""
    for before, after in examples:
        print_line(f"- {before}")
        print_line(f"+ {after}")
        print_line()
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
    if counts.counts:
        say(f"The rewriter counted {name_counts(counts.counts)}.")
    print_line("commonest ANPs: " + ", ".join(f"{anp} ({count:,})" for anp, count in common))


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(update_captions)
