"""Parquet files with columns of unusual types."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.caption_formats import made, texts

from sentikit import SentikitError
from sentikit.formats.interface import Target
from sentikit.pipelines.jobs.convert_file import convert_file

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def written(path: Path, **columns: object) -> Path:
    parquet.write_table(pa.table({"file_name": ["1.jpg"], "caption": ["A dog"], **columns}), path)
    return path


@pytest.mark.parametrize("value", [5, "[" * 100_000, '{"original": 5}', {"a": 1}])
def test_a_column_of_marks_that_sentikit_did_not_write(tmp_path: Path, value: object) -> None:
    source = made("parquet").read(written(tmp_path / "a.parquet", sentikit=[value]))
    assert [batch.marks for batch in source.batches()] == [{}]
    assert "remove it" in str(source.notes.problems[0])


def test_days_and_decimals_become_text(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", day=[datetime(2020, 1, 2, tzinfo=UTC)], s=[{"x": [datetime(2020, 1, 3)]}])
    convert_file(made("parquet").read(path), made("jsonl"), tmp_path / "b.jsonl", Target())
    line = json.loads((tmp_path / "b.jsonl").read_text("utf-8"))
    assert (line["day"][:10], line["s"]["x"][0][:10]) == ("2020-01-02", "2020-01-03")


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    table = pa.table([["1.jpg"], ["A dog"], ["A cat"]], names=["file_name", "caption", "caption"])
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(SentikitError, match="2 columns 'caption'"):
        texts(tmp_path / "a.parquet", made("parquet"))


def test_a_column_of_that_name_is_not_replaced(tmp_path: Path) -> None:
    source = made("parquet").read(written(tmp_path / "a.parquet", sentikit=["mine"]))
    with (
        pytest.raises(SentikitError, match="of its own"),
        source.copy_to(tmp_path / "b", Target(run={"rewriter": "x"})),
    ):
        pass


@pytest.mark.filterwarnings("error")
def test_a_copy_that_fails_is_closed(tmp_path: Path) -> None:
    source = made("parquet").read(written(tmp_path / "a.parquet"))
    with pytest.raises(KeyError), source.copy_to(tmp_path / "b.parquet", Target()):
        raise KeyError
    assert not (tmp_path / "b.parquet").exists()
