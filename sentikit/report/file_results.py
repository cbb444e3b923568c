"""Reads the captions of a file of any format for a report."""

from __future__ import annotations

import json
from pathlib import Path

from ..formats.coco import ImageId
from ..formats.provenance import provenance_path, read_settings
from ..io.messages import count, first
from ..pipelines.caption_files import FormatChoice, open_captions
from ..pipelines.jobs.check_file import MarkedCaption, marked_captions
from ..plugin.loader import Plugins
from .captioned import ReportCaption, ReportPhoto, Results, fits


def read_file(plugins: Plugins, path: Path, form: FormatChoice) -> Results | None:
    """The photographs of a file; None for COCO captions and for the lines of `sentikit caption`.

    Raises SentikitError if it cannot be read.
    """
    if form == FormatChoice() and _is_captioned(path):
        return None
    chosen, source = open_captions(plugins, path, form)
    if chosen.format.is_coco:
        return None
    photos: dict[ImageId, ReportPhoto] = {}
    captions: dict[ImageId, list[ReportCaption]] = {}
    changed: list[str] = []
    for caption in marked_captions(path, chosen, source):
        key = caption.image_id if caption.image_id is not None else caption.file_name or ""
        photos.setdefault(key, ReportPhoto(key, caption.file_name or ""))
        captions.setdefault(key, []).append(_caption(caption, changed))
    for key, photo in photos.items():
        photo.captions = captions[key]
    warnings = source.notes.warnings()
    if changed:
        warnings.append(
            f"{count(len(changed), 'caption')} of {path} changed after the update, and edits are not shown in them: "
            f"{first(changed, joint=', ')}."
        )
    record = provenance_path(path)
    return Results(path, list(photos.values()), read_settings(record) if record.is_file() else {}, warnings)


def _caption(caption: MarkedCaption, changed: list[str]) -> ReportCaption:
    mark = caption.mark
    if mark is None:
        return ReportCaption(caption.text, caption.text)
    if not fits(mark.original, caption.text, mark.edits):
        changed.append(caption.place)
        return ReportCaption(caption.text, caption.text)
    return ReportCaption(mark.original, caption.text, mark.edits)


def _is_captioned(path: Path) -> bool:
    """Whether a file's first line is one of `sentikit caption`: a header, or a caption with tags or edits."""
    if not path.is_file():
        return False
    with path.open("rb") as lines:
        start = lines.readline(1_000_000)
    try:
        value = json.loads(start.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "annotations" not in value and bool(value.keys() & {"anps", "plain", "sentikit"})
