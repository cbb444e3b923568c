"""Which adjectives tell a feeling."""

from __future__ import annotations

from sentikit import ANP
from sentikit.affect.emotional import is_emotional, is_emotional_word


def test_colour_size_age_sort_and_comparison_are_no_feelings() -> None:
    for adjective in ["red", "big", "young", "little", "wooden", "outdoor", "gravel", "light", "better", "xyzzish"]:
        assert not is_emotional_word(adjective), adjective
    for adjective in ["happy", "muddy", "snowy", "smiling", "abandoned"]:
        assert is_emotional_word(adjective), adjective
    assert is_emotional(ANP("dark", "room"))
    assert not is_emotional(ANP("dark", "hair"))
    assert not is_emotional(ANP("clear", "vase"))
