"""What counts as an insertion, and what makes an answer another text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentikit_plugins.endpoint.alignment import insertions

CAPTION = "A dog and an old man sit on a bench."


@pytest.mark.parametrize(
    ("caption", "answer", "found"),
    [
        (CAPTION, "A happy dog and an old man sit on a bench.", [(2, ("happy",))]),
        (CAPTION, "a HAPPY dog and a lovely old man sit on a bench", [(2, ("happy",)), (13, ("lovely",))]),
        (CAPTION, "A happy, playful dog and an old man sit on a bench!", [(2, ("happy", "playful"))]),
        (CAPTION, "A dog and an old man sit on an\n ugly bench.", [(30, ("ugly",))]),
        (CAPTION, CAPTION, []),
        (CAPTION, "An old dog and an old man sit on a bench.", [(2, ("old",))]),
        ("A man's dog", "A man’s happy dog", [(8, ("happy",))]),
        ("Dogs run", "Happy dogs run.", [(0, ("happy",))]),
    ],
)
def test_insertions_are_found(caption: str, answer: str, found: list[tuple[int, tuple[str, ...]]]) -> None:
    made = insertions(caption, answer)
    assert made is not None
    assert [(one.at, one.words) for one in made] == found
    assert all(
        answer[start:].lower().startswith(word)
        for one in made
        for word, start in zip(one.words, one.starts, strict=True)
    )


@pytest.mark.parametrize(
    "answer",
    [
        "A happy puppy and an old man sit on a bench.",
        "A happy dog and an old man sitting on a bench.",
        "A happy dog and an old man sit on the bench.",
        "A happy dog sit on a bench.",
        "An old man and a dog sit on a bench.",
        "A dog and an old man sit on a bench happily.",
        "A dog and an old man sit on a bench. How lovely",
        "Sure! Here is another caption.",
        "",
    ],
)
def test_everything_else_is_another_text(answer: str) -> None:
    assert insertions(CAPTION, answer) is None


WORDS = st.sampled_from(["a", "dog", "red", "happy", "on", ",", "street", "the"])


@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_whatever_is_inserted_before_a_word_is_found_again(words: list[str], data: st.DataObject) -> None:
    caption = " ".join(words)
    new = [["lovely"] * data.draw(st.integers(0, 2)) + [word] for word in words]
    found = insertions(caption, " ".join(word for some in new for word in some))
    assert found is not None
    assert [one.words for one in found] == [tuple(some[:-1]) for some in new if len(some) > 1]
    assert all(
        caption[one.at :].startswith(some[-1]) for one, some in zip(found, (s for s in new if len(s) > 1), strict=True)
    )


@given(st.lists(WORDS, max_size=8), st.lists(WORDS, max_size=8))
def test_any_two_texts_can_be_compared(caption: list[str], answer: list[str]) -> None:
    found = insertions(" ".join(caption), " ".join(answer))
    assert found is None or all(one.words for one in found)
