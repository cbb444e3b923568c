"""What `sentikit ontology build` and `ontology label` share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from sentikit.commands.output import print_line, say, warn
from sentikit.commands.photo_folder import NamedPath

if TYPE_CHECKING:
    from sentikit.formats.coco import CocoCaptions

FILE = NamedPath(dir_okay=False)


def work_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--jobs`, `--strict` and `--force`."""
    for option in reversed(
        [
            click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of processes."),
            click.option("--strict", is_flag=True, help="Stop at the first problem in an input file."),
            click.option("--force", is_flag=True, help="Replace an existing output file."),
        ]
    ):
        command = option(command)
    return command


@contextmanager
def timed_bar(captions: int) -> Iterator[Callable[[int], None]]:
    """A progress bar, and how long it took on stderr."""
    from sentikit.commands.progress import progress_bar

    start = time.perf_counter()
    with progress_bar("captions", captions) as advance:
        yield advance
    seconds = time.perf_counter() - start
    say(f"Read {captions:,} captions in {seconds:.1f} s, {captions / seconds:,.0f} a second.")


def print_rows(rows: Sequence[tuple[str, int]]) -> None:
    """Names and numbers in two columns."""
    width = max(len(name) for name, _ in rows)
    for name, number in rows:
        print_line(f"{name:<{width}}  {number:>9,}")


def print_warnings(coco: CocoCaptions) -> None:
    """What is wrong with a caption file, on stderr."""
    for sentence in coco.warnings():
        warn(sentence)
