"""Cases of a rewriter, one JSON object a line: a caption, its tags and the text that is expected.

    {"caption": "A dog runs.", "tags": ["happy dog", "wet dog 0.5"], "expected": "A happy dog runs.", "note": "why"}

A tag is "adjective noun", best first, with its probability behind it where the case needs one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from sentikit import ANP, Caption, Rewrite, Rewriter, Tag, apply_edits, undo_edits

FIXTURES = Path(__file__).parents[1] / "fixtures"


class Case(NamedTuple):
    """A line of a fixture."""

    caption: str
    tags: list[Tag]
    expected: str
    note: str


def read_cases(name: str) -> list[Case]:
    """The cases of ``tests/fixtures/<name>.jsonl``."""
    cases = []
    for line in (FIXTURES / f"{name}.jsonl").read_text("utf-8").split("\n"):
        if line:
            case = json.loads(line)
            cases.append(Case(case["caption"], [tag(text) for text in case["tags"]], case["expected"], case["note"]))
    return cases


def tag(text: str) -> Tag:
    """The tag of "happy dog" or "happy dog 0.5"."""
    adjective, noun, *probability = text.split()
    return Tag(ANP(adjective, noun), float(probability[0]) if probability else None)


def rewrite_one(rewriter: Rewriter, caption: str, tags: list[Tag]) -> Rewrite:
    """The rewrite of one caption, whose edits are checked to lead from it to the new text and back."""
    [rewrite] = rewriter.rewrite([(Caption(caption), tags)])
    assert apply_edits(caption, rewrite.edits) == rewrite.text
    assert undo_edits(rewrite.text, rewrite.edits) == caption
    return rewrite
