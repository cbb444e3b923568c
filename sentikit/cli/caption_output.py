"""The forms in which `sentikit caption` gives its captions: text, table, lines, JSON and files."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import click

from ..formats.coco import edit_entry
from ..formats.tags import TagWriter, tag_line
from ..io.paths import as_text, shown

if TYPE_CHECKING:
    from ..caption import Edit, Rewrite
    from ..formats.coco import ImageId
    from ..images import ImageRef
    from ..pipelines.caption import CaptionedImage

_WIDEST = 40
"""Columns of a file name in the table; longer ones push their caption to the right."""


def captioned_line(ref: ImageRef, done: CaptionedImage, *, attention: bool = False) -> dict[str, Any]:
    """Everything known of a photograph: a line of a tag file, with its captions and, if asked for, attention maps."""
    line = tag_line(ref.image_id, ref.file_name, done.tags)
    words, maps = done.caption.words, done.caption.attention
    return {
        **{key: value for key, value in line.items() if key != "anps"},
        "caption": done.rewrite.text,
        "plain": done.caption.text,
        "log_probability": done.caption.log_probability,
        "edits": [edit_entry(edit) for edit in done.rewrite.edits],
        "anps": line["anps"],
        **({"attention": {"words": words, "maps": maps.round(4).tolist()}} if attention and maps is not None else {}),
    }


class CaptionFiles:
    """Writes captions to files: JSON lines as they come, COCO results in the end, where the block ends well."""

    terminal = False

    def __init__(
        self,
        jsonl: Path | None,
        results: Path | None,
        settings: Mapping[str, Any],
        refs: Sequence[ImageRef],
        force: bool,
    ) -> None:
        """Goes on with a `jsonl` that is there, unless `force`. Raises SentikitError where that cannot be done."""
        self._writer = TagWriter(jsonl, settings, resume=not force) if jsonl else None
        self._attention = bool(settings.get("attention"))
        self._results, self._refs, self._force = results, refs, force
        self.done: Container[ImageId] = self._writer.done if self._writer else frozenset()
        self._captions = _read_captions(jsonl) if jsonl and results and self.done else {}

    def write(self, ref: ImageRef, done: CaptionedImage) -> None:
        """One more caption."""
        if self._writer:
            self._writer.write_line(captioned_line(ref, done, attention=self._attention))
        if self._results:
            self._captions[ref.image_id] = done.rewrite.text

    def flush(self) -> None:
        """Put on the disk what was written so far."""
        if self._writer:
            self._writer.flush()

    def __enter__(self) -> CaptionFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._writer:
            self._writer.__exit__(kind, error, traceback)
        if error is None and self._results and self._captions:
            from ..formats.coco import write_results

            ids = (ref.image_id for ref in self._refs)
            entries = [{"image_id": one, "caption": self._captions[one]} for one in ids if one in self._captions]
            write_results(self._results, entries, force=self._force)


def _read_captions(path: Path) -> dict[ImageId, str]:
    """The captions of a file that was gone through already when it was opened to go on."""
    with path.open(encoding="utf-8") as lines:
        return {line["image_id"]: line["caption"] for line in map(json.loads, lines) if "caption" in line}


class Printer:
    """Prints captions as they come: one as text, several as a table on a terminal, as lines elsewhere, all as JSON."""

    done: Container[ImageId] = frozenset()

    def __init__(self, refs: Sequence[ImageRef], *, alone: bool, as_json: bool) -> None:
        """`alone`: there is one photograph, and its name need not be said."""
        self._out: TextIO = sys.stdout  # now, as the bar takes sys.stdout for its own
        self.terminal = self._out.isatty()
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
        """One more caption."""
        if self._as_json:
            entry = {"file": as_text(ref.path)} | captioned_line(ref, done)
            self._print(("[\n" if not self._printed else ",\n") + json.dumps(entry, ensure_ascii=False), end="")
        elif not self.terminal:
            name = as_text(ref.path) if as_text(ref.path).isprintable() else shown(ref.path)
            self._print(done.rewrite.text if self._alone else f"{name}\t{done.rewrite.text}")
        else:
            text = bold_edits(done.caption.text, done.rewrite)
            self._print(text if self._alone else f"{shown(ref.path):<{self._width}}  {text}")
        self._printed += 1

    def flush(self) -> None:
        """Nothing is left to do."""

    def _print(self, text: str, end: str = "\n") -> None:
        click.echo(text + end, file=self._out, nl=False)


def bold_edits(original: str, rewrite: Rewrite) -> str:
    """The new text, with the inserted adjectives in a terminal's bold."""
    pieces, position = [], 0
    for edit in rewrite.edits:
        pieces += [original[position : edit.start], _bold_adjective(edit)]
        position = edit.end
    return "".join([*pieces, original[position:]])


def _bold_adjective(edit: Edit) -> str:
    start = edit.after.lower().find(edit.tag.adjective)
    if start < 0:
        return click.style(edit.after, bold=True)
    end = start + len(edit.tag.adjective)
    return edit.after[:start] + click.style(edit.after[start:end], bold=True) + edit.after[end:]
