"""The forms in which `sentikit caption` prints captions: text, table, lines and JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

import click

from ..commands.output import for_terminal
from ..io.messages import escaped
from ..io.paths import as_text, shown
from ..io.text import json_text
from ..pipelines.jobs.caption import captioned_line

if TYPE_CHECKING:
    from ..caption import Edit, Rewrite
    from ..formats.coco import ImageId
    from ..images import ImageRef
    from ..pipelines.caption import CaptionedImage, RewrittenCaption

_WIDEST = 40
"""Columns of a file name in the table; longer ones push their caption to the right."""


class Printer:
    """Prints captions as they come: one as text, several as a table on a terminal, as lines elsewhere, all as JSON."""

    done: Mapping[ImageId, int] = {}

    def __init__(self, refs: Sequence[ImageRef], *, alone: bool, as_json: bool) -> None:
        """`alone`: there is one photograph, and its name need not be said."""
        self.out: TextIO = sys.stdout  # now, as the bar takes sys.stdout for its own
        self._terminal = self.out.isatty()
        self._alone = alone
        self._as_json = as_json
        self._width = min(_WIDEST, max((len(shown(ref.path)) for ref in refs), default=0))
        self._printed = 0

    def __enter__(self) -> Printer:
        return self

    def __exit__(self, *error: object) -> None:
        if self._as_json:  # also after Ctrl-C: what was printed is sound JSON
            self._print("\n]" if self._printed else "[]")

    def write(self, ref: ImageRef, done: CaptionedImage) -> None:
        """The captions of one more photograph, best first."""
        if self._as_json:
            entry = {"file": as_text(ref.path)} | captioned_line(ref, done)
            self._print(("[\n" if not self._printed else ",\n") + for_terminal(json_text(entry), self.out), end="")
        else:
            for candidate in done.candidates:
                self._write_line(ref, candidate)
        self._printed += 1

    def _write_line(self, ref: ImageRef, candidate: RewrittenCaption) -> None:
        if not self._terminal:
            name = as_text(ref.path) if as_text(ref.path).isprintable() else shown(ref.path)
            self._print(candidate.rewrite.text if self._alone else f"{name}\t{candidate.rewrite.text}")
        else:
            text = bold_edits(candidate.caption.text, candidate.rewrite)
            self._print(text if self._alone else f"{shown(ref.path):<{self._width}}  {text}")

    def take_back(self, images: Sequence[ImageId]) -> Mapping[ImageId, str]:
        """Nothing was printed by an earlier run."""
        return {}

    def put_back(self, line: str) -> None:
        """Nothing was taken back."""

    def flush(self) -> None:
        """Nothing is left to do."""

    def _print(self, text: str, end: str = "\n") -> None:
        click.echo(text + end, file=self.out, nl=False, color=True)


def bold_edits(original: str, rewrite: Rewrite) -> str:
    """The new text for a terminal, escaped, with the inserted adjectives in bold."""
    pieces, position = [], 0
    for edit in rewrite.edits:
        pieces += [escaped(original[position : edit.start]), _bold_adjective(edit)]
        position = edit.end
    return "".join([*pieces, escaped(original[position:])])


def _bold_adjective(edit: Edit) -> str:
    start = edit.after.lower().find(edit.tag.adjective)
    if start < 0:
        return click.style(escaped(edit.after), bold=True)
    end = start + len(edit.tag.adjective)
    before, adjective, after = map(escaped, (edit.after[:start], edit.after[start:end], edit.after[end:]))
    return before + click.style(adjective, bold=True) + after
