"""What became of the items of a run: done, skipped, or failed and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from ..io.files import atomic_write
from ..io.paths import as_text, shown

if TYPE_CHECKING:
    from ..formats.coco.captions import ImageId


class Failure(NamedTuple):
    """An image that could not be used. `reason` has no full stop and does not name the file."""

    file: Path
    image_id: ImageId
    reason: str

    def __str__(self) -> str:
        return f"{shown(self.file)}: {self.reason}."


@dataclass
class Failures:
    """Counts a run's items, says the first failures aloud and writes them all to a file, where there is one."""

    say: Callable[[str], None]
    file: TextIO | None = None
    show: int = 5
    done: int = 0
    skipped: int = 0
    """Done in an earlier run."""
    left_out: int = 0
    """Not asked for."""
    failed: int = 0
    _told: int = field(default=0, init=False, repr=False)

    def add(self, failures: Iterable[Failure], *, aloud: bool = True) -> None:
        """Count and write `failures`, and show the first of those that come `aloud`."""
        for failure in failures:
            self.failed += 1
            if aloud:
                self._tell(failure)
            if self.file is not None:
                row = {"file": as_text(failure.file), "image_id": failure.image_id, "reason": failure.reason}
                print(json.dumps(row, ensure_ascii=False), file=self.file)

    def _tell(self, failure: Failure) -> None:
        self._told += 1
        if self._told <= self.show:
            self.say(f"Failed: {failure}")
        elif self._told == self.show + 1:
            self.say("Failed: more images; they are counted at the end" + ("." if self.file else _LIST_THEM))

    def summary(self) -> str:
        """``8,216 done, 3 skipped, 1 left out, 2 failed``, without the counts that are zero."""
        others = ((self.skipped, "skipped"), (self.left_out, "left out"), (self.failed, "failed"))
        return ", ".join([f"{self.done:,} done", *(f"{count:,} {what}" for count, what in others if count)])


_LIST_THEM = ", and --failures FILE lists them."


@contextmanager
def collect_failures(path: Path | None = None, *, force: bool = False) -> Iterator[Failures]:
    """A run's `Failures`, with messages on stderr. `path` becomes a JSONL file of them when the block ends well.

    Each line is ``{"file": ..., "image_id": ..., "reason": ...}``; without failures the file is empty.
    Raises SentikitError where `path` cannot be written, or exists and `force` is not given.
    """
    if path is None:
        yield Failures(_to_stderr)
        return
    with atomic_write(path, force=force) as file:
        yield Failures(_to_stderr, file)


def _to_stderr(message: str) -> None:
    import click

    click.echo(message, err=True)
