"""A report is passed on: it shows no photograph from outside its folder, and says nowhere where files were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.made_images import save_scene
from support.report_cases import data_of, line, save_lines

from sentikit.cli import run
from sentikit.report.privacy import file_label, without_folders, without_folders_in

Capture = pytest.CaptureFixture[str]


def report(*arguments: str | Path) -> int:
    return run(["report", *map(str, arguments)])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A photograph in photos/, one beside that folder, and a link from there."""
    for name in ("photos/1.png", "secret/private.png", "photos/sub/deep.png"):
        save_scene(tmp_path / name)
    (tmp_path / "photos" / "link.png").symlink_to("../secret/private.png")
    (tmp_path / "photos" / "sub" / "deeplink.png").symlink_to(tmp_path / "secret" / "private.png")
    return tmp_path


OUTSIDE = ["../secret/private.png", "{place}/secret/private.png", "link.png", "deeplink.png", "sub/deeplink.png"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("single", [False, True])
def test_a_photograph_outside_the_folder_is_not_copied(place: Path, capsys: Capture, name: str, single: bool) -> None:
    name = name.format(place=place)
    results = save_lines(place / "out.jsonl", line(1), line(2, file_name=name))
    options = ("--images", place / "photos", *(["--single-file"] if single else []))
    for number, allowed in enumerate(((), ("--allow-outside",))):
        output = place / (f"report{number}.html" if single else f"report{number}")
        assert report(results, "-o", output, *options, *allowed) == 0
        errors = capsys.readouterr().err
        assert ("--allow-outside" in errors) != bool(allowed)
        assert f"2 photographs, {0 if allowed else 1} failed" in errors
        if not single:
            assert len(list(output.rglob("*.jpg"))) == 1 + len(allowed)
            row = data_of(output)["addPhotos"][1][1]
            assert row[1] == ("sub/deeplink.png" if name.startswith("sub/") else Path(name).name)
            assert row[2] == (0 if allowed else "it is outside the folder of the photographs; --allow-outside reads it")
            assert bool(row[3]) == bool(allowed)
        assert_private(output, place)


def test_if_all_are_outside_that_is_said(place: Path, capsys: Capture) -> None:
    results = save_lines(place / "out.jsonl", line(1, file_name="../secret/private.png"))
    assert report(results, "-o", place / "r", "--images", place / "photos") == 1
    assert "with --allow-outside" in capsys.readouterr().err
    (place / "data").mkdir()
    results = results.rename(place / "data" / "out.jsonl")
    assert report(results, "-o", place / "r") == 0
    errors = capsys.readouterr().err
    assert "1 photograph outside the folder of the photographs is not shown" in errors
    assert "No photograph was found" in errors


def test_a_report_has_no_folders(place: Path) -> None:
    """Wherever a path could come from: names, ids, settings, warnings, failures and what failed in decoding."""
    home = f"{place}/private place"
    (place / "photos" / "broken.png").write_bytes(b"no image")
    lines: list[dict[str, Any]] = [
        {
            "sentikit": {
                "captioner": "toy",
                "ontology": f"{home}/o.csv",
                "options": {"model": f"{place}/m", "n": [f"{home}/n"]},
            }
        },
        line(1, image_id=f"{home}/1.png"),
        line(2, image_id=f"{home}/1.png"),
        line(3, file_name=f"{home}/x.png", image_id="C:\\Users\\bob\\x"),
        line(4, file_name="broken.png"),
        line(5, file_name=f"../../{place.name}/y.png"),
    ]
    results = save_lines(place / "out.jsonl", *lines, header=False)
    failures = place / "failures.jsonl"
    reason = (
        f"it could not be prepared (OSError: cannot open '{home}/z.png', see /var/{place.name}/log)\nand\x1b[31m more"
    )
    failures.write_text(json.dumps({"file": f"{home}/z.png", "image_id": f"{home}/z", "reason": reason}) + "\n")
    for output, options in ((place / "r", ()), (place / "r.html", ("--single-file",))):
        assert report(results, "-o", output, "--images", place / "photos", "--failures", failures, *options) == 0
        assert_private(output, place)
    rows = data_of(place / "r")["addPhotos"][1]
    assert [row[0] for row in rows] == ["1.png", "x", "4", "5", "z"]
    assert rows[-1][2] == "it could not be prepared (OSError: cannot open 'z.png', see log) and\\x1b[31m more"
    settings = dict(data_of(place / "r")["addSummary"][0]["settings"])
    assert settings["ontology"] == "o.csv"


def assert_private(output: Path, place: Path) -> None:
    files = [output] if output.is_file() else [path for path in output.rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        for word in (str(place), place.name, "private place", "Users", "bob"):
            assert word.encode() not in content, path


def test_pictures_carry_nothing_of_the_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker Of Cameras"
    save_scene(tmp_path / "photos" / "1.jpg", exif=exif, comment=b"at home")
    results = save_lines(tmp_path / "out.jsonl", line(1, file_name="1.jpg"))
    assert report(results, "-o", tmp_path / "r", "--images", tmp_path / "photos") == 0
    data = (tmp_path / "r" / "photos" / "0" / "0.jpg").read_bytes()
    assert b"Maker" not in data
    assert b"at home" not in data


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("a.jpg", "a.jpg"), ("sub/a.jpg", "sub/a.jpg"), ("/home/me/a b.jpg", "a b.jpg"), ("../a.jpg", "a.jpg"),
        ("C:\\me\\a.jpg", "a.jpg"), ("\\\\host\\me\\a.jpg", "a.jpg"), ("file:///home/me/a.jpg", "a.jpg"),
        ("~/a.jpg", "a.jpg"), ("a/../b.jpg", "b.jpg"), ("</script>", "</script>"), ("", ""),
    ],
)  # fmt: skip
def test_the_label_of_a_file(name: str, label: str) -> None:
    assert file_label(name) == label


