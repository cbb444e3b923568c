"""Captions made to be hard, by kind: what they state, what they name, and where nothing can go in.

A line of `hard_captions.jsonl` has a caption, tags, and the right outputs, of which any will do. Its rewriter is
spacy-lemma unless it says otherwise.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sentikit_plugins.noun_match.rewriter import NounMatch
from sentikit_plugins.spacy_lemma.rewriter import SpacyLemma

from sentikit import ANP, Caption, Denylist, Tag

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "hard_captions.jsonl").read_text("utf-8").splitlines()
]
KINDS = list(dict.fromkeys(row["kind"] for row in ROWS))
WRITERS = {"spacy-lemma": SpacyLemma(), "noun-match": NounMatch()}


@pytest.fixture(scope="module")
def written() -> dict[str, list[tuple[dict[str, Any], str]]]:
    """kind -> its rows, and what came out."""
    denylist = Denylist.load()
    found: defaultdict[str, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    for name, writer in WRITERS.items():
        rows = [row for row in ROWS if row.get("rewriter", "spacy-lemma") == name]
        anps = [[ANP(*tag.lower().rsplit(" ", 1)) for tag in row["tags"]] for row in rows]
        tags = [[Tag(anp) for anp in some if denylist.denies(anp) is None] for some in anps]
        items = [(Caption(row["caption"]), some) for row, some in zip(rows, tags, strict=True)]
        for row, rewrite in zip(rows, writer.rewrite(items), strict=True):
            found[row["kind"]].append((row, rewrite.text))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_caption_of_a_kind_is_right(kind: str, written: dict[str, list[tuple[dict[str, Any], str]]]) -> None:
    wrong = [f"{row['caption']} + {row['tags']} -> {text}" for row, text in written[kind] if text not in row["right"]]
    assert wrong == []


def test_there_are_enough_captions_and_many_of_them_are_edited() -> None:
    assert len(ROWS) >= 600
    assert len(KINDS) >= 20
    assert sum(row["caption"] not in row["right"] for row in ROWS) >= 150
