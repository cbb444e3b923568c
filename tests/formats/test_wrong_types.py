"""Readers of other people's files: wrong types, huge numbers and deep nesting end in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sentikit_plugins.dataset_preparation.flickrstyle import half_of, styled_captions
from sentikit_plugins.dataset_preparation.splits import Shares
from sentikit_plugins.dataset_preparation.tag_splits import split_tags

from sentikit import SentikitError
from sentikit.cli import run
from sentikit.training.anp_examples import _manifest_rows

DEEP = "[" * 100_000
ROW = '{"file_name": "a.jpg", "adjective": "red", "noun": "car", "split": "train"}'


@pytest.mark.parametrize("line", ["[1]", "7", '"adjective"', "null", DEEP, "9" * 5000, '{"file_name": 1}'])
def test_manifest_lines_that_are_no_objects(tmp_path: Path, line: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(f"{ROW}\n{line}\n")
    with pytest.raises(SentikitError, match="line 2 of the manifest"):
        split_tags(path, Shares.of(0.1, 0.1), 0)
    path.write_text(DEEP)
    assert _manifest_rows(path) is None


@pytest.mark.parametrize("style", [["romantic"], {"a": 1}, 7, None])
def test_a_style_that_is_no_text(tmp_path: Path, style: Any) -> None:
    document = {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "caption": "A dog.", "style": style}],
    }
    path = tmp_path / "styled.json"
    path.write_text(json.dumps(document))
    with pytest.raises(SentikitError, match="its styles are: none"):
        styled_captions(path, path, "romantic", None, None)
    assert half_of("\ud800.jpg") in ("tune", "report")


@pytest.mark.parametrize("score", ["1" + "0" * 400, "true", "NaN", "1e400", '"x"'])
def test_a_report_of_odd_scores(tmp_path: Path, score: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(f'{{"image_id": 1, "file_name": "a.jpg", "caption": "A dog.", "log_probability": {score}}}\n')
    assert run(["report", str(path), "-o", str(tmp_path / "r.html"), "--single-file"]) == 0


@pytest.mark.parametrize("command", ["check", "restore-captions", "report", "ontology show"])
@pytest.mark.parametrize("content", [DEEP, "9" * 5000, '{"a":' * 100_000, "\ud800"])
def test_deep_nesting_and_long_numbers(
    tmp_path: Path, command: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    output = ["-o", str(tmp_path / "out")] if command == "report" else []
    assert run([*command.split(), str(path), *output]) in (1, 2)
    errors = capsys.readouterr().err
    assert "Unexpected" not in errors
    assert errors.count("\n") == 1
    assert len(errors) < 2000
