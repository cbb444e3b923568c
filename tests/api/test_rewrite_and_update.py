"""Rewriting captions and updating datasets from Python."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from support.looking_models import save_photos
from support.toy_api import toy_model
from support.toy_commands import toy_run

import sentikit
from sentikit import ANP, Sentikit, SentikitError, Tag, UsageError

DEMO = Path(__file__).parents[2] / "examples" / "demo"


@pytest.fixture(scope="module")
def model() -> Sentikit:
    return toy_model(rewriter="noun-match")


@pytest.fixture(scope="module")
def bundled() -> Sentikit:
    return sentikit.load()


def document(*captions: str) -> dict[str, Any]:
    """Captions of two images by turns."""
    return {
        "info": {"year": 2026},
        "images": [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}],
        "annotations": [
            {"id": number, "image_id": number % 2 + 1, "caption": caption} for number, caption in enumerate(captions)
        ],
    }


TAGS: dict[int | str, list[Any]] = {1: ["happy dog"], 2: [("old", "street"), Tag(ANP("wet", "dog"), 0.5)]}


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "folder"])
def test_captions_of_another_format_are_refused(name: str, model: Sentikit, tmp_path: Path) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_text("image,caption\n1.jpg,A dog\n")
    with pytest.raises(UsageError, match=r"takes COCO captions, .*'sentikit update-captions'.*'sentikit convert'"):
        model.update(path, tags_file=tmp_path / "t.jsonl")


@pytest.mark.parametrize(
    "tags",
    [
        ["happy dog"],
        [("happy", "dog")],
        [ANP("happy", "dog")],
        [Tag(ANP("happy", "dog"), 0.5)],
        ("HAPPY Dog",),
        iter(["happy dog"]),
        "happy dog",
    ],
)
def test_rewrite_takes_tags_in_any_form(bundled: Sentikit, tags: Any) -> None:
    result = bundled.rewrite("A dog on a street.", tags)
    assert (str(result), result.text, result.plain) == (
        "A happy dog on a street.",
        "A happy dog on a street.",
        "A dog on a street.",
    )
    assert result.edits[0].tag.anp == ANP("happy", "dog")
    assert json.loads(json.dumps(result.to_dict()))["edits"][0]["adjective"] == "happy"


def test_rewrite_filters_and_limits(model: Sentikit) -> None:
    tags = [Tag(ANP("happy", "dog"), 0.4), Tag(ANP("old", "street"), 0.5)]
    assert model.rewrite("a dog on a street", tags).text == "a happy dog on an old street"
    assert model.rewrite("a dog on a street", tags, max_edits=1).text == "a dog on an old street"
    assert model.rewrite("a dog on a street", tags, max_edits=0).text == "a dog on a street"
    assert model.rewrite("a dog on a street", tags, top_k=1).text == "a happy dog on a street"
    assert model.rewrite("a dog on a street", tags, min_probability=0.45).text == "a dog on an old street"
    assert model.rewrite("a dog on a street", tags, polarity="positive").text == "a happy dog on a street"


def test_rewrite_takes_what_tag_gave(model: Sentikit, tmp_path: Path) -> None:
    (path,) = save_photos(tmp_path, ["1.png"])
    assert model.rewrite("A street.", model.tag(path)).text == "A misty street."


@pytest.mark.parametrize("caption", ["", " ", "\ud800", "a\0b", "dog" * 1000])
def test_a_text_without_a_noun_stays_as_it_is(model: Sentikit, caption: str) -> None:
    assert model.rewrite(caption, ["happy dog"]).text == caption
    assert model.rewrite(caption, []).text == caption


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        (["dog"], "'dog' is not an adjective and a noun, such as 'happy dog'"),
        (["a very happy dog"], "'a very happy dog' is not"),
        ([("happy",)], "is not an adjective and a noun"),
        ([("happy", "dog", "x")], "is not an adjective and a noun"),
        ([("very happy", "dog")], "is not an adjective and a noun"),
        ([(None, "dog")], "is not an adjective and a noun"),
        ([Tag("happy dog")], "is not an adjective and a noun"),  # type: ignore[arg-type]
        ([None], "None is not an adjective and a noun"),
        ([3], "3 is not an adjective and a noun"),
        ([""], "'' is not an adjective and a noun"),
        (None, r"Tags are a list such as \['happy dog'\], not NoneType"),
        ([Tag(ANP("happy", "dog"), float("nan"))], "a number from 0 to 1, not nan"),
        ([Tag(ANP("happy", "dog"), 1.5)], "a number from 0 to 1, not 1.5"),
        ([Tag(ANP("happy", "dog"), "much")], "a number from 0 to 1, not 'much'"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_tag_is_told_in_a_sentence(model: Sentikit, tags: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        model.rewrite("A dog.", tags)
    with pytest.raises(UsageError, match=sentence if tags else "image 1"):
        model.update(document("a dog"), {1: tags, 2: []})


def test_what_is_no_caption_is_told_in_a_sentence(model: Sentikit) -> None:
    with pytest.raises(UsageError, match="A caption is text, not NoneType"):
        model.rewrite(None, ["happy dog"])  # type: ignore[arg-type]


def coco_of(made: dict[str, Any]) -> COCO:
    found = COCO()
    found.dataset = made
    with contextlib.redirect_stdout(io.StringIO()):
        found.createIndex()
    return found


def test_a_path_a_document_and_a_coco_object_give_the_command_lines_document(
    bundled: Sentikit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(DEMO, tmp_path / "demo")
    captions, tags, output = (tmp_path / "demo" / name for name in ("captions.json", "tags.jsonl", "out.json"))
    assert toy_run("update-captions", captions, "--tags", tags, "-o", output) == 0
    expected = json.loads(output.read_text())
    original = json.loads(captions.read_text())
    for form in (str(captions), captions, original, coco_of(copy.deepcopy(original))):
        result = bundled.update(form, tags)
        assert result.document == expected
        assert list(result.document) == list(expected)
        assert result.restored() == original
    assert original == json.loads(captions.read_text())
    assert not list(tmp_path.glob("**/*.tags.jsonl"))


def test_photographs_give_the_command_lines_document(bundled: Sentikit, tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "demo")
    captions, stats = tmp_path / "demo" / "captions.json", tmp_path / "stats.json"
    assert toy_run("update-captions", captions, "-o", tmp_path / "out.json", "--stats", stats) == 0
    calls: list[tuple[int, int | None]] = []
    result = bundled.update(captions, progress=lambda done, total: calls.append((done, total)))
    assert result.document == json.loads((tmp_path / "out.json").read_text())
    assert result.stats == json.loads(stats.read_text())
    assert calls == [(4, 4), (20, 20)]
    by_document = bundled.update(json.loads(captions.read_text()), images=tmp_path / "demo" / "images")
    assert by_document.document["annotations"] == result.document["annotations"]


def test_the_result_saves_counts_and_converts(model: Sentikit, tmp_path: Path) -> None:
    result = model.update(document("a dog", "a dog", "nothing"), TAGS, examples=1)
    assert str(result) == "2 of 3 captions updated, 2 edits"
    assert (result.stats["captions_updated"], result.examples) == (2, [("a dog", "a happy dog")])
    result.save(tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == result.document
    with pytest.raises(SentikitError, match="exists"):
        result.save(tmp_path / "out.json")
    result.save(str(tmp_path / "out.json"), force=True)
    coco = result.coco()
    assert isinstance(coco, COCO)
    assert coco.getImgIds() == [1, 2]
    assert [one["caption"] for one in coco.loadAnns(coco.getAnnIds(imgIds=[1]))] == ["a happy dog", "nothing"]


words = st.sampled_from(["a", "dog", "dogs", "the", "street", "Street", "hot", "DOG", "é", "🐕", "no", "on", ",", ""])
texts = st.lists(words, max_size=8).map(" ".join).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(captions=st.lists(texts, min_size=1, max_size=6))
def test_restored_is_the_original_and_the_input_stays(captions: list[str]) -> None:
    given = document("the dog", *captions)
    before = copy.deepcopy(given)
    result = MODEL.update(given, {1: ["old street", "happy dog"], 2: ["odd dog", "wet street"]})
    assert given == before
    assert result.restored() == before
    for old, new in zip(before["annotations"], result.document["annotations"], strict=True):
        rewritten = MODEL.rewrite(old["caption"], TAGS_OF[old["image_id"]])
        assert new["caption"] == rewritten.text


TAGS_OF = {1: ["old street", "happy dog"], 2: ["odd dog", "wet street"]}
MODEL = toy_model(rewriter="noun-match")


def test_tags_are_kept_and_continued_in_a_file(tmp_path: Path) -> None:
    save_photos(tmp_path / "images", ["1.png", "2.png"])
    given = document("a street", "a field")
    settings = {"rewriter": "noun-match", "batch_size": 1, "options": {"fail": "memory"}}  # at its second photograph
    kept = tmp_path / "kept.jsonl"
    with pytest.raises(SentikitError, match="memory is too small"):
        toy_model(**settings).update(given, images=tmp_path / "images", tags_file=kept)
    assert len(kept.read_text().splitlines()) == 2  # the settings and the first photograph
    model = toy_model(**settings)
    done = model.update(given, images=tmp_path / "images", tags_file=kept)
    assert len(kept.read_text().splitlines()) == 3
    assert [one["caption"] for one in done.document["annotations"]] == ["a misty street", "a sunny field"]
    assert model.update(given, kept).document["annotations"] == done.document["annotations"]


def test_photographs_that_cannot_be_read_are_logged_and_counted(
    model: Sentikit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save_photos(tmp_path, ["1.png"])
    (tmp_path / "2.png").write_bytes(b"no")
    result = model.update(document("a street", "a street"), images=tmp_path)
    assert result.stats["captions_failed"] == 1
    assert [record.name for record in caplog.records if "2.png" in record.getMessage()] == ["sentikit.api"]
    with pytest.raises(SentikitError, match="1 of the 2 photographs could not be tagged"):
        model.update(document("a street", "a street"), images=tmp_path, strict=True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((None,), r"Captions are a file, a document or a COCO object, not NoneType\."),
        ((3,), r"not int\."),
        (({},), "key 'images' is missing"),
        (([],), "not list"),
        ((COCO(),), "key 'images' is missing"),
        (({"images": [], "annotations": []},), "has no captions"),
        (({"images": {}, "annotations": 3},), "key 'images' holds an object"),
        (({"images": [None], "annotations": [None, {"id": 1}]},), "has no usable caption"),
        (("none.json",), r"none\.json"),
        ((document("a street"),), r"need a folder of photographs \(images=\) or tags\."),
        ((document("a street"), {}), "The tags are empty"),
        ((document("a street"), ["misty street"]), "Tags are a tag file or tags by image id, not list"),
        ((document("a street"), {99: ["misty street"]}), "No image of the captions has tags in tags"),
        ((document("a street"), {"1": ["misty street"]}), "is text here and a number in the captions"),
        ((document("a street"), {1.0: ["misty street"]}), r"An image id is a whole number or text, not 1\.0\."),
        ((document("a street"), {1: ["misty moor"]}), "The only caption was not updated"),
        ((document("a street"), "none.jsonl"), r"none\.jsonl"),
    ],
)
def test_what_cannot_be_updated_is_told_in_a_sentence(
    model: Sentikit, arguments: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(SentikitError, match=sentence):
        model.update(*arguments)


def test_options_that_contradict_are_told(model: Sentikit, tmp_path: Path) -> None:
    for options in ({"images": tmp_path}, {"tags_file": tmp_path / "t.jsonl"}):
        with pytest.raises(UsageError, match="leave images and tags_file out"):
            model.update(document("a street"), TAGS, **options)
    with pytest.raises(UsageError, match="jobs is a whole number of at least 1"):
        model.update(document("a street"), TAGS, jobs=0)
    with pytest.raises(SentikitError, match="updated by sentikit already"):
        model.update(model.update(document("a dog"), {1: ["happy dog"]}).document, TAGS)
    for options in ({"images": ""}, {"images": 3}, {"images": tmp_path, "tags_file": 3}):
        with pytest.raises(UsageError, match=r"(images|tags_file) is (empty|a name or a path, not int)\."):
            model.update(document("a street"), **options)


def test_odd_values_in_a_document_are_told_or_kept(model: Sentikit, tmp_path: Path) -> None:
    odd = {**document("a dog"), "made": object(), "size": float("nan")}
    result = model.update(odd, {np.int64(1): ["happy dog"]})  # type: ignore[dict-item]
    with pytest.raises(SentikitError, match="the document is not JSON"):
        result.save(tmp_path / "out.json")
    with pytest.raises(UsageError, match="path is a name or a path, not NoneType"):
        result.save(None)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
    assert result.restored() == odd
    numbered = document("a dog")
    numbered["images"] = [{"id": np.int64(1)}]
    with pytest.raises(SentikitError, match="neither a whole number nor text"):
        model.update(numbered, {1: ["happy dog"]})
