"""`sentikit update-captions` with captions in other languages, and with --min-valence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sentikit.cli import run

CAPTIONS = ["A dog sits at a table.", "Une table avec un vase.", "La table est dans un bar.", "A vase."]
TAGS = ["old table", "lovely vase", "wet dog"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    document = {
        "images": [{"id": 1, "file_name": "1.jpg"}],
        "annotations": [{"id": number, "image_id": 1, "caption": text} for number, text in enumerate(CAPTIONS)],
    }
    (tmp_path / "c.json").write_text(json.dumps(document))
    (tmp_path / "t.jsonl").write_text(json.dumps({"image_id": 1, "anps": TAGS}))
    return tmp_path


def update(folder: Path, *options: str) -> tuple[int, list[str], dict[str, Any]]:
    """The exit code, the captions and the statistics."""
    out, stats = folder / "out.json", folder / "stats.json"
    code = run(["update-captions", str(folder / "c.json"), "--tags", str(folder / "t.jsonl"), "--rewriter=noun-match",
                "-o", str(out), "--stats", str(stats), "--force", *options])  # fmt: skip
    made = json.loads(out.read_text()) if out.exists() else {"annotations": []}
    counts = json.loads(stats.read_text()) if stats.exists() else {}
    return code, [annotation["caption"] for annotation in made["annotations"]], counts


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_captions_that_are_not_english_stay_and_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    code, captions, counts = update(folder, "--jobs", jobs)
    assert code == 0
    assert captions == ["A wet dog sits at an old table.", *CAPTIONS[1:3], "A lovely vase."]
    assert (counts["captions_not_english"], counts["captions_unchanged"], counts["captions_updated"]) == (2, 2, 2)
    printed = capsys.readouterr()
    assert printed.err.count("2 captions were not in English and left alone; --language any edits all languages.") == 1
    assert "of these not English" in printed.out


def test_any_language(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, captions, counts = update(folder, "--language", "any")
    assert code == 0
    assert captions[1] == "Une old table avec un lovely vase."
    assert counts["captions_not_english"] == 0
    assert "English" not in capsys.readouterr().err


def test_nothing_but_other_languages(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((folder / "c.json").read_text())
    document["annotations"] = document["annotations"][1:3]
    (folder / "c.json").write_text(json.dumps(document))
    assert update(folder)[0] == 1
    assert "nothing was written: 2 captions were not in English" in capsys.readouterr().err


def test_strength(folder: Path) -> None:
    assert update(folder, "--min-valence", "0.4")[1] == [*CAPTIONS[:3], "A lovely vase."]
    assert update(folder, "--min-valence", "2")[0] == 2
