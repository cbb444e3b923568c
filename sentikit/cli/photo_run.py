"""Shared by all commands that process photographs: options, counts, and how to continue a run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..commands.output import say
from ..commands.photo_folder import NamedPath, allow_outside_option
from ..errors import SentikitError
from ..images.failures import Failures, collect_failures
from ..io.files import readable_os_errors
from ..io.messages import name_counts
from ..io.paths import shown

if TYPE_CHECKING:
    from ..pipelines.image_models import Named

Command = TypeVar("Command", bound=Callable[..., object])


def photo_options(command: Command) -> Command:
    """Adds the photographs, and the options for those that fail."""
    for option in reversed(
        (
            click.argument("images", nargs=-1, required=True, metavar="IMAGES..."),
            click.option("--coco", type=NamedPath(), help="COCO file to take image ids from."),
            allow_outside_option,
            click.option("--limit", type=click.IntRange(1), metavar="N", help="Process only the first N photographs."),
            click.option("--failures", type=NamedPath(), help="Write the photographs that failed, as JSON lines."),
            click.option("--strict", is_flag=True, help="Exit with 1 if any photograph fails."),
            click.option("--force", is_flag=True, help="Start again and replace existing files."),
        )
    ):
        command = option(command)
    return command


def check_failures(path: Path | None) -> None:
    """Raise SentikitError if `path` is there and is no list of failures: one is replaced without --force."""
    if path is None or not path.is_file():
        return
    begin = b'{"file": '
    with readable_os_errors("read", path), path.open("rb") as file:
        start = file.read(len(begin))
    if start not in (b"", begin):
        raise SentikitError(f"{shown(path)} is not replaced, as it is no list of failures: name another file.")


@contextmanager
def counted(failures: Path | None, *, replace: bool, resumable: bool) -> Iterator[Failures]:
    """The counts of a run. If it stops early they are printed, with the command to continue if it is `resumable`."""
    with collect_failures(failures, force=replace) as counts:
        try:
            yield counts
        except KeyboardInterrupt:
            _explain_how_to_continue(counts, resumable)
            raise click.exceptions.Exit(130) from None
        except SentikitError:
            if counts.done:
                _explain_how_to_continue(counts, resumable)
            raise


@contextmanager
def reported_counts(models: Sequence[Named[Any] | None]) -> Iterator[None]:
    """Print what the models counted, however the block ends."""
    from ..pipelines.combining import counts_of

    try:
        yield
    finally:
        for label, counts in counts_of(models).items():
            say(f"{label} counted {name_counts(counts)}.")


def _explain_how_to_continue(counts: Failures, resumable: bool) -> None:
    how = "nothing was kept for going on."
    if resumable:
        arguments = [argument for argument in sys.argv[1:] if argument != "--force"]
        how = f"go on with: {shlex.join(['sentikit', *arguments])}"
    say(f"Stopped: {counts.summary()}; {how}")


def conclude(counts: Failures, written: Sequence[Path]) -> None:
    """Print how many were done, skipped, left out and failed, unless that is plain to see."""
    if written or counts.failed or counts.left_out or counts.done > 1:
        files = f" Wrote {', '.join(map(shown, written))}." if written else ""
        say(f"{counts.summary()}.{files}")


def exit_code(counts: Failures, strict: bool) -> int:
    """0: something is done, now or before; 1: nothing is, or an image failed and the user is `strict`."""
    return 1 if (counts.failed and strict) or not (counts.done or counts.skipped) else 0
