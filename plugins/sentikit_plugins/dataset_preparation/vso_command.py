"""`sentikit prepare vso`: a manifest of photographs in folders that are named after adjective-noun pairs."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit.commands.output import say, warn
from sentikit.commands.recipes import recipe_step
from sentikit.io.paths import as_text, shown

from .command_parts import FILE, FOLDER, Share, print_table

if TYPE_CHECKING:
    from .check_log import CheckLog
    from .classes import Source
    from .manifest import Counts

_NAMED = 20
"""How many folders or classes a sentence names."""


@recipe_step
@click.command()
@click.argument("source", metavar="SRC", type=FOLDER)
@click.option("-o", "--output", type=FILE, required=True, help="Manifest to write, as JSON lines.")
@click.option(
    "--min-side",
    type=click.IntRange(1),
    default=224,
    show_default=True,
    help="Minimum length of the shorter side, in pixels.",
)
@click.option("--rgb-only", is_flag=True, help="Exclude greyscale, CMYK and other images that are not RGB.")
@click.option("--val", type=Share(), default=0.15, show_default=True, help="Share of each class for validation.")
@click.option(
    "--test",
    type=Share(),
    default=0.15,
    show_default=True,
    help="Share of each class for testing; the rest is for training.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed for the split.")
@click.option(
    "--jobs", type=click.IntRange(1), help="Threads that check images.  [default: one per processor, at most 8]"
)
@click.option("--force", is_flag=True, help="Start again and replace an existing manifest.")
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
    """Make a manifest of adjective_noun folders.

    Taggers are trained on manifests. SRC has a folder of images for each adjective-noun pair, such as misty_morning:
    the Visual Sentiment Ontology's release, or your own. Every image is checked once and listed in the manifest with
    its split, or with the reason why it is excluded. SRC is not changed. An interrupted run continues where it stopped.
    """
    from sentikit.images import default_workers
    from sentikit.io.files import check_output

    from .check_log import CheckLog, begun_header, log_path
    from .classes import find_classes
    from .examine import Rules, examine_images
    from .manifest import write_manifest
    from .splits import Shares

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
            say(f"{log.done:,} of the {found.images:,} images were looked at before.")
        with _timed_bar(found, log) as advance:
            examine_images(found, Rules(min_side, rgb_only), log, jobs or default_workers(), advance)
        counts = write_manifest(output, found, log, shares, seed, force=log.replace)
    _warn(found, counts)
    _print_counts(found, counts, rgb_only)
    say(f"Wrote {shown(output)}.")


@contextmanager
def _timed_bar(found: Source, log: CheckLog) -> Iterator[Callable[[int], None]]:
    """A progress bar, how long it took on stderr, and after Ctrl-C how to go on."""
    from sentikit.commands.progress import progress_bar

    start, before = time.perf_counter(), log.done
    try:
        with progress_bar("images", found.images) as advance:
            yield advance
    except KeyboardInterrupt:
        again = [argument for argument in sys.argv[1:] if argument != "--force"]
        say(
            f"Stopped after {log.done:,} of {found.images:,} images; go on with: {shlex.join(['sentikit', *again])}",
        )
        raise click.exceptions.Exit(130) from None
    seconds, images = time.perf_counter() - start, log.done - before
    if images:
        say(f"Looked at {images:,} images in {seconds:.1f} s, {images / seconds:,.0f} a second.")


def _warn(found: Source, counts: Counts) -> None:
    """Name what was left out."""
    from sentikit.io.messages import count, first

    if found.left_out:
        click.echo(f"Warning: {found.left_out.sentence()}", err=True)
    if found.outside:
        places = [f"{shown(name)} ({count(number, 'image')})" for name, number in found.outside.items()]
        warn(
            f"what is not in a folder of {shown(found.path)} that is named adjective_noun is left out: "
            f"{first(places, _NAMED, ', ')}.",
        )
    if counts.dropped:
        dropped = [f"{anp.adjective} {anp.noun}" for anp in counts.dropped]
        warn(
            f"dropped, as no image of theirs is to train on, {len(dropped):,} of the "
            f"{len(found.classes):,} classes: {first(dropped, _NAMED, ', ')}.",
        )
    if counts.not_rgb:
        say(
            f"{counts.not_rgb:,} of the images are not RGB, and become so when they are read; --rgb-only leaves them "
            "out.",
        )


def _print_counts(found: Source, counts: Counts, rgb_only: bool) -> None:
    from .examine import NOT_RGB, OK, SMALL, UNREADABLE
    from .manifest import NO_TRAINING_IMAGE

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
