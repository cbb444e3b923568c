"""Results as HTML for a notebook: inserted adjectives marked, a thumbnail, and the tags as bars."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO

from ..anp import Tag
from ..caption import Edit
from ..images import ImageRef, load_photo
from ..images.decode import ImageProblem

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


def photo_html(ref: ImageRef | None, plain: str, edits: Sequence[Edit], tags: Sequence[Tag], error: str | None) -> str:
    """A photograph with its caption and tags, or with the reason why it has none."""
    if error is not None:
        name = ref.file_name if ref else ""
        return f"<p><b>{escape(name)}</b>: {escape(error)}</p>"
    image = _thumbnail(ref) if ref else ""
    caption = f"<p style='font-size:1.1em'>{marked_html(plain, edits)}</p>" if plain else ""
    shown = tags[:_TAGS]
    longest = max((tag.probability or 0.0 for tag in shown), default=0.0) or 1.0
    bars = "".join(_bar(tag, longest) for tag in shown)
    return (
        f"<div style='display:flex;gap:16px;align-items:flex-start'>{image}"
        f"<div>{caption}<table style='border-collapse:collapse'>{bars}</table></div></div>"
    )


def update_html(summary: str, examples: Sequence[tuple[str, str]]) -> str:
    """The counts of an updated dataset and some of its captions, before and after."""
    rows = "".join(f"<tr><td>{escape(before)}</td><td>{escape(after)}</td></tr>" for before, after in examples)
    head = "<tr><th>before</th><th>after</th></tr>" if rows else ""
    return f"<p>{escape(summary)}</p><table>{head}{rows}</table>"


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