@pytest.mark.parametrize(
    "name",
    [
        "FILE:///home/me/x.jpg", "file:/home/me/x.jpg", "~me/x.jpg", "C:home\\me\\x.jpg", "sftp://me@host/me/x.jpg",
        "%2Fhome%2Fme%2Fx.jpg", "me%2f..%2fx.jpg", "$HOME/me/x.jpg", "%USERPROFILE%\\me\\x.jpg", " /home/me/x.jpg",
        "gs://me/x.jpg", "https://me:secret@host/x.jpg",
    ],
)  # fmt: skip
def test_names_that_say_where_a_file_was_in_other_ways(name: str) -> None:
    assert file_label(name) == "x.jpg"


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("2 captions of /tmp/x/u.json changed: annotations[3].", "2 captions of u.json changed: annotations[3]."),
        ("'/home/me/my photos/a.jpg': it is damaged", "'a.jpg': it is damaged"),
        ('value "/home/me/a long name with...: it is bad', 'value "a long name with...: it is bad'),
        ("(/home/me/a.jpg), key=/home/me/b", "(a.jpg), key=b"),
        ("FILE:///home/me/a.jpg, file:/home/me/b.jpg", "a.jpg, b.jpg"),
        ("~me/pictures/a.jpg or sftp://me@host/b.jpg", "a.jpg or b.jpg"),
        ("and/or, w/ 50/50 at 1/2 - / -", "and/or, w/ 50/50 at 1/2 - / -"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("it has 3 x 4 pixels; make it smaller first", "it has 3 x 4 pixels; make it smaller first"),
    ],
)
def test_sentences_lose_their_folders_alone(text: str, private: str) -> None:
    assert without_folders(text) == private


def test_values_lose_their_folders() -> None:
    value = {"a": ["/x y/z.csv", 3, None], "/home/me/k": "plain"}
    assert without_folders_in(value) == {"a": ["z.csv", 3, None], "k": "plain"}


def test_huge_numbers_do_not_end_a_report(tmp_path: Path) -> None:
    huge = 10**400
    attention = {"words": ["a"], "maps": [[[huge, 1]]]}
    edited = line(2)
    edited["edits"][0]["probability"] = huge
    results = save_lines(tmp_path / "out.jsonl", line(1, log_probability=huge, attention=attention), edited)
    assert report(results, "-o", tmp_path / "r") == 0
    rows = data_of(tmp_path / "r")["addPhotos"][1]
    assert rows[0][4][0][2] is None
    assert rows[1][4][0][0][1][2] is None
