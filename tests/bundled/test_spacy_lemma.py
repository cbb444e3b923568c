"""The careful writer."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentikit_plugins.spacy_lemma.rewriter import SpacyLemma
from support.rewriter_cases import Case, read_cases, rewrite_one, tag
from support.shared import shared_pipeline

from sentikit import Caption, Rewriter, Tag, apply_edits, undo_edits
from sentikit.cli import run
from sentikit.english.expressions import word_set
from sentikit.english.noun_phrases import noun_phrases, tagger_text

CASES = read_cases("spacy_lemma")
WRITER = SpacyLemma()
TAGS = [tag(text) for text in ("happy dog", "sad man", "busy street", "empty street", "cute cat", "delicious food")]
WORDS = sorted(
    word_set(
        """a an the two no dog dogs man men street cat food hot old young black and , . of in without with very sits
        park parks is smiling THE Dog An 's - \""""
    )
)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.caption[:30]} + {case.note}" for case in CASES])
def test_case(case: Case) -> None:
    assert rewrite_one(WRITER, case.caption, case.tags).text == case.expected


def test_the_cases_are_many_and_distinct() -> None:
    assert len({(case.caption, tuple(case.tags)) for case in CASES}) == len(CASES) >= 150


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40), st.permutations(TAGS))
def test_edits_are_reversible_and_each_adjective_and_noun_has_one(text: str, tags: list[Tag]) -> None:
    [rewrite] = WRITER.rewrite([(Caption(text), tags)])
    assert apply_edits(text, rewrite.edits) == rewrite.text
    assert undo_edits(rewrite.text, rewrite.edits) == text
    adjectives = [edit.tag.adjective for edit in rewrite.edits]
    assert len(set(adjectives)) == len(adjectives)
    assert not {"happy", "sad"} <= set(adjectives)


def test_a_batch_is_written_as_its_captions_one_by_one() -> None:
    items = [(Caption(case.caption), case.tags) for case in CASES]
    assert list(WRITER.rewrite(items)) == [next(WRITER.rewrite([item])) for item in items]


def test_the_tagger_alone_decides_as_the_whole_pipeline_does() -> None:
    nlp = shared_pipeline()
    lemma = WRITER.finder.lemma
    for case in CASES:
        wanted = {lemma(tag.noun) for tag in case.tags}
        phrases = noun_phrases(case.caption, nlp(tagger_text(case.caption)), lemma, wanted)
        assert WRITER.decide(Caption(case.caption), case.tags, phrases).text == case.expected


def test_it_reads_an_endless_stream_lazily_and_in_order() -> None:
    def endless() -> Iterator[tuple[Caption, list[Tag]]]:
        number = 0
        while True:
            yield Caption(f"A dog and {number} cats."), [tag("happy dog")]
            number += 1

    rewrites = WRITER.rewrite(endless())
    assert [next(rewrites).text for _ in range(3000)] == [f"A happy dog and {n} cats." for n in range(3000)]


def test_a_pickled_writer_writes_the_same() -> None:
    copy = pickle.loads(pickle.dumps(WRITER))
    assert rewrite_one(copy, "A dog.", [tag("happy dog")]).text == "A happy dog."
    assert len(pickle.dumps(WRITER)) < 1000, "the pipeline is not pickled along"


def test_it_is_a_rewriter_with_one_edit_by_default() -> None:
    assert isinstance(WRITER, Rewriter)
    assert (WRITER.default_max_edits, WRITER.default_edits_per_sentence) == (3, 1)


def test_the_command_line_knows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco, tags = tmp_path / "captions.json", tmp_path / "tags.jsonl"
    coco.write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.jpg"}],
                "annotations": [{"id": 7, "image_id": 1, "caption": "A train track and an old dog."}],
            }
        )
    )
    tags.write_text(json.dumps({"image_id": 1, "anps": ["abandoned train", "happy dog"]}) + "\n")
    out = tmp_path / "out.json"
    command = ["update-captions", str(coco), "--tags", str(tags), "--rewriter", "spacy-lemma", "-o", str(out)]
    assert run(command) == 0, capsys.readouterr().err
    assert json.loads(out.read_text())["annotations"][0]["caption"] == "A train track and a happy old dog."
