"""`sentikit prepare`: the data sets of the paper's section 5, made from VSO and from COCO."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from ..io.paths import as_text, shown

if TYPE_CHECKING:
    from ..datasets import CheckLog, Counts, Source
    from ..formats.coco import Problem

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path)
_NAMED = 20
"""How many folders or classes a sentence names."""


class Share(click.FloatRange):
    """A number from 0 to 1, which NaN is not."""

    def __init__(self) -> None:
        super().__init__(0, 1, max_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return self.fail(f"{value} is no number.", param, ctx) if number != number else number


@click.group()
def prepare() -> None:
    """Prepare data sets: VSO's photographs, and COCO's splits."""


@prepare.command()
@click.argument("source", metavar="SRC", type=FOLDER)
@click.option("-o", "--output", type=FILE, required=True, help="The manifest, as JSON lines.")
@click.option(
    "--min-side", type=click.IntRange(1), default=224, show_default=True, help="Pixels of the shorter side, at least."
)
@click.option("--rgb-only", is_flag=True, help="Leave out greyscale, CMYK and other images that are not RGB.")
@click.option("--val", type=Share(), default=0.15, show_default=True, help="Share of each class for validation.")
@click.option("--test", type=Share(), default=0.15, show_default=True, help="Share for testing; the rest is to train.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split.")
@click.option(
    "--jobs", type=click.IntRange(1), help="Threads that look at images. [default: one for each processor, at most 8]"
)
@click.option("--force", is_flag=True, help="Start again, and replace a manifest that exists.")
def vso(
    source: Path,
    output: Path,
    min_side: int,
    rgb_only: bool,
    val: float,
    test: float,
    seed: int,
    jobs: int | None,
    force: bool,
) -> None:
    """Make a manifest of photographs in adjective_noun folders, to train taggers on.

    SRC holds a folder for each adjective-noun pair, such as misty_morning, full of images: the Visual Sentiment
    Ontology's release, or your own. Every image is looked at once and named in the manifest with its split, or with
    what is wrong with it. Nothing in SRC is changed. A run that was interrupted goes on where it stopped.
    """
    from ..datasets import CheckLog, Rules, Shares, examine_images, find_classes, write_manifest
    from ..datasets.check_log import begun_header, log_path
    from ..images import default_workers
    from ..io.files import check_output

    shares = Shares.of(val, test)
    begun = begun_header(log_path(output))
    check_output(output, force=force or (begun is not None and begun.get("replace") is True))
    found = find_classes(source)
    settings = {
        "SRC": as_text(source.resolve()),
        "--min-side": min_side,
        "--rgb-only": rgb_only,
        "--val": val,
        "--test": test,
        "--seed": seed,
    }
    names = (name for _, name in found.files())
    with CheckLog(log_path(output), settings, names, again=force, replace=force) as log:
        if log.done:
            click.echo(f"{log.done:,} of the {found.images:,} images were looked at before.", err=True)
        with _timed_bar(found, log) as advance:
            examine_images(found, Rules(min_side, rgb_only), log, jobs or default_workers(), advance)
        counts = write_manifest(output, found, log, shares, seed, force=log.replace)
    _warn(found, counts)
    _print_counts(found, counts, rgb_only)
    click.echo(f"Wrote {shown(output)}.", err=True)


@contextmanager
def _timed_bar(found: Source, log: CheckLog) -> Iterator[Callable[[int], None]]:
    """A progress bar, how long it took on stderr, and after Ctrl-C how to go on."""
    from .progress import progress_bar

    start, before = time.perf_counter(), log.done
    try:
        with progress_bar("images", found.images) as advance:
            yield advance
    except KeyboardInterrupt:
        again = [argument for argument in sys.argv[1:] if argument != "--force"]
        click.echo(
            f"Stopped after {log.done:,} of {found.images:,} images; go on with: {shlex.join(['sentikit', *again])}",
            err=True,
        )
        raise click.exceptions.Exit(130) from None
    seconds, images = time.perf_counter() - start, log.done - before
    if images:
        click.echo(f"Looked at {images:,} images in {seconds:.1f} s, {images / seconds:,.0f} a second.", err=True)


def _warn(found: Source, counts: Counts) -> None:
    """Name what was left out."""
    from ..io.messages import count, first

    if found.outside:
        places = [f"{shown(name)} ({count(number, 'image')})" for name, number in found.outside.items()]
        click.echo(
            f"Warning: what is not in a folder of {shown(found.path)} that is named adjective_noun is left out: "
            f"{first(places, _NAMED, ', ')}.",
            err=True,
        )
    if counts.dropped:
        dropped = [f"{anp.adjective} {anp.noun}" for anp in counts.dropped]
        click.echo(
            f"Warning: dropped, as no image of theirs is to train on, {len(dropped):,} of the "
            f"{len(found.classes):,} classes: {first(dropped, _NAMED, ', ')}.",
            err=True,
        )
    if counts.not_rgb:
        click.echo(
            f"{counts.not_rgb:,} of the images are not RGB, and become so when they are read; --rgb-only leaves them "
            "out.",
            err=True,
        )


def _print_counts(found: Source, counts: Counts, rgb_only: bool) -> None:
    from ..datasets.examine import NOT_RGB, OK, SMALL, UNREADABLE
    from ..datasets.manifest import NO_TRAINING_IMAGE

    outside = sum(found.outside.values())
    statuses = [SMALL, *([NOT_RGB] if rgb_only else []), UNREADABLE, NO_TRAINING_IMAGE]
    print_table(
        [
            ("images", found.images + outside),
            (f"  {OK}", counts.statuses[OK]),
            *((f"    {split}", counts.splits[split]) for split in ("train", "val", "test")),
            *((f"  {status}", counts.statuses[status]) for status in statuses),
            ("  outside the classes", outside),
            ("classes", len(found.classes)),
            ("  kept", counts.kept),
            ("  dropped", len(counts.dropped)),
        ]
    )


@prepare.command()
@click.argument("captions", type=FILE)
@click.option("-o", "--output", type=FOLDER, required=True, help="The folder of the new files.")
@click.option(
    "--internal-val",
    type=click.IntRange(1),
    metavar="N",
    help="Draw so many images; the paper drew 20000 of train2017.",
)
@click.option("--join-restval", is_flag=True, help="Put Karpathy's restval images among those to train on.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
def coco(captions: Path, output: Path, internal_val: int | None, join_restval: bool, seed: int, force: bool) -> None:
    """Split a COCO captions file for training and validation.

    With --internal-val, images of CAPTIONS are drawn for validation, and both parts are written as COCO captions files
    with ids, order and unknown keys as they were. A file in Karpathy's format, such as dataset_coco.json, has splits of
    its own: they are written as COCO captions files.
    """
    from ..datasets import split_coco, split_karpathy
    from ..datasets.karpathy import count_karpathy, is_karpathy
    from ..formats.coco import check_document, read_json

    document = read_json(captions)
    if is_karpathy(document):
        if internal_val:
            raise UsageError(f"{shown(captions)} is in Karpathy's format, with splits of its own: drop --internal-val.")
        parts = split_karpathy(captions, document, join_restval=join_restval)
        total = count_karpathy(document)
    else:
        document = check_document(captions, document)
        if join_restval:
            raise UsageError(f"{shown(captions)} is not in Karpathy's format: drop --join-restval.")
        if not internal_val:
            raise UsageError(f"Say how many images of {shown(captions)} are for validation, with --internal-val.")
        split = split_coco(captions, document, internal_val, seed)
        _warn_left_out(captions, split.left_out)
        parts = {"train": split.train, "internal-val": split.internal_val}
        total = len(document["images"]), len(document["annotations"])
    written = _write_parts(captions, output, parts, force)
    print_table([("", "images", "captions"), (captions.name, *total), *written])


def _warn_left_out(captions: Path, left_out: Sequence[Problem]) -> None:
    from ..io.messages import count, first

    if left_out:
        click.echo(
            f"Warning: {count(len(left_out), 'problem')} of {shown(captions)}, whose entries belong to no image and "
            f"are left out: {first(left_out)}.",
            err=True,
        )


def _write_parts(
    captions: Path, folder: Path, parts: Mapping[str, dict[str, Any]], force: bool
) -> list[tuple[str, int, int]]:
    """Write each part, named after the captions, and say what is in it."""
    from ..formats.coco import write_document
    from ..io.files import check_output, readable_os_errors, refuse_dash

    refuse_dash(folder)
    with readable_os_errors("make", folder):
        folder.mkdir(parents=True, exist_ok=True)
    paths = {folder / f"{captions.name.removesuffix('.json')}.{name}.json": part for name, part in parts.items()}
    for path in paths:
        check_output(path, force=force, inputs=[captions])
    for path, part in paths.items():
        write_document(path, part, force=force, inputs=[captions])
        click.echo(f"Wrote {shown(path)}.", err=True)
    return [(f"  {path.name}", len(part["images"]), len(part["annotations"])) for path, part in paths.items()]


def print_table(rows: Sequence[tuple[str, *tuple[int | str, ...]]]) -> None:
    """Print rows of a name and right-aligned numbers."""
    width = max(len(name) for name, *_ in rows)
    for name, *cells in rows:
        numbers = "".join(f"  {cell:>9,}" if isinstance(cell, int) else f"  {cell:>9}" for cell in cells)
        click.echo(f"{name:<{width}}{numbers}".rstrip())


def add_to(cli: click.Group) -> None:
    """Add `prepare`."""
    cli.add_command(prepare)
