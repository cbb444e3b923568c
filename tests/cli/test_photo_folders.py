"""Photographs outside their folder, with impossible names, left out or not named at all, as the commands see them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from support.looking_models import save_photos
from support.toy_commands import json_lines, toy_run

TAGGER = ("--tagger", "toy")
MODELS = ("--captioner", "toy", *TAGGER, "--combiner", "toy")
UPDATE = (*TAGGER, "--rewriter", "noun-match")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two photographs in photos/, and one beside that folder."""
    save_photos(tmp_path / "photos", ["1.png", "2.png"])
    save_photos(tmp_path / "secret", ["private.png"])
    return tmp_path


def save_captions(place: Path, *names: str) -> Path:
    document = {
        "images": [{"id": number, "file_name": name} for number, name in enumerate(names, 1)],
        "annotations": [{"id": n, "image_id": n, "caption": "A street."} for n in range(1, len(names) + 1)],
    }
    path = place / "c.json"
    path.write_text(json.dumps(document))
    return path


def texts(path: Path) -> list[Any]:
    return [annotation["caption"] for annotation in json.loads(path.read_text())["annotations"]]


@pytest.mark.parametrize("kind", ["../secret/private.png", "{place}/secret/private.png", "link.png"])
def test_update_captions_reads_the_folder_alone(place: Path, capsys: Capture, kind: str) -> None:
    (place / "photos" / "link.png").symlink_to("../secret/private.png")
    coco = save_captions(place, "1.png", kind.format(place=place), "2.png")
    command = ["update-captions", coco, "--images", place / "photos", *UPDATE, "--failures", place / "f.jsonl"]
    assert toy_run(*command, "--strict") == 1
    assert toy_run(*command, "-o", place / "u.json") == 0
    errors = capsys.readouterr().err
    assert "1 of the 3 images" in errors
    assert "--allow-outside" in errors
    assert "Tags: 2 done, 1 failed" in errors
    assert texts(place / "u.json") == ["A misty street.", "A street.", "A sunny street."]
    [failure] = json_lines((place / "f.jsonl").read_text())
    assert failure["image_id"] == 2
    assert failure["reason"].startswith("it is outside the folder of the photographs")
    assert toy_run(*command, "--allow-outside", "-o", place / "v.json") == 0
    assert texts(place / "v.json") == ["A misty street.", "A misty street.", "A sunny street."]


@pytest.mark.parametrize("name", ["a" * 300 + ".png", "a\0.png", "\ud800.png", "", "\x1b[31m.png", "x/" * 3000])
def test_one_bad_name_does_not_end_the_run(place: Path, capsys: Capture, name: str) -> None:
    coco = save_captions(place, "1.png", name, "2.png")
    (place / "tags.jsonl").write_text(
        "".join(json.dumps({"file_name": one, "anps": ["wet dog"]}) + "\n" for one in ("1.png", name) if one)
    )
    failures = ("--failures", place / "f.jsonl")
    assert toy_run("update-captions", coco, "--images", place / "photos", *UPDATE, *failures) == 0
    assert texts(place / "c.sentikit.json") == ["A misty street.", "A street.", "A sunny street."]
    [failure] = json_lines((place / "f.jsonl").read_text())
    assert failure["image_id"] == 2
    assert failure["reason"].isprintable()
    photos = place / "photos"
    assert toy_run("tag", *TAGGER, photos, "--of", place / "tags.jsonl", "-o", place / "t.jsonl") == 0
    assert toy_run("tag", *TAGGER, photos, "--coco", coco, "-o", place / "s.jsonl", *failures) == 0
    assert toy_run("report", place / "c.sentikit.json", "--images", photos, "-o", place / "report") == 0
    errors = capsys.readouterr().err
    assert "Unexpected" not in errors
    assert "\x1b" not in errors
    assert "3 photographs, 1 failed" in errors


def test_an_id_with_half_a_pair_of_surrogates_is_written_and_printed(place: Path, capsys: Capture) -> None:
    document = {"images": [{"id": "\ud800", "file_name": "1.png"}, {"id": 5, "file_name": "2.png"}]}
    (place / "c.json").write_text(json.dumps(document))
    (place / "photos" / "1.png").write_bytes(b"no image")
    command = ["caption", *MODELS, place / "photos", "--coco", place / "c.json"]
    assert toy_run(*command, "--failures", place / "f.jsonl") == 0
    assert json_lines((place / "f.jsonl").read_text())[0]["image_id"] == "\ud800"
    save_photos(place / "photos", ["1.png"])
    capsys.readouterr()
    assert toy_run(*command, "--json") == 0
    assert [entry["image_id"] for entry in json.loads(capsys.readouterr().out)] == ["\ud800", 5]


