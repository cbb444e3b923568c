"""Captions as models write them today: several sentences, lists, markdown, hedges, tags, other languages.

Each line of ``fixtures/modern_captions.jsonl`` has a caption, its tags, and the right answers; the kind says what is
hard. They go through the filter, the rewriter and the pipeline's limits, as `Sentikit.rewrite` has them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from sentikit.api import Sentikit, load
from sentikit.english.language import is_foreign
from sentikit.english.layout import is_tag_list, labels
from sentikit.english.sentences import sentence_starts

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "modern_captions.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def model() -> Sentikit:
    return load()


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}: {case['caption'][:40]}" for case in CASES])
def test_a_modern_caption(model: Sentikit, case: dict[str, list[str]]) -> None:
    result = model.rewrite(str(case["caption"]), case["tags"])
    assert result.text in case["right"]
    adjectives = [edit.tag.adjective for edit in result.edits]
    assert len(adjectives) <= 3
    assert len(set(adjectives)) == len(adjectives)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 150
    assert min(Counter(case["kind"] for case in CASES).values()) >= 5


def test_edits_are_spread_over_the_sentences(model: Sentikit) -> None:
    text = "A dog sits. A cat lies. A bird sings. A horse stands. A cow eats."
    tags = ["cute dog", "curious cat", "beautiful bird", "happy horse", "friendly cow"]
    by_default = "A cute dog sits. A cat lies. A beautiful bird sings. A horse stands. A friendly cow eats."
    assert model.rewrite(text, tags).text == by_default
    assert model.rewrite(text, tags, max_edits=1).text == text.replace("A dog", "A cute dog")
    assert model.rewrite(text, tags, max_edits=2).text == text.replace("A dog", "A cute dog").replace(
        "A bird", "A beautiful bird"
    )
    assert len(model.rewrite(text, tags, max_edits=9).edits) == 5


def test_one_sentence_gets_one_edit(model: Sentikit) -> None:
    tags = ["cute dog", "colorful ball", "sunny beach"]
    assert model.rewrite("A dog with a ball on a beach.", tags).text == "A cute dog with a ball on a beach."
    assert len(model.rewrite("A dog with a ball on a beach.", tags, max_edits=3).edits) == 3


def test_any_language_can_be_asked_for(model: Sentikit, caplog: pytest.LogCaptureFixture) -> None:
    text = "Une table avec un vase."
    assert model.rewrite(text, ["pretty vase"]).text == text
    assert [record.getMessage() for record in caplog.records] == [
        "1 caption was not in English and left alone; --language any edits all languages."
    ]
    assert model.rewrite(text, ["pretty vase"], language="any").edits


@pytest.mark.parametrize("text", ["A pizza on a pizza pan on a table", "Pizza.", "A CAR ON A ROAD", "A UFO hovers."])
def test_english_that_is_easily_mistaken(text: str) -> None:
    assert not is_foreign(text)


def test_no_human_caption_is_foreign(shared_data: Path) -> None:
    document = json.loads((shared_data / "coco_captioned" / "captions.json").read_text("utf-8"))
    captions = [annotation["caption"] for annotation in document["annotations"]]
    assert sum(map(is_foreign, captions)) <= len(captions) // 1000
    assert sum(map(is_tag_list, captions)) <= len(captions) // 1000


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("A dog.", 1),
        ("A dog. A cat.", 2),
        ("a dog . a cat .", 2),
        ("Mr. Smith and the No. 12 bus. A dog.", 2),
        ("At 9 a.m. a dog runs.", 1),
        ("Wait... there is a dog! Is it yours? Yes.", 3),
        ("One\n\nTwo", 2),
        ("Wrapped\nline.", 1),
        ("- a dog\n- a cat", 2),
        ("1. A dog\n2. A cat", 2),
        ("# Dogs\nA dog.", 2),
    ],
)
def test_sentences(text: str, sentences: int) -> None:
    assert len(sentence_starts(text)) == sentences


def test_the_page_shows_real_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "modern-captions.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    for code, output in blocks:
        exec(code, names)
        assert capsys.readouterr().out == output
    assert len(blocks) >= 4


def test_labels_end_where_the_text_begins() -> None:
    text = "**Setting:** A kitchen. Photo: a dog."
    assert [text[start:end] for start, end in labels(text)] == ["**Setting:**"]
