"""The photographs as the page gets them: short rows, written as JavaScript that no text can break out of."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..affect.valence import adjective_valence
from ..anp import ANP
from ..caption import Edit
from ..io.text import short_reason
from .attention_data import is_finite
from .captioned import ReportCaption, ReportPhoto
from .privacy import file_label, without_folders
from .statistics import anp_polarity
from .thumbnails import Thumbnail

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_MOST_TAGS = 20


def call(function: str, *arguments: Any) -> str:
    """A line of JavaScript that calls `function`. It is plain ASCII and has no ``<``, so it can stand in HTML, too."""
    values = (json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_ESCAPES) for value in arguments)
    return f"report.{function}({','.join(values)});\n"


class RowMaker:
    """Makes rows. An ANP is a number in them, its place in `anps`."""

    def __init__(self) -> None:
        self._places: dict[ANP, int] = {}

    def anps(self) -> list[list[Any]]:
        """Adjective, noun, polarity and valence of every ANP so far."""
        return [[anp.adjective, anp.noun, anp_polarity(anp), adjective_valence(anp.adjective)] for anp in self._places]

    def photo(self, photo: ReportPhoto, picture: Thumbnail | None, *, embed: bool = False) -> list[Any]:
        """Id, file name, problem, picture, captions, tags, and whether there are attention maps.

        embed: put the picture itself in; otherwise the page knows where it is.
        """
        return [
            file_label(str(photo.image_id)),
            file_label(photo.file_name),
            without_folders(short_reason(photo.problem)) if photo.problem else 0,
            0 if picture is None else [picture.width, picture.height, *([_data_url(picture)] if embed else [])],
            [self._caption(caption) for caption in photo.captions],
            [[self._place(tag.anp), _probability(tag.probability)] for tag in photo.tags[:_MOST_TAGS]],
            int(photo.attention is not None),
        ]

    def _caption(self, caption: ReportCaption) -> list[Any]:
        """The pieces of its text, the plain caption where it is another one, and the log-probability."""
        score = caption.log_probability
        plain = caption.plain if caption.plain != caption.text else 0
        return [list(self._pieces(caption)), plain, None if score is None else round(score, 3)]

    def _pieces(self, caption: ReportCaption) -> Iterator[Any]:
        """Text, and for each inserted adjective its word, ANP and probability. Joined they are the caption."""
        text, position = "", 0
        for edit in caption.edits:
            before, word, after = _split(edit)
            text += caption.plain[position : edit.start] + before
            if text:
                yield text
            yield [word, self._place(edit.tag.anp), _probability(edit.tag.probability)]
            text, position = after, edit.end
        text += caption.plain[position:] if caption.edits else caption.text
        if text:
            yield text

    def _place(self, anp: ANP) -> int:
        return self._places.setdefault(anp, len(self._places))


def attention_rows(photos: Iterable[tuple[int, ReportPhoto]]) -> list[list[Any]]:
    """Number, words, height, width and maps of each photograph that has attention maps."""
    return [[number, *photo.attention] for number, photo in photos if photo.attention is not None]


def _split(edit: Edit) -> tuple[str, str, str]:
    """What an edit puts in: what comes before the adjective (an article), the adjective, what comes after."""
    start = edit.after.lower().find(edit.tag.adjective.lower())
    end = start + len(edit.tag.adjective)
    return (edit.after[:start], edit.after[start:end], edit.after[end:]) if start >= 0 else ("", edit.after, "")


def _data_url(picture: Thumbnail) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture.data).decode()}"


def _probability(value: float | None) -> float | None:
    return float(f"{value:.4g}") if value is not None and is_finite(value) else None
