"""A record of edits that is damaged, or that a killed run left: a sentence, or the right bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.caption_formats import made, restore, texts, update

from sentikit import SentikitError
from sentikit.formats.provenance import provenance_path

EDIT = {"start": 2, "end": 2, "before": "", "after": "nice ", "adjective": "nice", "noun": "dog", "probability": 0.5}
RECORD = {"number": 0, "place": "line 2", "original": "A dog", "edits": [EDIT]}


@pytest.mark.parametrize(
    "records",
    [
        [{**RECORD, "number": "0"}],
        [{**RECORD, "number": 0.5}],
        [{**RECORD, "number": -1}],
        [{**RECORD, "number": True}],
        [{**RECORD, "place": []}],
        [{**RECORD, "raw": 5}],
        [{**RECORD, "raw": "A cat"}],
        [{**RECORD, "raw": "A dog\nb.jpg,A further row"}],
        [{**RECORD, "raw": '"A dog'}],
        [{**RECORD, "number": 1}, RECORD],
        [RECORD, RECORD],
        [{**RECORD, "original": "A \ud800dog", "edits": [{**EDIT, "before": "\ud800"}]}],
    ],
)
def test_a_damaged_record(tmp_path: Path, records: list[Any]) -> None:
    path, output = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("file_name,caption\na.jpg,A nice dog\nb.jpg,A nice dog\n", "utf-8")
    provenance_path(path).write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    with pytest.raises(SentikitError, match="record of"):
        restore(path, output, made("csv"))
    assert not output.exists()


@pytest.mark.parametrize("delimiter", [",", "|"])
@pytest.mark.parametrize("cell", ['"A dog"', 'A 5" dog', '"A ""big"" dog\nruns"', 'A dog"'])
def test_raw_texts_are_given_back(tmp_path: Path, cell: str, delimiter: str) -> None:
    path, new, back = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    path.write_text(f"file_name{delimiter}caption\na.jpg{delimiter}{cell}\n", "utf-8")
    update(path, new, made("csv"))
    restore(new, back, made("csv"))
    assert back.read_bytes() == path.read_bytes()


def folder_of(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for stem in ("1", "2"):
        (folder / f"{stem}.jpg").touch()
        (folder / f"{stem}.txt").write_text(f"A dog {stem}\n", "utf-8")
    return folder


def test_files_that_a_killed_run_did_not_reach_are_restored_as_well(tmp_path: Path) -> None:
    folder, form = folder_of(tmp_path), made("sidecars")
    update(folder, folder, form)
    (folder / "2.txt").write_text("A dog 2\n", "utf-8")  # as if it was not written
    restored = restore(folder, folder, form)
    assert (restored.captions, restored.left_count) == (2, 0)
    assert texts(folder, form) == ["A dog 1", "A dog 2"]
    assert restore(folder, folder, form).captions == 2


def test_a_record_that_is_a_link(tmp_path: Path) -> None:
    folder, elsewhere = folder_of(tmp_path), tmp_path / "elsewhere"
    (folder / ".sentikit.jsonl").symlink_to(elsewhere)
    with pytest.raises(SentikitError, match="link to another place"):
        update(folder, folder, made("sidecars"))
    assert not elsewhere.exists()
    assert texts(folder) == ["A dog 1", "A dog 2"]
