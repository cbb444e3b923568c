"""Reads the captions of a COCO file, updated by sentikit or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..formats.coco import KEY, ImageId, read_captions, read_mark
from ..io.messages import count, first
from .captioned import ReportCaption, ReportPhoto, Results, fits


def read_coco(path: Path) -> Results:
    """The photographs of a COCO caption file. Raises SentikitError where it is something else."""
    captions = read_captions(path, allow_updated=True)
    photos = {
        identity: ReportPhoto(identity, image.get("file_name") or "") for identity, image in captions.images.items()
    }
    of_photo: dict[ImageId, list[ReportCaption]] = {identity: [] for identity in photos}
    changed: list[str] = []
    for index, annotation in captions.usable():
        caption = _caption(annotation)
        if caption is None:
            changed.append(f"annotations[{index}]")
            caption = ReportCaption(annotation["caption"], annotation["caption"])
        of_photo[annotation["image_id"]].append(caption)
    for identity, photo in photos.items():
        photo.captions = of_photo[identity]
        if not photo.captions:
            photo.problem = "it has no usable caption"
    warnings = captions.warnings()
    if changed:
        warnings.append(
            f"{count(len(changed), 'caption')} of {path} changed after the update, and edits are not shown in them: "
            f"{first(changed, joint=', ')}."
        )
    settings = captions.document.get(KEY)
    return Results(path, list(photos.values()), settings if isinstance(settings, dict) else {}, warnings)


def _caption(annotation: dict[str, Any]) -> ReportCaption | None:
    """None where the mark does not lead to the caption that is there."""
    text = annotation["caption"]
    if KEY not in annotation:
        return ReportCaption(text, text)
    mark = read_mark(annotation[KEY])
    return ReportCaption(mark.original, text, mark.edits) if fits(mark.original, text, mark.edits) else None
