"""Results as HTML for a notebook: inserted adjectives marked, a thumbnail, and the tags as bars."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from ..anp import Tag
from ..caption import Edit
from ..formats.coco import Mark
from ..images import ImageRef, load_photo
from ..images.decode import ImageProblem

if TYPE_CHECKING:
    from ..pipelines.results import Candidate

_THUMBNAIL = 240
"""Pixels of the longer side."""
_TAGS = 8
_MARK = "background:#ffe9a8;color:#402c00;border-radius:3px;padding:0 2px"


def marked_html(plain: str, edits: Sequence[Edit]) -> str:
    """`plain` with its edits made; what they inserted is marked."""
    pieces, position = [], 0
    for edit in edits:
        start, end = _adjective(edit)
        pieces += [
            escape(plain[position : edit.start] + edit.after[:start]),
            f'<mark style="{_MARK}">{escape(edit.after[start:end])}</mark>',
            escape(edit.after[end:]),
        ]
        position = edit.end
    return "".join([*pieces, escape(plain[position:])])


def photo_html(ref: ImageRef, candidates: Sequence[Candidate], tags: Sequence[Tag], error: str | None) -> str:
    """A photograph with its captions and tags, or with the reason why it has none."""
    if error is not None:
        return f"<p><b>{escape(ref.file_name)}</b>: {escape(error)}</p>"
    captions = "".join(
        f"<p style='margin:0 0 6px;font-size:{size}'>{marked_html(one.plain, one.edits)}</p>"
        for one, size in zip(candidates, ["1.15em", *["1em"] * len(candidates)], strict=False)
    )
    shown = tags[:_TAGS]
    longest = max((tag.probability or 0.0 for tag in shown), default=0.0) or 1.0
    bars = "".join(_bar(tag, longest) for tag in shown)
    return (
        f"<div style='display:flex;gap:16px;align-items:flex-start;margin:8px 0'>{_thumbnail(ref)}"
        f"<div>{captions}<table style='border-collapse:collapse;margin:0'>{bars}</table></div></div>"
    )


def update_html(summary: str, marks: Iterable[Mark]) -> str:
    """The counts of an updated dataset and some of its captions, with what was put in."""
    rows = "".join(f"<li style='margin:2px 0'>{marked_html(mark.original, mark.edits)}</li>" for mark in marks)
    return f"<p>{escape(summary)}</p><ul>{rows}</ul>"


def _adjective(edit: Edit) -> tuple[int, int]:
    """Where the inserted adjective stands in the text of the edit; all of it if it is spelt otherwise."""
    start = edit.after.lower().find(edit.tag.adjective)
    return (start, start + len(edit.tag.adjective)) if start >= 0 else (0, len(edit.after))


def _bar(tag: Tag, longest: float) -> str:
    if tag.probability is None:
        return f"<tr><td style='text-align:left'>{escape(str(tag.anp))}</td></tr>"
    width = max(1, round(120 * tag.probability / longest))
    bar = f"<div style='width:{width}px;height:9px;background:#c98a00;border-radius:2px'></div>"
    return (
        f"<tr><td style='text-align:left'>{escape(str(tag.anp))}</td>"
        f"<td style='text-align:right'>{tag.probability:.3f}</td><td>{bar}</td></tr>"
    )


def _thumbnail(ref: ImageRef) -> str:
    """The photograph as a small picture inside the page; nothing if it cannot be read any more."""
    try:
        image = load_photo(ref, 2 * _THUMBNAIL).image.copy()
    except ImageProblem:
        return ""
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    data = BytesIO()
    image.save(data, "JPEG", quality=85)
    source = f"data:image/jpeg;base64,{b64encode(data.getvalue()).decode()}"
    return f"<img alt='{escape(ref.file_name, quote=True)}' src='{source}'>"
