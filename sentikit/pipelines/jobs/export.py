"""Writing the captions of photographs as files of any format."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ...errors import SentikitError
from ...formats.coco import ImageId
from ...formats.interface import CaptionRecord, Target
from ...images import ImageRef
from ...io.files import check_output
from ...io.paths import as_text, shown
from ..caption_files import ChosenFormat

log = logging.getLogger("sentikit.jobs")


class CaptionExport:
    """Where captions go: a file or a folder in the end, or files beside the photographs as the captions come."""

    def __init__(self, form: ChosenFormat, output: Path | None, target: Target) -> None:
        """`output`: None: beside the photographs, for a format with a file per photograph."""
        self._form = form
        self._output = output
        self._target = target
        self._texts: dict[ImageId, Sequence[str]] = {}

    @property
    def written(self) -> list[Path]:
        """What is written in the end."""
        return [] if self._output is None else [self._output]

    def todo(self, refs: Sequence[ImageRef]) -> list[ImageRef]:
        """The photographs that need captions: all but those whose existing files are skipped.

        Raises SentikitError before long work if the output could not be written.
        """
        if not self._form.format.is_folder:
            assert self._output is not None
            check_output(self._output, force=self._target.force, inputs=self._target.inputs)
            return list(refs)
        self._check_stems(refs)
        if self._target.existing in ("overwrite", "append") or self._target.force:
            return list(refs)
        there = {folder: self._captioned(folder) for folder in {self._place(ref)[0] for ref in refs}}
        found = [ref for ref in refs if self._place(ref)[1] in there[self._place(ref)[0]]]
        if found and self._target.existing is None:
            raise SentikitError(
                f"{shown(found[0].path)} has a caption file already: give --overwrite, --append or --skip-existing."
            )
        skipped = {ref.path for ref in found}
        return [ref for ref in refs if ref.path not in skipped]

    def _check_stems(self, refs: Sequence[ImageRef]) -> None:
        taken: dict[Path, ImageRef] = {}
        for ref in refs:
            folder, name = self._place(ref)
            other = taken.setdefault((folder / name).with_suffix(""), ref)
            if other is not ref and self._target.existing != "append":
                raise SentikitError(
                    f"{shown(other.path)} and {shown(ref.path)} would have the same caption file: rename one of them."
                )

    def _captioned(self, folder: Path) -> set[str]:
        names: set[str] = set()
        with suppress(SentikitError):  # a folder without captions, or none at all
            for batch in self._form.format.read(folder).batches():
                names.update(name for name in batch.file_names if name is not None)
        return names

    def _place(self, ref: ImageRef) -> tuple[Path, str]:
        """The folder that a photograph's file goes to, and the photograph's name there."""
        if self._output is None:
            return ref.path.parent, as_text(ref.path.name)
        return self._output, ref.file_name

    def add(self, ref: ImageRef, texts: Sequence[str]) -> None:
        """The captions of one more photograph, best first."""
        if self._output is None:
            folder, name = self._place(ref)
            self._form.format.write(folder, [CaptionRecord(text, None, name) for text in texts], (), self._target)
        else:
            self._texts[ref.image_id] = texts

    def finish(self, refs: Sequence[ImageRef], earlier: Mapping[ImageId, Sequence[str]]) -> None:
        """Write the file, with the captions that an earlier run made of some photographs."""
        texts = {**earlier, **self._texts}
        if self._output is None or not texts:
            return

        def records() -> Iterator[CaptionRecord]:
            for ref in refs:
                for text in texts.get(ref.image_id, ()):
                    yield CaptionRecord(text, ref.image_id, ref.file_name)

        fields = ("image_id", "file_name")
        lost = Counter(self._form.format.write(self._output, records(), fields, self._target))
        for name in fields:
            del lost[name]  # the photographs' names are enough, or their ids
        if +lost:
            parts = ", ".join(f"{name} ({number:,})" for name, number in sorted((+lost).items()))
            log.warning(f"The format {self._form.name!r} cannot hold everything, and this is lost: {parts}.")


def captions_of_lines(path: Path) -> dict[ImageId, Sequence[str]]:
    """The captions in the lines of `sentikit caption --jsonl`, best first."""
    found: dict[ImageId, Sequence[str]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if "caption" in line:
                candidates = line.get("candidates") or [line]
                found[line["image_id"]] = [candidate["caption"] for candidate in candidates]
    return found
