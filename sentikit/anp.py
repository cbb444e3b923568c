"""Adjective-noun pairs (ANPs) and the tags that put them on an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .errors import UsageError

if TYPE_CHECKING:
    import numpy as np


class ANP(NamedTuple):
    """An adjective and a noun, lower case. Two fields: never one string, except where people read it."""

    adjective: str
    noun: str

    def __str__(self) -> str:
        return f"{self.adjective} {self.noun}"

    @classmethod
    def parse(cls, text: str) -> ANP:
        """Read ``"misty morning"``. Raises ValueError where `text` is not exactly two words."""
        words = text.lower().split()
        if len(words) != 2:
            raise ValueError(f"{text!r} is not an adjective and a noun")
        return cls(*words)


class Tag(NamedTuple):
    """An ANP on an image.

    probability: in [0, 1], or None where only the rank is known.
    attention: where the model looked for the adjective and for the noun, ``(2, height, width)``, or None.
    """

    anp: ANP
    probability: float | None = None
    attention: np.ndarray | None = None

    def __repr__(self) -> str:
        probability = "" if self.probability is None else f", {self.probability:.3g}"
        shape = "" if self.attention is None else f", attention {'x'.join(map(str, self.attention.shape))}"
        return f"Tag({str(self.anp)!r}{probability}{shape})"

    @property
    def adjective(self) -> str:
        return self.anp.adjective

    @property
    def noun(self) -> str:
        return self.anp.noun


TagLike: TypeAlias = Tag | ANP | str | tuple[str, str]
"""A tag, an ANP, ``"happy dog"`` or ``("happy", "dog")``."""


def as_tag(tag: TagLike) -> Tag:
    """The tag of an ANP, ``"happy dog"`` or ``("happy", "dog")``; a tag stays as it is. Raises UsageError."""
    if isinstance(tag, Tag):
        return tag
    words = tag.split() if isinstance(tag, str) else list(tag)
    if len(words) != 2 or not all(isinstance(word, str) and word.strip() for word in words):
        raise UsageError(f"{tag!r} is not an adjective and a noun, such as 'happy dog'.")
    return Tag(ANP(words[0].strip().lower(), words[1].strip().lower()))


def tag_nouns(tags: Sequence[Tag]) -> list[str]:
    """The noun of each tag. A dataset's tags have them as a column, where that is quicker than asking the tags."""
    column: Callable[[], list[str]] | None = getattr(tags, "nouns", None)
    return column() if column else [tag.anp.noun for tag in tags]
