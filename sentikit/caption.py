"""Captions, the edits that put adjectives into them, and the rewrites that result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from .anp import Tag

if TYPE_CHECKING:
    import numpy as np


class Caption(NamedTuple):
    """A caption, written by a person or generated.

    words: the generated words, where a model made the caption.
    attention: where the model looked for each word, ``(words, height, width)``.
    log_probability: the sum over the words, where a model made the caption.
    """

    text: str
    words: tuple[str, ...] = ()
    attention: np.ndarray | None = None
    log_probability: float | None = None

    def word_spans(self) -> list[tuple[int, int] | None]:
        """Where each word stands in the text, start and end; None for one that does not, such as an end token."""
        text, position = self.text.lower(), 0
        spans: list[tuple[int, int] | None] = []
        for word in self.words:
            start = text.find(word.lower(), position)
            spans.append((start, start + len(word)) if start >= 0 else None)
            position = start + len(word) if start >= 0 else position
        return spans


class Edit(NamedTuple):
    """One insertion, as a replacement in the original text: ``original[start:end] == before`` becomes ``after``.

    Positions are offsets in characters of the original. A change of article or capital is part of the edit.
    """

    start: int
    end: int
    before: str
    after: str
    tag: Tag


class Rewrite(NamedTuple):
    """The new text, and the edits that made it, in the order of the text; they never overlap."""

    text: str
    edits: tuple[Edit, ...] = ()

    @classmethod
    def from_edits(cls, original: str, edits: Sequence[Edit]) -> Rewrite:
        """Apply `edits`, given in any order, to `original`. Raises ValueError where they overlap or do not fit."""
        ordered = tuple(sorted(edits, key=lambda edit: edit.start) if len(edits) > 1 else edits)
        return cls(apply_edits(original, ordered), ordered)


def apply_edits(original: str, edits: Sequence[Edit]) -> str:
    """The text after `edits`, which are in the order of the text. Raises ValueError where one does not fit."""
    if len(edits) == 1:  # as nearly all of a dataset's
        start, end, before, after, _ = edits[0]
        if start >= 0 and end == start + len(before) and original.startswith(before, start):
            return original[:start] + after + original[end:]
    pieces: list[str] = []
    position = 0
    previous_start = -1
    for start, end, before, after, _ in edits:
        if start < position or start == previous_start:
            raise ValueError(f"the edit at {start} overlaps the one before it")
        if original[start:end] != before or end != start + len(before):
            raise ValueError(f"the text at {start} is not {before!r}")
        pieces += (original[position:start], after)
        position, previous_start = end, start
    pieces.append(original[position:])
    return "".join(pieces)


def undo_edits(text: str, edits: Sequence[Edit]) -> str:
    """The original text, from the new text and its edits alone. Raises ValueError where they do not fit."""
    pieces: list[str] = []
    position = 0
    shift = 0
    for old_start, _, before, after, _ in edits:
        start = old_start + shift
        end = start + len(after)
        if start < position or text[start:end] != after:
            raise ValueError(f"the text at {start} is not {after!r}")
        pieces += (text[position:start], before)
        position = end
        shift += len(after) - len(before)
    pieces.append(text[position:])
    return "".join(pieces)
