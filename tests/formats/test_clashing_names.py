"""Columns and keys that are there twice, or that have the name of one that a format writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.caption_formats import bundled, made, restore, texts

from sentikit import SentikitError
from sentikit.formats.interface import CaptionRecord, Target
from sentikit.pipelines.caption_files import FormatChoice
from sentikit.pipelines.jobs.convert_file import convert_file

MARK = {"start": 2, "end": 2, "before": "", "after": "nice ", "adjective": "nice", "noun": "dog", "probability": 0.5}


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet", "coco", "token", "coco-results"])
def test_another_key_never_takes_the_captions_place(tmp_path: Path, name: str) -> None:
    if name == "parquet":
        pytest.importorskip("pyarrow")
    form = made(name)
    path, output = tmp_path / "a.jsonl", tmp_path / "b"
    line = {"file_name": "1.jpg", "description": "A dog", "caption": "A cat", "text": "A hen"}
    path.write_text(json.dumps(line) + "\n", "utf-8")
    choice = FormatChoice("jsonl", {"caption-column": "description"})
    source = choice.make(choice.component(bundled(), path)).read(path)
    lost = convert_file(source, form, output, Target()).lost
    assert texts(output, form) == ["A dog"]
    assert lost["caption"] == 1


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    path, output = tmp_path / "a.csv", tmp_path / "b.jsonl"
    path.write_text("file_name,caption,caption,note,note\n1.jpg,A dog,A cat,first,second\n", "utf-8")
    converted = convert_file(made("csv").read(path), made("jsonl"), output, Target())
    assert json.loads(output.read_text("utf-8")) == {"file_name": "1.jpg", "caption": "A dog", "note": "first"}
    assert converted.lost == {"caption": 1, "note": 1}


def test_a_header_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"a\nb",file_name,caption\nx,1.jpg,A dog\n', "utf-8")
    assert texts(path, made("csv")) == ["A dog"]
    path.write_text('"a' + "b" * 200_000 + "\nfile_name,caption\n", "utf-8")
    with pytest.raises(SentikitError, match=r"line 1: .*quotation mark not closed"):
        texts(path, made("csv"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{{"image_id":1,"caption":["A nice dog","A cat"],"sentikit":{}}}',
            '{"image_id":1,"caption":["A dog","A cat"]}',
        ),
        ('{{"sentikit" : {},"image_id":1,"caption":"A nice dog"}}', '{"image_id":1,"caption":"A dog"}'),
        (
            '{{"image_id":1,"x":"\\"sentikit\\"","caption":"A nice dog","\\u0073entikit":{}}}',
            '{"image_id":1,"x":"\\"sentikit\\"","caption":"A dog"}',
        ),
    ],
)
def test_marks_in_odd_places(tmp_path: Path, before: str, after: str) -> None:
    path, output = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_text(before.format(json.dumps({"original": "A dog", "edits": [MARK], "captions": 5})) + "\n", "utf-8")
    restore(path, output, made("jsonl"))
    assert output.read_text("utf-8") == after + "\n"


def test_ids_of_names_of_many_digits(tmp_path: Path) -> None:
    name = "9" * 5000 + ".jpg"
    made("coco").format.write(tmp_path / "a.json", [CaptionRecord("A dog", None, name)], [], Target())
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["images"] == [{"id": "9" * 5000, "file_name": name}]


def test_an_id_of_two_photographs_is_counted(tmp_path: Path) -> None:
    records = [CaptionRecord("A dog", 7, "a.jpg"), CaptionRecord("A cat", 7, "b.jpg")]
    assert made("coco").format.write(tmp_path / "a.json", records, [], Target()) == {"file_name": 1}
