"""An adjective taken out of a human caption and put back gives the same sentence (see the benchmark `round_trip`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sentikit_plugins.spacy_lemma.rewriter import SpacyLemma

from scripts.benchmarks.round_trip import items, opinions, without
from sentikit import Caption

CAPTIONS = 1_500
LEAST = 0.9
"""Of some sixty adjectives; the benchmark measures it on whole splits."""


@pytest.mark.parametrize(
    ("caption", "adjective", "rest"),
    [
        ("A happy dog runs.", "happy", "A dog runs."),
        ("A happy old dog runs.", "happy", "An old dog runs."),
        ("Happy dogs run.", "Happy", "Dogs run."),
        ("It is an empty street.", "empty", "It is a street."),
    ],
)
def test_taking_an_adjective_out(caption: str, adjective: str, rest: str) -> None:
    assert without(caption, caption.index(adjective), len(adjective)) == rest


def test_most_adjectives_go_back_where_people_had_them(shared_data: Path) -> None:
    document = json.loads((shared_data / "flickr8k" / "captions_dev.json").read_text("utf-8"))
    captions = [annotation["caption"] for annotation in document["annotations"][:CAPTIONS]]
    drawn = list(items(captions, opinions(shared_data), []))
    rewrites = SpacyLemma().rewrite((Caption(item.rest), [item.tag]) for item in drawn)
    same = sum(rewrite.text == item.human for rewrite, item in zip(rewrites, drawn, strict=True))
    assert len(drawn) > 40
    assert same / len(drawn) >= LEAST
