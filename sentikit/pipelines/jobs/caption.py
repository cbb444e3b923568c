"""Captioning photographs into files: JSON lines as they come, a COCO results file in the end."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from ...formats.coco import ImageId, edit_entry, write_results
from ...formats.tags import TagWriter, tag_line
from ...images import ImageRef
from ...images.failures import Failures
from ..caption import CaptionedImage, CaptionModels, RewrittenCaption, caption_images
from ..run_models import Outcome, RunSettings
from .photos import ResumableFile, continue_through
from .progress import Progress, no_progress


class CaptionSink(ResumableFile, Protocol):
    """Where captions go."""

    def write(self, ref: ImageRef, captioned: CaptionedImage) -> None:
        """One more photograph."""
        ...


def caption_into(
    sink: CaptionSink,
    refs: Sequence[ImageRef],
    models: CaptionModels,
    settings: RunSettings,
    counts: Failures,
    progress: Progress = no_progress,
) -> None:
    """Caption those of `refs` that the sink does not hold yet. Raises SentikitError if a model fails."""

    def run(todo: Sequence[ImageRef]) -> Generator[Outcome[CaptionedImage], None, None]:
        return caption_images(todo, models, settings)

    continue_through(refs, sink, run, sink.write, counts, settings.batch_size, progress)


def captioned_line(ref: ImageRef, done: CaptionedImage, *, attention: bool = False) -> dict[str, Any]:
    """Everything known about a photograph: a line of a tag file, with its captions and, if asked for, attention maps.

    If there are several captions, the best one is at the top and all are under `candidates`.
    """
    line = tag_line(ref.image_id, ref.file_name, done.tags)
    words, maps = done.caption.words, done.caption.attention
    return {
        **{key: value for key, value in line.items() if key != "anps"},
        **_candidate_entry(done.candidates[0]),
        "anps": line["anps"],
        **({"candidates": [_candidate_entry(one) for one in done.candidates]} if len(done.candidates) > 1 else {}),
        **({"attention": {"words": words, "maps": maps.round(4).tolist()}} if attention and maps is not None else {}),
    }


def _candidate_entry(candidate: RewrittenCaption) -> dict[str, Any]:
    return {
        "caption": candidate.rewrite.text,
        "plain": candidate.caption.text,
        "log_probability": candidate.caption.log_probability,
        "edits": [edit_entry(edit) for edit in candidate.rewrite.edits],
    }


class CaptionFiles:
    """Writes captions to files: JSON lines as they come, COCO results in the end if the block ends well."""

    def __init__(
        self,
        jsonl: Path | None,
        results: Path | None,
        settings: Mapping[str, Any],
        refs: Sequence[ImageRef],
        force: bool,
    ) -> None:
        """Continues a `jsonl` that is there, unless `force`. Raises SentikitError if that cannot be done."""
        self._writer = TagWriter(jsonl, settings, resume=not force) if jsonl else None
        self._attention = bool(settings.get("attention"))
        self._results, self._refs, self._force = results, refs, force
        self.done: Mapping[ImageId, int] = self._writer.done if self._writer else {}
        self._captions = _read_captions(jsonl) if jsonl and results and self.done else {}

    def write(self, ref: ImageRef, done: CaptionedImage) -> None:
        """One more caption."""
        if self._writer:
            self._writer.write_line(captioned_line(ref, done, attention=self._attention))
        if self._results:
            self._captions[ref.image_id] = done.rewrite.text

    def take_back(self, images: Sequence[ImageId]) -> Mapping[ImageId, str]:
        """Take the last lines off the file."""
        return self._writer.take_back(images) if self._writer else {}

    def put_back(self, line: str) -> None:
        """Write a line that was taken off again."""
        if self._writer:
            self._writer.put_back(line)

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
            ids = (ref.image_id for ref in self._refs)
            entries = [{"image_id": one, "caption": self._captions[one]} for one in ids if one in self._captions]
            write_results(self._results, entries, force=self._force)


def _read_captions(path: Path) -> dict[ImageId, str]:
    """The captions of a file that was gone through already when it was opened to go on."""
    with path.open(encoding="utf-8") as lines:
        return {line["image_id"]: line["caption"] for line in map(json.loads, lines) if "caption" in line}
