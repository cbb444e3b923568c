"""Captions of every format through the commands: updated, restored, checked, converted, reported and evaluated."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from support.caption_formats import lines

from sentikit.cli import run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def tags(tmp_path: Path) -> Path:
    return lines(
        tmp_path / "tags.jsonl",
        {"image_id": 1, "file_name": "a/1.jpg", "anps": ["happy dog"]},
        {"file_name": "b/2.jpg", "anps": ["cute cat"]},
        {"image_id": 3, "anps": ["misty street"]},
    )


def update(path: Path, tags: Path, *options: object) -> int:
    command = ["update-captions", str(path), "--tags", str(tags), "--rewriter", "noun-match", *map(str, options)]
    return run(command)


def test_tags_join_captions_by_id_else_by_file_name(tmp_path: Path, tags: Path, capsys: Capture) -> None:
    path = tmp_path / "c.csv"
    path.write_text("image,caption\na/1.jpg,A dog.\n2.jpg,A cat.\n3.jpg,A street.\n4.jpg,A dog.\n")
    assert update(path, tags, "--stats", tmp_path / "s.json") == 0
    updated = (tmp_path / "c.sentikit.csv").read_text()
    assert updated == "image,caption\na/1.jpg,A happy dog.\n2.jpg,A cute cat.\n3.jpg,A misty street.\n4.jpg,A dog.\n"
    counts = json.loads((tmp_path / "s.json").read_text())
    assert (counts["captions"], counts["captions_updated"], counts["captions_unchanged"]) == (4, 3, 1)
    assert "without tags in" in capsys.readouterr().err
    record = [json.loads(line) for line in (tmp_path / "c.sentikit.csv.sentikit.jsonl").read_text().splitlines()]
    assert record[0]["sentikit"]["rewriter"] == "noun-match"
    assert record[1]["place"] == "line 2"


def test_a_file_is_not_updated_twice(tmp_path: Path, tags: Path, capsys: Capture) -> None:
    for name, content in (
        ("c.csv", "image_id,caption\n1,A dog.\n"),
        ("c.jsonl", '{"image_id": 1, "caption": "A dog."}\n'),
    ):
        path = tmp_path / name
        path.write_text(content)
        new = tmp_path / f"new-{name}"
        assert update(path, tags, "-o", new) == 0
        assert update(new, tags) == 1
        assert "was updated by sentikit already: restore it first" in capsys.readouterr().err
        assert run(["restore-captions", str(new), "-o", str(tmp_path / f"back-{name}")]) == 0
        assert (tmp_path / f"back-{name}").read_text() == content
        assert run(["restore-captions", str(path), "-o", str(tmp_path / "no")]) == 1
        assert not (tmp_path / "no").exists()


def test_ids_of_another_type_are_named(tmp_path: Path, tags: Path, capsys: Capture) -> None:
    path = lines(tmp_path / "c.jsonl", {"image_id": "1", "caption": "A dog."})
    assert update(path, tags) == 1
    assert "line 1: image_id 1 is a number here and text in the captions" in capsys.readouterr().err


def test_nothing_is_written_if_nothing_changes(tmp_path: Path, tags: Path, capsys: Capture) -> None:
    path = lines(tmp_path / "c.jsonl", {"image_id": 1, "caption": "A horse."})
    before = sorted(tmp_path.iterdir())
    assert update(path, tags) == 1
    assert "The only caption was not updated" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_several_processes_give_the_same_bytes(tmp_path: Path, tags: Path) -> None:
    path = tmp_path / "c.csv"
    rows = "".join(f"{number % 3 + 1},A dog and a cat on street {number}.\n" for number in range(20_000))
    path.write_text("image_id,caption\n" + rows)
    assert update(path, tags, "-o", tmp_path / "one.csv") == 0
    assert update(path, tags, "-o", tmp_path / "two.csv", "--jobs", "2") == 0
    for suffix in ("", ".sentikit.jsonl"):
        assert (tmp_path / f"one.csv{suffix}").read_bytes() == (tmp_path / f"two.csv{suffix}").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has other units elsewhere")
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_large_files_take_little_memory(tmp_path: Path, tags: Path, suffix: str) -> None:
    """Nine times the captions take no more than a few MiB more."""
    peaks = []
    for count in (5_000, 45_000):
        path = tmp_path / f"c{count}.{suffix}"
        text = "A dog on a street with many other words in it so that the line is long"
        line = f"1,{text}\n" if suffix == "csv" else json.dumps({"image_id": 1, "caption": text}) + "\n"
        path.write_text(("image_id,caption\n" if suffix == "csv" else "") + line * count)
        program = "import sys; from sentikit.cli import main; main(sys.argv[1:])"
        command = ["update-captions", str(path), "--tags", str(tags), "--rewriter", "noun-match"]
        peaks.append(_peak(subprocess.Popen([sys.executable, "-c", program, *command], stdout=subprocess.DEVNULL)))
    assert peaks[1] - peaks[0] < 14 * 1024


def _peak(child: subprocess.Popen[bytes]) -> int:
    """The peak memory of a process in KiB."""
    import os

    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    assert isinstance(usage, resource.struct_rusage)
    return usage.ru_maxrss


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, text in (("1", "A dog.\nThe dog runs."), ("2", "A cat.\n")):
        (folder / f"{name}.jpg").write_bytes(b"a photograph")
        (folder / f"{name}.txt").write_text(text)
    return folder


def test_text_files_are_replaced_or_go_to_a_new_folder(
    tmp_path: Path, photos: Path, tags: Path, capsys: Capture
) -> None:
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    assert update(photos, tags) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert update(photos, tags, "-o", tmp_path / "new") == 0
    assert (tmp_path / "new" / "1.txt").read_text() == "A happy dog.\nThe happy dog runs."
    assert update(photos, tags, "-o", tmp_path / "new") == 1
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before
    assert update(photos, tags, "--overwrite") == 0
    assert (photos / "2.txt").read_text() == "A cute cat.\n"
    assert update(photos, tags, "--overwrite") == 1
    assert run(["restore-captions", str(photos), "--overwrite"]) == 0
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before


@pytest.mark.parametrize("option", ["--append", "--skip-existing"])
def test_updated_and_restored_captions_are_not_appended(
    tmp_path: Path, photos: Path, tags: Path, option: str, capsys: Capture
) -> None:
    assert update(photos, tags, "-o", tmp_path / "new", option) == 2
    assert "--append and --skip-existing are for new captions" in capsys.readouterr().err
    assert update(photos, tags, "-o", tmp_path / "new") == 0
    for path in (tmp_path / "new", tmp_path / "c.json"):
        assert run(["restore-captions", str(path), "-o", str(tmp_path / "back"), option]) == 2
        assert "--append and --skip-existing are for new captions" in capsys.readouterr().err
    assert not (tmp_path / "back").exists()


def test_xmp_has_a_caption_a_photograph(tmp_path: Path, capsys: Capture) -> None:
    source = tmp_path / "c.csv"
    source.write_text("image,caption\n1.jpg,A dog.\n1.jpg,Two dogs.\n")
    assert run(["convert", str(source), str(tmp_path / "new.xmp")]) == 1
    assert "name a folder, and give --to xmp" in capsys.readouterr().err
    assert run(["convert", str(source), str(tmp_path / "new"), "--to", "xmp"]) == 0
    captured = capsys.readouterr()
    assert "Converted 1 caption from csv to xmp." in captured.err


def test_what_happens_to_text_files_that_exist(tmp_path: Path, photos: Path, capsys: Capture) -> None:
    source = tmp_path / "c.csv"
    source.write_text("image,caption\n1.jpg,New.\n3.jpg,Third.\n")
    convert = ["convert", str(source), str(photos), "--to", "sidecars"]
    assert run(convert) == 1
    assert "--overwrite, --append or --skip-existing" in capsys.readouterr().err
    assert run([*convert, "--skip-existing"]) == 0
    assert (photos / "1.txt").read_text() == "A dog.\nThe dog runs."
    assert (photos / "3.txt").read_text() == "Third.\n"
    assert run([*convert, "--append"]) == 0
    assert (photos / "1.txt").read_text() == "A dog.\nThe dog runs.\nNew.\n"
    assert run([*convert, "--overwrite"]) == 0
    assert (photos / "1.txt").read_text() == "New.\n"
    assert run([*convert, "--overwrite", "--append"]) == 2


def test_evaluation_joins_by_id_else_by_file_name(tmp_path: Path, capsys: Capture) -> None:
    references = tmp_path / "r.csv"
    references.write_text("image,caption\na/1.jpg,A dog runs.\na/1.jpg,A running dog.\n2.jpg,A cat sits.\n")
    results = lines(tmp_path / "c.jsonl", {"image": "1.jpg", "text": "A dog."}, {"image": "2.jpg", "text": "A cat."})
    command = ["evaluate", "captions", str(results), str(references), "--metric", "bleu", "--json"]
    assert run(command) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["images"], report["reference_captions"]) == (2, 3)


def test_a_report_of_an_updated_table(tmp_path: Path, photos: Path, tags: Path, capsys: Capture) -> None:
    path = tmp_path / "c.csv"
    path.write_text("image,caption\n1.jpg,A dog.\n1.jpg,Two dogs.\n2.jpg,A cat.\n")
    assert update(path, tags) == 0
    assert run(["report", str(tmp_path / "c.sentikit.csv"), "-o", str(tmp_path / "report")]) == 0
    assert "3 captions, 2 edited" in capsys.readouterr().err


def test_the_formats_are_listed(capsys: Capture) -> None:
    assert run(["formats", "--json"]) == 0
    formats = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert formats["csv"]["provenance"] == "beside"
    assert formats["sidecars"]["folder"]
