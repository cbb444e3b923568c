"""`sentikit update-captions` without a tag file: the photographs are found, tagged, and the captions updated."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from support.looking_models import save_photos
from support.toy_commands import json_lines, save_pack, stop_after_lines, toy_process, toy_run

from sentikit.formats.tags import read_tags

TOY = ("--tagger", "toy", "--rewriter", "noun-match")
Capture = pytest.CaptureFixture[str]


def save_captions(path: Path, numbers: list[int]) -> Path:
    document = {
        "images": [{"id": 100 + number, "file_name": f"{number}.png"} for number in numbers],
        "annotations": [{"id": number, "image_id": 100 + number, "caption": "A street."} for number in numbers],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def captions_of(path: Path) -> list[Any]:
    return [annotation["caption"] for annotation in json.loads(path.read_text())["annotations"]]


@pytest.mark.parametrize(
    ("coco", "folder"),
    [
        ("captions.json", "."),
        ("captions.json", "images"),
        ("annotations/captions_val2017.json", "val2017"),
        ("annotations/captions_val2017.json", "images/val2017"),
    ],
)
def test_the_photographs_are_found_where_they_usually_are(tmp_path: Path, coco: str, folder: str) -> None:
    path = save_captions(tmp_path / coco, [1, 2])
    save_photos(tmp_path / folder, ["1.png", "2.png"])
    assert toy_run("update-captions", path, *TOY) == 0
    updated = path.with_name(f"{path.stem}.sentikit.json")
    assert captions_of(updated) == ["A misty street.", "A sunny street."]
    tags = read_tags(path.with_name(f"{path.stem}.tags.jsonl"), strict=True)
    assert [image.image_id for image in tags.images] == [101, 102]
    assert json.loads(updated.read_text())["sentikit"]["tags"] == f"{path.stem}.tags.jsonl"


def test_images_names_another_folder_and_the_tags_are_used_again(tmp_path: Path, capsys: Capture) -> None:
    path = save_captions(tmp_path / "c.json", [1, 2])
    save_photos(tmp_path / "elsewhere", ["1.png", "2.png"])
    assert toy_run("update-captions", path, *TOY) == 1
    assert "Cannot find any of the 2 images" in capsys.readouterr().err
    elsewhere = ("--images", tmp_path / "elsewhere")
    assert toy_run("update-captions", path, *TOY, *elsewhere) == 0
    assert "2 done, in " in capsys.readouterr().err
    assert toy_run("update-captions", path, *TOY, *elsewhere, "--max-edits", "1", "-o", tmp_path / "one.json") == 0
    assert "0 done, 2 skipped" in capsys.readouterr().err
    assert captions_of(tmp_path / "one.json")[0] == "A misty street."


def test_photographs_that_are_missing_or_broken_are_told_and_the_rest_is_done(tmp_path: Path, capsys: Capture) -> None:
    path = save_captions(tmp_path / "c.json", [1, 2, 3])
    save_photos(tmp_path, ["1.png"])
    (tmp_path / "2.png").write_text("no")
    assert toy_run("update-captions", path, *TOY, "--strict") == 1
    assert toy_run("update-captions", path, *TOY) == 0
    errors = capsys.readouterr().err
    assert "1 of the 3 images" in errors
    assert "2.png: it is not an image" in errors
    assert captions_of(tmp_path / "c.sentikit.json")[1:] == ["A street."] * 2


def test_only_captioned_photographs_are_tagged(tmp_path: Path) -> None:
    path = save_captions(tmp_path / "c.json", [1, 2])
    document = json.loads(path.read_text())
    del document["annotations"][1]
    path.write_text(json.dumps(document))
    save_photos(tmp_path, ["1.png", "2.png"])
    assert toy_run("update-captions", path, *TOY) == 0
    assert [image.image_id for image in read_tags(tmp_path / "c.tags.jsonl").images] == [101]


def test_an_interrupted_run_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    path = save_captions(tmp_path / "c.json", list(range(30)))
    save_photos(tmp_path / "images", [f"{number}.png" for number in range(30)])
    command = ["update-captions", "c.json", *TOY, "--batch-size", "2", "-O", "slow=0.1"]
    process = toy_process(*command, cwd=tmp_path)
    code, errors = stop_after_lines(process, tmp_path / "c.tags.jsonl", 3, signal.SIGINT)
    assert code == 130
    assert "go on with: sentikit" in errors
    assert not (tmp_path / "c.sentikit.json").exists()
    done = len(read_tags(tmp_path / "c.tags.jsonl", strict=True).images)
    assert 2 <= done < 30
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the toys are slow no more
    assert toy_run(*command) == 0
    assert f"{30 - done} done, {done} skipped" in capsys.readouterr().err
    assert all(
        caption.startswith(("A misty", "A sunny")) for caption in captions_of(path.with_suffix(".sentikit.json"))
    )


def test_the_pack_gives_the_tagger(tmp_path: Path) -> None:
    path = save_captions(tmp_path / "c.json", [1])
    save_photos(tmp_path, ["1.png"])
    pack = save_pack(tmp_path / "pack", {"toy-packed": "tagger"})
    assert toy_run("update-captions", path, "--pack", pack, "--rewriter", "noun-match") == 0
    assert captions_of(tmp_path / "c.sentikit.json") == ["A misty street."]


def test_what_does_not_go_together_is_refused_before_the_work(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SENTIKIT_PACK", raising=False)
    path = save_captions(tmp_path / "c.json", [1])
    assert toy_run("update-captions", path, "--tags", tmp_path / "t.jsonl", "--images", tmp_path) == 2
    assert "leave --images, --tagger and --failures out" in capsys.readouterr().err
    save_photos(tmp_path, ["1.png"])
    (tmp_path / "c.tags.jsonl").write_text("my own notes")
    assert toy_run("update-captions", path, *TOY) == 1
    assert (tmp_path / "c.tags.jsonl").read_text() == "my own notes"


def test_the_tags_are_an_output_too(tmp_path: Path, capsys: Capture) -> None:
    path = save_captions(tmp_path / "c.json", [1])
    save_photos(tmp_path, ["1.png"])
    for option in ("-o", "--stats"):
        assert toy_run("update-captions", path, *TOY, option, tmp_path / "c.tags.jsonl", "--force") == 2
        assert "c.tags.jsonl is named for two outputs" in capsys.readouterr().err
    assert not (tmp_path / "c.tags.jsonl").exists()


def test_failures_lists_what_is_missing_or_broken(tmp_path: Path, capsys: Capture) -> None:
    path = save_captions(tmp_path / "c.json", [1, 2, 3])
    save_photos(tmp_path, ["1.png"])
    (tmp_path / "2.png").write_text("no")
    failures = tmp_path / "f.jsonl"
    expected = {102: "it is not an image", 103: "there is no such file"}
    assert toy_run("update-captions", path, *TOY, "--failures", failures) == 0
    rows = json_lines(failures.read_text())
    assert sorted(row["image_id"] for row in rows) == [102, 103]
    assert all(row["reason"].startswith(expected[row["image_id"]]) for row in rows)
    assert "Tags: 1 done, 2 failed, in " in capsys.readouterr().err
    assert toy_run("update-captions", path, *TOY, "--failures", failures, "--strict", "--force") == 1
    assert [row["image_id"] for row in json_lines(failures.read_text())] == [103], "it stops before it tags"
    assert toy_run("update-captions", path, "--tags", tmp_path / "c.tags.jsonl", "--failures", failures) == 2


def test_tags_made_in_another_way_are_made_anew_with_force(tmp_path: Path, capsys: Capture) -> None:
    path = save_captions(tmp_path / "c.json", [1, 2])
    save_photos(tmp_path, ["1.png", "2.png"])
    assert toy_run("update-captions", path, *TOY) == 0
    other = ("--tagger", "toy-plain", "--rewriter", "noun-match", "-o", tmp_path / "other.json")
    capsys.readouterr()
    assert toy_run("update-captions", path, *other) == 1
    assert 'made with tagger "toy", not "toy-plain"; make the tags anew with --force' in capsys.readouterr().err
    assert toy_run("update-captions", path, *other, "--force") == 0
    assert "Tags: 2 done, in" in capsys.readouterr().err
    header = read_tags(tmp_path / "c.tags.jsonl", strict=True).header
    assert header is not None
    assert header["tagger"] == "toy-plain"
    assert toy_run("update-captions", path, *other, "--force") == 0
    assert "Tags: 0 done, 2 skipped" in capsys.readouterr().err, "made in this way, they are used again"
    (tmp_path / "c.tags.jsonl").write_text("my own notes")
    assert toy_run("update-captions", path, *other, "--force") == 1
    assert "move it away" in capsys.readouterr().err
    assert (tmp_path / "c.tags.jsonl").read_text() == "my own notes"


def test_captions_without_a_readable_photograph_count_as_failed(tmp_path: Path, capsys: Capture) -> None:
    path = save_captions(tmp_path / "c.json", [1, 2, 3, 4])
    document = json.loads(path.read_text())
    document["annotations"].append({"id": 9, "image_id": 101, "caption": " "})
    document["annotations"].append({"id": 10, "image_id": 101, "caption": "Nothing is here."})
    path.write_text(json.dumps(document))
    save_photos(tmp_path, ["1.png", "4.png"])
    (tmp_path / "2.png").write_text("no")
    assert toy_run("update-captions", path, *TOY, "--stats", tmp_path / "s.json") == 0
    counts = json.loads((tmp_path / "s.json").read_text())
    parts = ("updated", "unchanged", "failed", "skipped")
    assert [counts[f"captions_{part}"] for part in parts] == [2, 1, 2, 1]
    assert counts["captions"] == 6
    rows = dict(line.strip().rsplit("  ", 1) for line in capsys.readouterr().out.splitlines()[:9])
    assert {name.strip(): text for name, text in rows.items()}["failed (no readable photograph)"] == "2"