def test_tag_of_reads_the_folder_alone(place: Path, capsys: Capture) -> None:
    tags = place / "t.jsonl"
    tags.write_text('{"file_name": "1.png", "anps": []}\n{"file_name": "../secret/private.png", "anps": []}\n')
    command = ["tag", *TAGGER, place / "photos", "--of", tags]
    assert toy_run(*command) == 0
    captured = capsys.readouterr()
    assert [line["file_name"] for line in json_lines(captured.out)] == ["1.png"]
    assert "private.png: it is outside the folder of the photographs; --allow-outside reads it." in captured.err
    assert "1 done, 1 failed." in captured.err
    assert toy_run(*command, "--allow-outside") == 0
    assert len(json_lines(capsys.readouterr().out)) == 2
    tags.write_text('{"file_name": "../secret/private.png", "anps": []}\n')
    assert toy_run(*command) == 1
    assert "--allow-outside reads it" in capsys.readouterr().err


def test_caption_with_ids_follows_no_link_out_of_the_folder(place: Path, capsys: Capture) -> None:
    (place / "photos" / "link.png").symlink_to("../secret/private.png")
    coco = save_captions(place, "1.png", "link.png")
    command = ["caption", *MODELS, place / "photos", "--coco", coco]
    assert toy_run(*command) == 0
    captured = capsys.readouterr()
    assert "1 done, 1 left out, 1 failed." in captured.err
    assert "link.png: it is outside" in captured.err
    assert toy_run(*command, "--allow-outside") == 0
    assert "2 done, 1 left out." in capsys.readouterr().err


# What is left out


def test_pictures_that_are_left_out_are_counted_and_named_once(place: Path, capsys: Capture) -> None:
    for name in ("IMG_1.HEIC", "IMG_2.heic", "scan.pdf", "notes.txt", "clip.mov", "sub/logo.svg", ".hidden.heic"):
        (place / "photos" / name).parent.mkdir(exist_ok=True)
        (place / "photos" / name).touch()
    for command in (["tag", *TAGGER], ["caption", *MODELS]):
        assert toy_run(*command, place / "photos", f"{place}/photos/*") == 0
        errors = capsys.readouterr().err
        assert errors.count("left out: 2 .heic") == 1
        assert "such as " in errors
        assert "pip install 'sentikit-captions[heif]'" in errors
        assert "1 .pdf, 1 .svg" in errors
        assert "2 done, 4 left out." in errors
    assert toy_run("tag", *TAGGER, place / "photos" / "sub") == 1
    assert "has no images (.jpg" in (errors := capsys.readouterr().err)
    assert "1 .svg" in errors


def test_an_ordinary_folder_leaves_nothing_out(place: Path, capsys: Capture) -> None:
    (place / "photos" / "notes.txt").touch()
    assert toy_run("tag", *TAGGER, place / "photos") == 0
    assert capsys.readouterr().err == "2 done.\n"


# Empty names and what is no file


@pytest.mark.parametrize("command", [("tag", *TAGGER), ("caption", *MODELS)])
def test_an_empty_name_is_not_the_current_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(place / "photos")
    assert toy_run(*command, "") == 2
    assert capsys.readouterr().err == "Error: IMAGES: argument 1 is empty; name a file, a folder or a pattern.\n"
    assert toy_run(*command, "1.png", "") == 2
    assert "IMAGES: argument 2 is empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["update-captions", "../c.json", "--images", ""],
        ["report", "../c.json", "-o", "report", "--images", ""],
        ["report", "", "-o", "report"],
        ["caption", "1.png", "--coco", ""],
        ["train", "softmax", "", "--val", "x", "-o", "run"],
        ["train", "softmax", "x", "--val", "x", "--images", "", "-o", "run"],
        ["train", "softmax", "x", "--val", "x", "-o", ""],
    ],
)
def test_no_other_empty_path_is_either(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, command: list[str]
) -> None:
    save_captions(place, "1.png")
    monkeypatch.chdir(place / "photos")
    assert toy_run(*command) == 2
    assert "it is empty; name a file or a folder." in capsys.readouterr().err
    assert sorted(os.listdir()) == ["1.png", "2.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_for_every_photograph(place: Path, capsys: Capture) -> None:
    os.mkfifo(place / "photos" / "3.png")
    coco = save_captions(place, "1.png", "3.png", "2.png")
    (place / "t.jsonl").write_text('{"file_name": "1.png", "anps": []}\n{"file_name": "3.png", "anps": []}\n')
    photos = place / "photos"
    for command in (
        ["tag", *TAGGER, photos],
        ["tag", *TAGGER, photos / "1.png", photos / "3.png"],
        ["tag", *TAGGER, photos, "--of", place / "t.jsonl"],
        ["caption", *MODELS, photos, "--coco", coco],
        ["update-captions", coco, "--images", photos, *UPDATE, "-o", place / "u.json"],
    ):
        assert toy_run(*command) == 0
        errors = capsys.readouterr().err
        assert "it is not an ordinary file" in errors or "there is no photograph of its name" in errors
    assert toy_run("report", place / "u.json", "--images", photos, "-o", place / "report") == 0
    assert "3 photographs, 1 failed" in capsys.readouterr().err
