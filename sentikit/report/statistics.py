"""The numbers at the top of a report: the paper's Table 2 for its file, and the commonest ANPs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..affect.valence import adjective_valence, polarity
from ..anp import ANP
from ..english.adjectives import count_without_adjective
from .captioned import ReportPhoto

COMMONEST = 12
UNKNOWN = "unknown"


@dataclass
class ReportStatistics:
    """What is counted of all photographs. `edited` captions hold an adjective, whichever the word list knows."""

    photos: int = 0
    captions: int = 0
    edited: int = 0
    edits: int = 0
    plain_without_adjective: int = 0
    without_adjective: int = 0
    anps: Counter[ANP] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as the page shows them; the ANPs are the commonest."""
        polarities = Counter(dict.fromkeys(("positive", "neutral", "negative", UNKNOWN), 0))
        for anp, count in self.anps.items():
            polarities[anp_polarity(anp)] += count
        common = sorted(self.anps.items(), key=lambda item: (-item[1], item[0]))[:COMMONEST]
        return {
            "photos": self.photos,
            "captions": self.captions,
            "edited": self.edited,
            "edits": self.edits,
            "plainWithoutAdjective": self.plain_without_adjective,
            "withoutAdjective": self.without_adjective,
            "distinct": len(self.anps),
            "commonest": [[anp.adjective, anp.noun, anp_polarity(anp), count] for anp, count in common],
            "polarities": list(polarities.items()),
        }


def count_photos(photos: Iterable[ReportPhoto]) -> ReportStatistics:
    """Count the captions of all photographs."""
    statistics = ReportStatistics()
    plain: list[str] = []
    unchanged: list[str] = []
    for photo in photos:
        statistics.photos += 1
        for caption in photo.captions:
            plain.append(caption.plain)
            if caption.edits:
                statistics.edited += 1
                statistics.edits += len(caption.edits)
                statistics.anps.update(edit.tag.anp for edit in caption.edits)
            else:
                unchanged.append(caption.text)
    statistics.captions = len(plain)
    statistics.plain_without_adjective = count_without_adjective(plain)
    statistics.without_adjective = count_without_adjective(unchanged)
    return statistics


def anp_polarity(anp: ANP) -> str:
    """How its adjective feels; ``unknown`` where no lexicon has it."""
    return polarity(adjective_valence(anp.adjective)) or UNKNOWN
