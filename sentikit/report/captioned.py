"""What a report is made of: photographs with their captions, whichever file they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..anp import Tag
from ..caption import Edit, apply_edits
from ..formats.coco import ImageId
from .attention_data import WordMaps


class ReportCaption(NamedTuple):
    """A caption: as it was, as it is now, and the edits between the two, in the order of the text."""

    plain: str
    text: str
    edits: tuple[Edit, ...] = ()
    log_probability: float | None = None


@dataclass
class ReportPhoto:
    """A photograph of a report.

    file_name: what it is found by; empty where it is not known.
    tags: best first.
    problem: why it has no caption or cannot be shown: a short sentence, without the full stop.
    """

    image_id: ImageId
    file_name: str
    captions: Sequence[ReportCaption] = ()
    tags: Sequence[Tag] = ()
    attention: WordMaps | None = None
    problem: str | None = None


@dataclass
class Results:
    """The photographs of a file of results, in its order.

    settings: of the run that made the file, where it says.
    warnings: what is wrong with the file, as sentences.
    """

    path: Path
    photos: list[ReportPhoto]
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def fits(plain: str, text: str, edits: Sequence[Edit]) -> bool:
    """Whether `edits` turn the one caption into the other."""
    try:
        return apply_edits(plain, edits) == text
    except ValueError:
        return False
