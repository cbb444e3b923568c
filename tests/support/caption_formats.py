"""Captions in every format, and updating and restoring them without a command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from sentikit import ANP, Edit, Rewrite, Tag
from sentikit.formats.coco.mark import Mark
from sentikit.formats.interface import CaptionRecord, Change, Target
from sentikit.formats.provenance import provenance_beside, provenance_path
from sentikit.pipelines.caption_files import ChosenFormat, FormatChoice, open_captions
from sentikit.pipelines.jobs.restore_file import FileRestored, restore_file
from sentikit.plugin.loader import Plugins, load_plugins

NICE = Tag(ANP("nice", "thing"), 0.5)


@cache
def bundled() -> Plugins:
    """The bundled plugins."""
    return load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})


def made(name: str, **options: str) -> ChosenFormat:
    """A format with its options."""
    choice = FormatChoice(name, {}, {key.replace("_", "-"): value for key, value in options.items()})
    return choice.make(choice.component(bundled(), Path()))


def update(path: Path, output: Path, form: ChosenFormat, at: int = 0) -> list[str]:
    """Put "nice" into every caption, before the character `at`; the new captions."""
    new: list[str] = []
    run = {"rewriter": "test"} if form.format.provenance == "inside" else None
    before = 0
    source = form.read(path)
    with source.copy_to(output, Target(force=True, run=run, existing="overwrite")) as copy:
        if form.format.is_folder:
            output.mkdir(exist_ok=True)
        with provenance_beside(provenance_path(output), {}, force=True) as record:
            for batch in source.batches():
                changes: dict[int, Change] = {}
                for index, text in enumerate(batch.texts):
                    place = min(at, len(text))
                    edits: Sequence[Edit] = [Edit(place, place, "", "nice ", NICE)]
                    rewrite = Rewrite.from_edits(text, edits)
                    changes[index] = Change(rewrite.text, Mark(text, rewrite.edits))
                    new.append(rewrite.text)
                record.write(batch, before, changes)
                copy.write(batch, changes)
                before += len(changes)
    if form.format.provenance == "inside":
        provenance_path(output).unlink()
    return new


def restore(path: Path, output: Path, form: ChosenFormat) -> FileRestored:
    """Undo `update`."""
    return restore_file(path, form, form.read(path), output, Target(force=True, existing="overwrite"))


def texts(path: Path, form: ChosenFormat | None = None) -> list[str]:
    """The captions of a file."""
    source = form.read(path) if form else open_captions(bundled(), path)[1]
    return [text for batch in source.batches() for text in batch.texts]


def records(path: Path, form: ChosenFormat | None = None) -> list[CaptionRecord]:
    """The captions of a file with their images."""
    source = form.read(path) if form else open_captions(bundled(), path)[1]
    return [record for batch in source.batches() for record in batch.records()]


def lines(path: Path, *values: Mapping[str, object]) -> Path:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")
    return path
