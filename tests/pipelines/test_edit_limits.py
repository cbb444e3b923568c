"""Which edits of a caption are kept: the most probable ones, and spread over its sentences where that is asked for."""

from __future__ import annotations

import pytest

from sentikit import ANP, Rewrite, Tag
from sentikit.english import find_word, insertion
from sentikit.pipelines.edit_limits import EditLimit, edit_limit, limit_edits

TEXT = "A dog sits. A cat lies. A bird sings. A dog barks."
TAGS = [Tag(ANP("cute", "dog"), 0.4), Tag(ANP("shy", "cat"), 0.3), Tag(ANP("tiny", "bird"), 0.2)]


class Spreading:
    default_max_edits = 3
    default_edits_per_sentence = 1


class Plain:
    default_max_edits = 2


def made() -> Rewrite:
    edits = [insertion(TEXT, find_word(TEXT, tag.noun) or 0, tag.adjective, tag) for tag in TAGS]
    again = Tag(ANP("loud", "dog"), 0.5)
    return Rewrite.from_edits(TEXT, [*edits, insertion(TEXT, TEXT.rindex("dog"), "loud", again)])


def kept(limit: EditLimit) -> list[str]:
    return [edit.tag.adjective for edit in limit_edits(TEXT, made(), TAGS, limit).edits]


def test_the_most_probable_stay() -> None:
    assert kept(EditLimit(None)) == ["cute", "shy", "tiny", "loud"]
    assert kept(EditLimit(2)) == ["cute", "loud"]
    assert kept(EditLimit(0)) == []


def test_spread_goes_before_probability() -> None:
    assert kept(EditLimit(2, None, spread=True)) == ["shy", "loud"], "not a second dog, nor beside an edited sentence"
    assert kept(EditLimit(9, None, spread=True)) == ["cute", "shy", "tiny", "loud"]


def test_one_a_sentence_and_no_noun_twice() -> None:
    assert kept(EditLimit(3, 1, spread=True)) == ["shy", "tiny", "loud"]


def test_one_sentence_has_one() -> None:
    text = "A dog and a cat."
    edits = [insertion(text, find_word(text, tag.noun) or 0, tag.adjective, tag) for tag in TAGS[:2]]
    assert len(limit_edits(text, Rewrite.from_edits(text, edits), TAGS, EditLimit(3, 1, True)).edits) == 1


@pytest.mark.parametrize(
    ("model", "max_edits", "limit"),
    [
        (Spreading(), None, EditLimit(3, 1, True)),
        (Spreading(), 5, EditLimit(5, None, True)),
        (Plain(), None, EditLimit(2)),
        (Plain(), 5, EditLimit(5)),
    ],
)
def test_the_user_goes_before_the_model(model: object, max_edits: int | None, limit: EditLimit) -> None:
    assert edit_limit(model, max_edits) == limit  # type: ignore[arg-type]
