"""COCO files: what is read is written again, and what is wrong is named with its place and value."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sentikit import SentikitError
from sentikit.formats.coco import (
    MISSING,
    inspect_captions,
    read_captions,
    read_json,
    read_results,
    write_document,
    write_results,
)

MARK = {"original": "a dog", "edits": []}


def sound() -> dict[str, Any]:
    return {
        "info": {"year": 2017},
        "images": [{"id": 0, "file_name": "a.jpg"}, {"id": "b", "file_name": "b.jpg"}],
        "annotations": [
            {"id": 0, "image_id": 0, "caption": "A dog."},
            {"image_id": "b", "id": "x", "caption": "A cat.", "score": 0.5},
            {"id": 7, "image_id": 0, "caption": "Another dog."},
        ],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    def write(document: Any) -> Path:
        path = tmp_path / "captions.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return path

    return write


Write = Callable[[Any], Path]


def test_reads_zero_and_text_as_ids(write: Write) -> None:
    captions = read_captions(write(sound()), strict=True)
    assert captions.document == sound()
    assert list(captions.images) == [0, "b"]
    assert [(index, annotation["id"]) for index, annotation in captions.usable()] == [(0, 0), (1, "x"), (2, 7)]
    assert (captions.problems, captions.bad, captions.uncaptioned, captions.updated) == ([], frozenset(), [], 0)
    assert captions.warnings() == []


NAMED_ANNOTATIONS: list[tuple[Any, str, Any, str]] = [
    ({"image_id": 0, "caption": "x"}, "id", MISSING, "it is missing"),
    ({"id": True, "image_id": 0, "caption": "x"}, "id", True, "it is neither a whole number nor text"),
    ({"id": 9.0, "image_id": 0, "caption": "x"}, "id", 9.0, "it is used as 9; write it as a whole number"),
    ({"id": None, "image_id": 0, "caption": "x"}, "id", None, "it is neither a whole number nor text"),
    ({"id": [1], "image_id": 0, "caption": "x"}, "id", [1], "it is neither a whole number nor text"),
    ({"id": 0, "image_id": 0, "caption": "x"}, "id", 0, "an earlier entry has the same id"),
    ({"id": "x", "image_id": 0, "caption": "x"}, "id", "x", "an earlier entry has the same id"),
    ({"id": 9, "image_id": 0.0, "caption": "x"}, "image_id", 0.0, "it is used as 0; write it as a whole number"),
]


@pytest.mark.parametrize(("annotation", "key", "value", "what"), NAMED_ANNOTATIONS)
def test_a_caption_whose_id_alone_is_odd_is_named_and_used(
    write: Write, annotation: Any, key: str, value: Any, what: str
) -> None:
    document = sound()
    document["annotations"].insert(2, annotation)
    captions = read_captions(write(document))
    assert captions.problems == [("annotations[2]", key, value, what)]
    assert not captions.bad
    assert captions.annotations[2] == annotation


def test_an_image_id_with_a_point_is_named_and_used(write: Write) -> None:
    document = sound()
    document["images"].append({"id": 5.0, "file_name": "five.jpg"})
    document["annotations"].append({"id": 9, "image_id": 5, "caption": "x"})
    captions = read_captions(write(document))
    assert [str(problem) for problem in captions.problems] == [
        "images[2], key 'id', value 5.0: it is used as 5; write it as a whole number"
    ]
    assert not captions.bad
    assert captions.images[5] == {"id": 5, "file_name": "five.jpg"}
    assert captions.document == document


@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "1.00000000000000000000001", "-0", "-0.0", "1e-400", "4.9e-324", "0.1", "123456789012345678901",
     "1234567890.123456789012", "-0.00000000000000000000000001e-320", "1.5"],
)  # fmt: skip
@pytest.mark.parametrize("beside", ["1", '"é"', "null", '"\\ud800"', "NaN", "1" + "0" * 50])
def test_numbers_are_written_as_they_were(tmp_path: Path, number: str, beside: str) -> None:
    text = f'{{"a":[{number},{{"b":{number}}},{beside}],"c":{number}}}\n'.replace("é", "\\u00e9")
    (tmp_path / "in.json").write_text(text)
    write_document(tmp_path / "out.json", read_json(tmp_path / "in.json"))
    assert (tmp_path / "out.json").read_text() == text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('"annotations": [{"id": 1, "image_id": 1, "caption": "a", "caption": "b"}]', "annotations[0], key 'caption'"),
        ('"annotations": [{"id": 1, "image_id": 1, "caption": "\\":", "x": {"y" : 1, "y": 2}}]',
         "annotations[0].x, key 'y'"),
        ('"annotations": [{"id": 1, "image_id": 1, "caption": "a"}], "info": 1, "info": 2', "the file, key 'info'"),
    ],
)  # fmt: skip
def test_a_key_that_is_given_twice_is_named(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "in.json").write_text('{"images": [{"id": 1, "file_name": "a.jpg"}], ' + text + "}")
    captions = inspect_captions(tmp_path / "in.json")
    assert [str(problem) for problem in captions.problems] == [
        f"{place}: the object has this key more than once, and only the last value is used and written"
    ]
    assert not captions.bad


def test_a_caption_that_looks_like_keys_is_no_problem(write: Write) -> None:
    document = sound()
    document["annotations"][0]["caption"] = '": and \\": and "a":'
    assert not inspect_captions(write(document)).problems


BAD_ANNOTATIONS: list[tuple[Any, str, Any, str]] = [
    (7, "", 7, "it is not an object"),
    ("id image_id caption sentikit", "", "id image_id caption sentikit", "it is not an object"),
    ([], "", [], "it is not an object"),
    ({"id": 9, "caption": "x"}, "image_id", MISSING, "it is missing"),
    ({"id": 9, "image_id": False, "caption": "x"}, "image_id", False, "it is neither a whole number nor text"),
    ({"id": 9, "image_id": {}, "caption": "x"}, "image_id", {}, "it is neither a whole number nor text"),
    ({"id": 9, "image_id": 5, "caption": "x"}, "image_id", 5, "the list 'images' has no usable image with this id"),
    ({"id": 9, "image_id": "B", "caption": "x"}, "image_id", "B", "the list 'images' has no usable image with this id"),
    (
        {"id": 9, "image_id": "0", "caption": "x"},
        "image_id",
        "0",
        "the list 'images' has it as 0; write both as numbers or both as text",
    ),
    ({"id": 9, "image_id": 0}, "caption", MISSING, "it is missing"),
    ({"id": 9, "image_id": 0, "caption": None}, "caption", None, "it is not text"),
    ({"id": 9, "image_id": 0, "caption": ["a"]}, "caption", ["a"], "it is not text"),
    ({"id": 9, "image_id": 0, "caption": ""}, "caption", "", "it is blank"),
    ({"id": 9, "image_id": 0, "caption": " \n\u00a0"}, "caption", " \n\u00a0", "it is blank"),
    (
        {"id": 9, "image_id": 0, "caption": "x", "sentikit": "mine"},
        "sentikit",
        "mine",
        "it was not written by sentikit, or it is damaged; rename or remove it",
    ),
]


@pytest.mark.parametrize(("annotation", "key", "value", "what"), BAD_ANNOTATIONS)
def test_names_a_bad_annotation_and_leaves_it_out(
    write: Write, annotation: Any, key: str, value: Any, what: str
) -> None:
    document = sound()
    document["annotations"].insert(2, annotation)
    path = write(document)
    captions = read_captions(path)
    assert captions.problems == [("annotations[2]", key, value, what)]
    assert captions.bad == {2}
    assert [index for index, _ in captions.usable()] == [0, 1, 3]
    assert captions.annotations[2] == annotation
    with pytest.raises(SentikitError) as error:
        read_captions(path, strict=True)
    assert str(error.value) == f"{path}: {captions.problems[0]}."


def test_a_problem_is_said_in_a_sentence(write: Write) -> None:
    document = sound()
    document["annotations"] += [{"image_id": True, "caption": "x" * 100}, {"id": 9, "image_id": 0, "caption": {"a": 1}}]
    assert list(map(str, read_captions(write(document)).problems)) == [
        "annotations[3], key 'id': it is missing",
        "annotations[3], key 'image_id', value true: it is neither a whole number nor text",
        "annotations[4], key 'caption', value an object of 1 key: it is not text",
    ]


def test_a_lone_surrogate_in_a_problem_can_be_printed(write: Write) -> None:
    document = sound()
    document["annotations"][0]["image_id"] = "é\ud800"
    assert str(read_captions(write(document)).problems[0]).encode("utf-8").count(b"\\ud800") == 1


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ("a.jpg", ("images[2]", "", "a.jpg", "it is not an object")),
        ({"file_name": "c.jpg"}, ("images[2]", "id", MISSING, "it is missing")),
        ({"id": 1.5}, ("images[2]", "id", 1.5, "it is neither a whole number nor text")),
        ({"id": False}, ("images[2]", "id", False, "it is neither a whole number nor text")),
        ({"id": 0, "file_name": "c.jpg"}, ("images[2]", "id", 0, "an earlier entry has the same id")),
        ({"id": 3, "file_name": 3}, ("images[2]", "file_name", 3, "it is not text")),
    ],
)
def test_names_a_bad_image(write: Write, image: Any, problem: tuple[Any, ...]) -> None:
    document = sound()
    document["images"].append(image)
    captions = read_captions(write(document))
    assert captions.problems == [problem]
    assert captions.images == {0: document["images"][0], "b": document["images"][1]}
    assert not captions.bad
    with pytest.raises(SentikitError, match=r"images\[2\]"):
        read_captions(captions.path, strict=True)


def test_ids_of_two_types_in_two_lists_are_named(write: Write) -> None:
    document = {"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": "1", "caption": "A dog."}]}
    with pytest.raises(SentikitError) as error:
        read_captions(write(document))
    assert "no usable caption" in str(error.value)
    assert "annotations[0], key 'image_id', value \"1\": the list 'images' has it as 1" in str(error.value)
    document = {"images": [{"id": "1"}], "annotations": [{"id": 1, "image_id": 1, "caption": "A dog."}]}
    with pytest.raises(SentikitError, match="value 1: the list 'images' has it as \"1\"; write both as numbers"):
        read_captions(write(document))


def test_images_without_captions_are_a_loud_warning(write: Write) -> None:
    document = sound()
    document["images"] += [{"id": number} for number in range(10, 20)]
    captions = read_captions(write(document), strict=True)
    assert captions.uncaptioned == list(range(10, 20))
    assert captions.warnings() == [
        f"10 of the 12 images of {captions.path} have no usable caption: ids 10, 11, 12, 13, 14, and 5 more."
    ]


def test_warns_of_problems_with_counts(write: Write) -> None:
    document = sound()
    document["annotations"] += [{"id": 0, "image_id": 0, "caption": "x"}, None]
    captions = read_captions(write(document))
    assert captions.warnings() == [
        f"{captions.path} has 2 problems, and 1 of its 5 captions is left out: annotations[3], key 'id', value 0: "
        "an earlier entry has the same id; annotations[4], value null: it is not an object."
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([{"image_id": 1, "caption": "A dog."}], "it looks like a COCO results file"),
        ([], "it holds a list of 0, not an object"),
        (3, "it holds 3, not an object"),
        ({}, "its key 'images' is missing"),
        ({"images": {}, "annotations": []}, "its key 'images' holds an object of 0 keys, not a list"),
        ({"images": [], "annotations": None}, "its key 'annotations' holds null, not a list"),
        ({"images": []}, "its key 'annotations' is missing"),
        ({"images": [{"id": 1}]}, "it looks like a COCO file with images only"),
        ({"images": [{"sentences": []}], "dataset": "coco"}, "it looks like a file in Karpathy's format"),
        ({"image_id": 1, "anps": []}, "its key 'images' is missing"),
        (
            {"images": [{"id": 1}], "annotations": [{"id": 1, "segmentation": [], "bbox": []}]},
            "it looks like a COCO instances file .its annotations have 'segmentation' and no 'caption'",
        ),
        ({"images": [], "annotations": [{"bbox": []}]}, "it looks like a COCO instances file"),
        ({"images": [], "annotations": [{"segmentation": [], "keypoints": []}]}, "it looks like a COCO keypoints file"),
        ({"images": [], "annotations": [{"segments_info": []}]}, "it looks like a COCO panoptic file"),
    ],
)
def test_names_other_files(write: Write, document: Any, message: str) -> None:
    with pytest.raises(SentikitError, match=f"captions.json is not a COCO caption file: {message}"):
        read_captions(write(document))


def test_no_captions_at_all_is_an_error(write: Write) -> None:
    with pytest.raises(SentikitError, match="has no captions: its list 'annotations' is empty"):
        inspect_captions(write({"images": [{"id": 1}], "annotations": []}))


def test_an_updated_file_is_refused_or_allowed(write: Write) -> None:
    for change in ("settings", "mark"):
        document = sound()
        if change == "settings":
            document["sentikit"] = {"rewriter": "noun-match"}
        else:
            document["annotations"][0]["sentikit"] = MARK
        path = write(document)
        with pytest.raises(SentikitError, match=r"restore it first \(sentikit restore-captions .*captions\.json\)"):
            read_captions(path)
        assert read_captions(path, strict=True, allow_updated=True).updated == (1 if change == "mark" else 0)


def test_a_foreign_key_at_the_top_is_refused(write: Write) -> None:
    with pytest.raises(SentikitError, match="the top-level key 'sentikit' was not written by sentikit"):
        read_captions(write({**sound(), "sentikit": "mine"}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("hello", "it is not JSON: expecting value at line 1, column 1"),
        ("{'images': []}", "it is not JSON: expecting property name .* at line 1, column 2"),
        ('{"images": [1,, 2]}', "it is not JSON: expecting value at line 1, column 15"),
        ('{\n "a": "b\nc"}', "it is not JSON: invalid control character at at line 2, column 9"),
        ('{"a": 1}\n{"a": 2}', "there is more text after its JSON ends, at line 2, column 1 .tag files"),
        ('{"a": 1,\n "b', r"its JSON is cut off at line 2, column 4 .character 12.; copy or download it again"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "contains a number with more than 4,300 digits"),
    ],
)
def test_names_what_is_not_json(write: Write, text: str, message: str) -> None:
    with pytest.raises(SentikitError, match=rf"^Cannot read .*captions\.json: .*{message}") as error:
        read_captions(write(text))
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_every_part_of_a_file_is_named_as_cut_off(write: Write) -> None:
    text = r'{"a": [true, null, -1.5e+3, NaN, "b\"\u00e9\ud83d\ude00]"], "c": {"d": -Infinity, "e": ""}}'
    json.loads(text)
    for end in range(1, len(text)):
        with pytest.raises(SentikitError, match="its JSON is cut off at line 1"):
            read_json(write(text[:end]))


scalars = (
    st.none() | st.booleans() | st.integers() | st.integers(10**30, 10**31) | st.floats() | st.text(st.characters())
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values)
@example([{"a": float("nan"), "b": [-0.0, 1e400, 10**40, "\ud83d", 'é\u2028\x00\\"/']}])
@example({"b": list(range(2001)), "a": [], "": {}})
@example(list(range(1000)))
def test_what_is_read_is_written_exactly(tmp_path: Path, value: Any) -> None:
    source = json.dumps(value)  # the value of a file, so two split of a surrogate pair have become one character
    parsed = json.loads(source)
    path = tmp_path / "out.json"
    write_document(path, parsed, force=True)
    again = read_json(path)
    assert json.dumps(again) == json.dumps(parsed)  # equal with the order of keys, NaN, -0.0 and 1 against 1.0
    assert path.read_bytes().isascii()
    assert path.read_text().endswith("\n")


def test_writing_what_is_nested_too_deeply_is_one_sentence(tmp_path: Path) -> None:
    value: Any = []
    for _ in range(sys.getrecursionlimit() * 100):
        value = [value]
    with pytest.raises(SentikitError, match="nested too deeply"):
        write_document(tmp_path / "out.json", value)
    assert not list(tmp_path.iterdir())


def test_pycocotools_reads_what_is_written(tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    from pycocotools.coco import COCO

    write_document(tmp_path / "out.json", read_captions(write(sound())).document)
    coco = COCO(str(tmp_path / "out.json"))
    assert coco.dataset == sound()
    assert [entry["id"] for entry in coco.loadAnns(coco.getAnnIds(imgIds=[0]))] == [0, 7]


def test_the_quick_look_agrees_with_the_slow_one(write: Write) -> None:
    """Sound and bad annotations at random: an annotation is bad where, and only where, it has a problem."""
    chance = random.Random(1)
    annotations = [
        annotation if chance.random() < 0.5 else {"id": 100 + index, "image_id": 0, "caption": "A dog."}
        for index, (annotation, *_) in enumerate(BAD_ANNOTATIONS * 20)
    ]
    captions = inspect_captions(write({**sound(), "annotations": annotations}))
    assert {int(problem.place[len("annotations[") : -1]) for problem in captions.problems} == captions.bad
    assert 0 < len(captions.bad) < len(annotations)


@pytest.mark.parametrize("name", ["coco_mini/captions.json", "coco_text/captions.json", "flickr8k/captions_dev.json"])
def test_real_files_are_sound_and_survive(shared_data: Path, tmp_path: Path, name: str) -> None:
    captions = read_captions(shared_data / name, strict=True)
    assert captions.warnings() == []
    write_document(tmp_path / "out.json", captions.document)
    assert json.dumps(read_json(tmp_path / "out.json")) == json.dumps(json.loads((shared_data / name).read_text()))


def test_results_are_written_and_read(tmp_path: Path) -> None:
    results = [{"image_id": 0, "caption": "A dog."}, {"image_id": "b", "caption": "", "score": 1.5}]
    write_results(tmp_path / "results.json", results)
    assert read_results(tmp_path / "results.json") == results


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (sound(), "is not a COCO results file: it is a COCO caption file, not a list"),
        ({}, "is not a COCO results file: it is an object of 0 keys, not a list"),
        ([], "has no results: its list is empty"),
        ([1], r"captions.json: \[0\], value 1: it is not an object"),
        ([{"caption": "a"}], r"\[0\], key 'image_id': it is missing"),
        ([{"image_id": 1}], r"\[0\], key 'caption': it is missing"),
        ([{"image_id": 1.0, "caption": "a"}], r"\[0\], key 'image_id', value 1.0: it is neither a whole number nor"),
        ([{"image_id": 1, "caption": None}], r"\[0\], key 'caption', value null: it is not text"),
        ([{"image_id": 1, "caption": "a"}] * 2, r"\[1\], key 'image_id', value 1: an earlier result is for the same"),
    ],
)
def test_names_bad_results(write: Write, document: Any, message: str) -> None:
    with pytest.raises(SentikitError, match=message):
        read_results(write(document))
