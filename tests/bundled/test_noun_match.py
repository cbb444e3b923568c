"""noun-match: the paper's rule, case by case, and the laws it keeps for any text."""

from __future__ import annotations

from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rewriter_cases import Case, read_cases, rewrite_one, tag

from sentikit import ANP, Caption, Rewriter, Tag, apply_edits, undo_edits
from sentikit.english import words
from sentikit.plugin.kinds import REWRITER
from sentikit.plugin.loader import load_plugins

CASES = read_cases("noun_match")
NOUNS = [
    "dog",
    "Dog",
    "DOG",
    "apple",
    "An apple",
    "a",
    "A",
    "an",
    "cat's",
    "t-shirt",
    "hour",
    "é",
    "9/11",
    "dog-",
    "ＤＯＧ",
]
GAPS = [" ", "  ", "\u00a0", "\n", ". ", " .", '"', "'", "’", "-", "\u0301", "🐶", "/", "_", ""]
captions = st.lists(st.sampled_from(NOUNS + GAPS) | st.text(max_size=5)).map("".join) | st.text()
names = st.sampled_from(["dog", "apple", "a", "an", "cat", "t-shirt", "hour", "é", "9/11"])
adjectives = st.sampled_from(["happy", "awful", "unique", "dog", "a", "8-year-old"]) | st.text(min_size=1)
tag_lists = st.lists(st.builds(Tag, st.builds(ANP, adjectives, names | st.text(min_size=1))), max_size=20)


@pytest.fixture(scope="module")
def noun_match() -> Rewriter:
    made: Rewriter = load_plugins().get(REWRITER, "noun-match").create()
    return made


@pytest.mark.parametrize("case", CASES, ids=[case.note for case in CASES])
def test_case(noun_match: Rewriter, case: Case) -> None:
    assert rewrite_one(noun_match, case.caption, case.tags).text == case.expected


def test_edits_say_which_tag_they_come_from(noun_match: Rewriter) -> None:
    tags = [tag("cute cat 0.6"), tag("happy dog 0.3"), tag("wet dog 0.2")]
    rewrite = rewrite_one(noun_match, "A dog and a cat.", tags)
    assert [edit.tag for edit in rewrite.edits] == [tags[1], tags[0]]


def test_makes_as_many_edits_as_there_are_nouns(noun_match: Rewriter) -> None:
    assert noun_match.default_max_edits is None


def test_rewrites_a_stream_without_end(noun_match: Rewriter) -> None:
    endless = ((Caption(f"A dog {number}."), [tag("happy dog")]) for number in count())
    texts = [rewrite.text for rewrite in islice(noun_match.rewrite(endless), 2000)]
    assert texts == [f"A happy dog {number}." for number in range(2000)]


def test_a_tag_list_that_several_captions_share_serves_each(noun_match: Rewriter) -> None:
    dog, cat = [tag("happy dog")], [tag("cute cat")]
    items = [(Caption("A dog and a cat."), tags) for tags in (dog, dog, cat, dog)]
    assert [rewrite.text for rewrite in noun_match.rewrite(items)] == [
        "A happy dog and a cat.",
        "A happy dog and a cat.",
        "A dog and a cute cat.",
        "A happy dog and a cat.",
    ]


@given(captions, tag_lists)
def test_text_and_edits_give_the_original_back(noun_match: Rewriter, text: str, tags: list[Tag]) -> None:
    [rewrite] = noun_match.rewrite([(Caption(text), tags)])
    assert undo_edits(rewrite.text, rewrite.edits) == text
    assert apply_edits(text, rewrite.edits) == rewrite.text


@given(st.lists(st.tuples(captions, tag_lists), max_size=8))
def test_a_caption_is_rewritten_alike_in_any_company(noun_match: Rewriter, rows: list[tuple[str, list[Tag]]]) -> None:
    items = [(Caption(text), tags) for text, tags in rows]
    assert list(noun_match.rewrite(items)) == [next(noun_match.rewrite([item])) for item in items]


@given(captions, tag_lists)
def test_one_adjective_a_noun_and_one_noun_an_adjective(noun_match: Rewriter, text: str, tags: list[Tag]) -> None:
    [rewrite] = noun_match.rewrite([(Caption(text), tags)])
    present = {word.lower for word in words(text)}
    used = [edit.tag.adjective for edit in rewrite.edits]
    nouns = [edit.tag.noun for edit in rewrite.edits]
    assert len(set(used)) == len(used)
    assert len(set(nouns)) == len(nouns)
    assert present.isdisjoint(used)
    assert present.issuperset(nouns)


@given(captions, tag_lists)
def test_no_noun_that_stands_in_the_caption_is_overlooked(noun_match: Rewriter, text: str, tags: list[Tag]) -> None:
    [rewrite] = noun_match.rewrite([(Caption(text), tags)])
    present = {word.lower for word in words(text)}
    if not rewrite.edits:
        assert all(tag.adjective in present for tag in tags if tag.noun in present - {"a", "an"})
