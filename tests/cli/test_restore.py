"""Updated captions come back exactly: by the stored original, by the edits alone, and by the command."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, Edit, Rewrite, Tag, undo_edits
from sentikit.cli import run
from sentikit.formats.coco import mark_updated, read_mark, restore_document, write_document

DOG = Tag(ANP("cute", "dog"), 0.3)


def original() -> dict[str, Any]:
    return {
        "info": {"ratio": float("nan"), "big": 10**40},
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [
            {"caption": "A dog and an owl.", "id": 1, "image_id": 1, "extra": {"b": 1, "a": [1e400, "\ud800"]}},
            {"id": 2, "image_id": 1, "caption": "Nothing to do."},
            {"id": 3, "image_id": 1, "caption": "A dog.", "score": 1.0},
        ],
        "licenses": [],
    }


def dog_edit() -> Edit:
    return Edit(2, 2, "", "cute ", DOG)


def owl_edit() -> Edit:
    return Edit(10, 12, "an", "a wise", Tag(ANP("wise", "owl")))


def updated() -> dict[str, Any]:
    document = original()
    first, _, third = document["annotations"]
    mark_updated(first, Rewrite.from_edits(first["caption"], [dog_edit(), owl_edit()]))
    mark_updated(third, Rewrite.from_edits(third["caption"], [dog_edit()]))
    document["sentikit"] = {"rewriter": "noun-match"}
    return document


def same(one: Any, other: Any) -> bool:
    """Equal with the order of keys, NaN and the types of numbers."""
    return json.dumps(one) == json.dumps(other)


def test_an_updated_annotation_says_what_was_done() -> None:
    first = updated()["annotations"][0]
    assert list(first) == ["caption", "id", "image_id", "extra", "sentikit"]
    assert first["caption"] == "A cute dog and a wise owl."
    assert first["sentikit"] == {
        "original": "A dog and an owl.",
        "edits": [
            {
                "start": 2,
                "end": 2,
                "before": "",
                "after": "cute ",
                "adjective": "cute",
                "noun": "dog",
                "probability": 0.3,
            },
            {
                "start": 10,
                "end": 12,
                "before": "an",
                "after": "a wise",
                "adjective": "wise",
                "noun": "owl",
                "probability": None,
            },
        ],
    }
    assert read_mark(first["sentikit"]) == ("A dog and an owl.", (dog_edit(), owl_edit()))


def test_an_annotation_without_edits_stays_as_it_is() -> None:
    annotation = original()["annotations"][1]
    mark_updated(annotation, Rewrite("Nothing to do."))
    assert annotation == original()["annotations"][1]


@pytest.mark.parametrize(
    "rewrite", [Rewrite("Something else."), Rewrite("A cute cat.", (dog_edit(),)), Rewrite("x", (owl_edit(),))]
)
def test_a_rewrite_that_could_not_be_undone_is_refused(rewrite: Rewrite) -> None:
    annotation = original()["annotations"][2]
    with pytest.raises(ValueError, match=r"do not give|is not"):
        mark_updated(annotation, rewrite)
    assert annotation == original()["annotations"][2]


def test_an_annotation_is_not_updated_twice() -> None:
    annotation = updated()["annotations"][2]
    with pytest.raises(ValueError, match="already"):
        mark_updated(annotation, Rewrite.from_edits(annotation["caption"], [dog_edit()]))


def test_restoring_gives_the_original_and_leaves_the_input() -> None:
    document = updated()
    before = copy.deepcopy(document)
    restored = restore_document(document)
    assert same(restored.document, original())
    assert (restored.captions, restored.changed, restored.foreign) == (2, [], [])
    assert same(document, before)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = st.text("abcdé 😀", min_size=1, max_size=6)


@st.composite
def rewrites(draw: st.DrawFn) -> tuple[str, Rewrite]:
    caption = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(caption)), max_size=6)))
    edits = [
        Edit(start, end, caption[start:end], draw(words), Tag(ANP(draw(words), draw(words)), draw(probabilities)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return caption, Rewrite.from_edits(caption, edits)


probabilities = st.none() | st.floats(0, 1)
extras = st.dictionaries(
    st.text("abc", min_size=1), st.integers() | st.floats() | st.lists(st.text(st.characters())), max_size=3
)


@given(st.lists(st.tuples(rewrites(), extras, extras), max_size=5), extras)
def test_update_and_restore_is_exact(
    items: list[tuple[tuple[str, Rewrite], dict[str, Any], dict[str, Any]]], extra: dict[str, Any]
) -> None:
    annotations = [
        {**before, "id": index, "caption": caption, **after}
        for index, ((caption, _), before, after) in enumerate(items)
    ]
    document = json.loads(json.dumps({**extra, "annotations": annotations}))
    changed = copy.deepcopy(document)
    for annotation, ((_, rewrite), _, _) in zip(changed["annotations"], items, strict=True):
        mark_updated(annotation, rewrite)
    changed["sentikit"] = {}
    changed = json.loads(json.dumps(changed))
    for annotation, ((caption, rewrite), _, _) in zip(changed["annotations"], items, strict=True):
        assert annotation["caption"] == rewrite.text
        assert ("sentikit" in annotation) == bool(rewrite.edits)
        if rewrite.edits:
            assert undo_edits(annotation["caption"], read_mark(annotation["sentikit"]).edits) == caption
    restored = restore_document(changed)
    assert same(restored.document, document)
    assert restored.captions == sum(bool(rewrite.edits) for (_, rewrite), _, _ in items)


@pytest.mark.parametrize("caption", ["A cute doggy.", "A big dog.", "", None])
def test_a_caption_changed_by_hand_is_left_and_named(caption: Any) -> None:
    document = updated()
    document["annotations"][2]["caption"] = caption
    restored = restore_document(document)
    assert restored.captions == 1
    assert restored.document["annotations"][0] == original()["annotations"][0]
    assert restored.document["annotations"][2] == document["annotations"][2]
    assert restored.document["sentikit"] == {"rewriter": "noun-match"}
    assert restored.changed == [("annotations[2]", "caption", caption, "it was changed after the update")]


def test_a_foreign_key_of_the_original_is_left() -> None:
    before = original()
    before["annotations"][1]["sentikit"] = "theirs"
    document = updated()
    document["annotations"][1]["sentikit"] = "theirs"
    restored = restore_document(document)
    assert same(restored.document, before)
    assert [problem.place for problem in restored.foreign] == ["annotations[1]"]


@pytest.mark.parametrize(
    "damage",
    [
        {"original": None},
        {"edits": None},
        {"edits": [1]},
        {"edits": [{"start": 2}]},
        *(
            {"edits": [{**updated()["annotations"][2]["sentikit"]["edits"][0], key: value}]}
            for key, value in [("start", True), ("end", "2"), ("before", None), ("noun", 1), ("probability", "high")]
        ),
    ],
)
def test_a_damaged_mark_is_not_taken_for_one(damage: dict[str, Any]) -> None:
    mark = {**updated()["annotations"][2]["sentikit"], **damage}
    with pytest.raises(ValueError, match="not written by sentikit, or it is damaged"):
        read_mark(mark)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_document(tmp_path / "c.sentikit.json", updated())
    return tmp_path / "c.sentikit.json"


def test_the_command_restores_beside_the_input(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = file.read_bytes()
    assert run(["restore-captions", str(file)]) == 0
    output = file.with_name("c.restored.json")
    assert same(json.loads(output.read_text()), original())
    assert file.read_bytes() == before
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"Restored 2 captions. Wrote {output}.\n")

    assert run(["restore-captions", str(file)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert run(["restore-captions", str(file), "--force"]) == 0
    assert run(["restore-captions", str(file), "-o", str(file), "--force"]) == 1
    assert "is also an input" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_a_restored_file_has_nothing_to_restore(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["restore-captions", str(file), "-o", str(file.with_name("a.json"))]) == 0
    assert run(["restore-captions", str(file.with_name("a.json"))]) == 1
    assert "a.json has nothing to restore, and nothing was written." in capsys.readouterr().err
    assert not file.with_name("a.restored.json").exists()


def test_settings_alone_are_taken_off(tmp_path: Path) -> None:
    write_document(tmp_path / "a.json", {**original(), "sentikit": {}})
    assert run(["restore-captions", str(tmp_path / "a.json")]) == 0
    assert same(json.loads((tmp_path / "a.restored.json").read_text()), original())


@pytest.mark.parametrize("strict", [False, True])
def test_the_command_names_what_was_changed_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], strict: bool
) -> None:
    document = updated()
    document["annotations"][2]["caption"] = "A very cute dog."
    write_document(tmp_path / "a.json", document)
    assert run(["restore-captions", str(tmp_path / "a.json"), *["--strict"] * strict]) == int(strict)
    problem = "annotations[2], key 'caption', value \"A very cute dog.\": it was changed after the update"
    err = capsys.readouterr().err
    if strict:
        assert err == f"Error: {tmp_path / 'a.json'}: {problem}.\n"
        assert not (tmp_path / "a.restored.json").exists()
    else:
        assert err.startswith(f"Warning: 1 caption of {tmp_path / 'a.json'} cannot be restored: {problem}.\nRestored 1")
        assert json.loads((tmp_path / "a.restored.json").read_text())["annotations"][2] == document["annotations"][2]


def test_nothing_is_written_where_no_caption_can_be_restored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = updated()
    for annotation in document["annotations"]:
        annotation["caption"] = "Changed."
    write_document(tmp_path / "a.json", document)
    assert run(["restore-captions", str(tmp_path / "a.json")]) == 1
    assert "has nothing to restore" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_pycocotools_reads_an_updated_file(file: Path) -> None:
    from pycocotools.coco import COCO

    annotations = COCO(str(file)).dataset["annotations"]
    for annotation, before in zip(annotations, original()["annotations"], strict=True):
        kept = {key: value for key, value in annotation.items() if key != "sentikit"}
        assert list(kept) == list(before)
        assert {**kept, "caption": 0} == {**before, "caption": 0}


def test_the_real_captions_come_back(shared_data: Path, tmp_path: Path) -> None:
    source = json.loads((shared_data / "coco_mini" / "captions.json").read_text())
    document = copy.deepcopy(source)
    for annotation in document["annotations"]:
        at = annotation["caption"].lower().find("a ")
        if at >= 0:
            rewrite = Rewrite.from_edits(annotation["caption"], [Edit(at + 2, at + 2, "", "cute ", DOG)])
            mark_updated(annotation, rewrite)
    document["sentikit"] = {}
    write_document(tmp_path / "a.sentikit.json", document)
    assert run(["restore-captions", str(tmp_path / "a.sentikit.json")]) == 0
    assert same(json.loads((tmp_path / "a.restored.json").read_text()), source)
