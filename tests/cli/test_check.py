"""`sentikit check` says what is in a COCO caption file, and exits with 1 where something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sentikit import ANP, Edit, Rewrite, Tag
from sentikit.cli import run
from sentikit.formats.coco import mark_updated


def document(bad: int = 0, uncaptioned: int = 0) -> dict[str, Any]:
    return {
        "images": [{"id": number} for number in range(1 + uncaptioned)],
        "annotations": [
            {"id": 0, "image_id": 0, "caption": "A dog."},
            {"id": 1, "image_id": 0, "caption": "Two dogs."},
            *({"id": 2 + number, "image_id": 0, "caption": ""} for number in range(bad)),
        ],
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "captions.json"


def counts(out: str) -> dict[str, int]:
    """The table that is printed first."""
    rows = [line.rsplit(maxsplit=1) for line in out.splitlines()[1:7]]
    return {name.strip(): int(number.replace(",", "")) for name, number in rows}


def test_a_sound_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(json.dumps(document()))
    assert run(["check", "--strict", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == str(path)
    assert counts(out) == {
        "images": 1,
        "captions": 2,
        "updated by sentikit": 0,
        "annotations left out": 0,
        "images without captions": 0,
        "problems": 0,
    }
    assert len(out.splitlines()) == 7
    assert err == ""


def test_problems_are_counted_and_the_first_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(json.dumps(document(bad=25)))
    assert run(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert counts(out)["captions"] == 2
    assert counts(out)["annotations left out"] == counts(out)["problems"] == 25
    assert out.splitlines()[7] == "annotations[2], key 'caption', value \"\": it is blank"
    assert out.splitlines()[-2:] == [
        "annotations[21], key 'caption', value \"\": it is blank",
        "and 5 more problems (--json prints them all)",
    ]


def test_images_without_captions_fail_only_under_strict(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(json.dumps(document(uncaptioned=7)))
    assert run(["check", str(path)]) == 0
    out = capsys.readouterr().out
    assert counts(out)["images without captions"] == 7
    assert out.splitlines()[-1] == "images without captions: 1, 2, 3, 4, 5, and 2 more"
    assert run(["check", "--strict", str(path)]) == 1


def test_json_says_everything(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = document(bad=30, uncaptioned=1)
    source["annotations"].append({"image_id": 0, "caption": "No id."})
    path.write_text(json.dumps(source))
    assert run(["check", "--json", str(path)]) == 1
    report = json.loads(capsys.readouterr().out)
    problems = report.pop("problems")
    assert report == {
        "file": str(path),
        "images": 2,
        "captions": 3,
        "captions_updated": 0,
        "annotations_left_out": 30,
        "images_without_captions": [1],
    }
    assert len(problems) == 31
    assert problems[0] == {"place": "annotations[2]", "key": "caption", "value": "", "what": "it is blank"}
    assert problems[-1] == {"place": "annotations[32]", "key": "id", "what": "it is missing"}


def test_an_updated_file_is_sound_until_a_caption_is_changed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = document()
    mark_updated(
        source["annotations"][0],
        Rewrite.from_edits("A dog.", [Edit(2, 2, "", "cute ", Tag(ANP("cute", "dog")))]),
    )
    path.write_text(json.dumps({**source, "sentikit": {}}))
    assert run(["check", str(path)]) == 0
    assert counts(capsys.readouterr().out)["updated by sentikit"] == 1
    source["annotations"][0]["caption"] = "A dog indeed."
    path.write_text(json.dumps(source))
    assert run(["check", str(path)]) == 1
    assert "annotations[0], key 'caption', value \"A dog indeed.\": it was changed" in capsys.readouterr().out


def test_another_file_is_one_sentence_on_stderr(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text('[{"image": "1.jpg"}]')
    assert run(["check", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Error: {path} is not a COCO caption file: it holds a list of 1")
    assert err.count("\n") == 1


def test_check_imports_neither_torch_nor_spacy(path: Path) -> None:
    path.write_text(json.dumps(document()))
    program = (
        "import sys; from sentikit.cli import run; run(['check', sys.argv[1]])\n"
        "print({'torch', 'spacy', 'numpy', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_real_files(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--strict", str(shared_data / "coco_mini" / "captions.json")]) == 0
    assert counts(capsys.readouterr().out)["images"] == 239
    run(["check", str(shared_data / "senticap" / "senticap_dataset.json")])
    assert "karpathy" in capsys.readouterr().out
