"""What the rewriter writes, and that its edits give the caption back."""

from __future__ import annotations

import pytest
from sentikit_mood import Mood

from sentikit import ANP, Caption, Rewrite, Tag, undo_edits

TAGS = [
    Tag(ANP("misty", "street"), 0.4),
    Tag(ANP("happy", "woman"), 0.3),
    Tag(ANP("dark", "street"), 0.2),
    Tag(ANP("wet", "dogs"), 0.1),
]


def rewrite(text: str, verb: str = "looks") -> Rewrite:
    (rewritten,) = Mood(verb).rewrite([(Caption(text), TAGS)])
    return rewritten


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A street in the morning.", "A street that looks misty in the morning."),
        ("Cars on a street", "Cars on a street that looks misty"),
        ("A woman, and a street.", "A woman who looks happy, and a street that looks misty."),
        ("A street sign.", "A street sign."),
        ("A woman and child.", "A woman and child."),
        ("The street's end.", "The street's end."),
        ("Two dogs on a misty street.", "Two dogs on a misty street."),
        ("Nothing of note.", "Nothing of note."),
        ("", ""),
    ],
)
def test_mood(text: str, expected: str) -> None:
    result = rewrite(text)
    assert result.text == expected
    assert undo_edits(*result) == text


def test_the_verb_is_an_option() -> None:
    assert rewrite("A street.", verb="feels").text == "A street that feels misty."


def test_captions_are_taken_one_at_a_time() -> None:
    def items():
        yield Caption("A street."), TAGS
        raise AssertionError("read too far")

    assert next(Mood("looks").rewrite(items())).text == "A street that looks misty."
