"""For the tests of plugins: a contract suite for each kind of component, and small data of every sort.

    from sentikit.testing import contract

    test_mood = contract("rewriter", "mood", verb="seems")

The same checks run with ``sentikit plugins check``. The fixtures (`sentikit_photos`, `sentikit_coco`, `sentikit_tags`,
`sentikit_isolated`) are pytest's without an import. See docs/testing-plugins.md.
"""

from __future__ import annotations

from .contract import contract
from .samples import CAPTIONS, TAGS, KnownScorer, photographs, save_coco, save_photos, save_tags
from .subject import Check, NotChecked, Subject
from .suites import checks_of

__all__ = [
    "CAPTIONS",
    "TAGS",
    "Check",
    "KnownScorer",
    "NotChecked",
    "Subject",
    "checks_of",
    "contract",
    "photographs",
    "save_coco",
    "save_photos",
    "save_tags",
]
