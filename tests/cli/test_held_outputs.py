"""Every output of a command is locked while it runs: a second run with one of them is refused before it works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from support.toy_commands import toy_run

from sentikit.io.locks import locked


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photograph, its caption, tags, an ontology and a file of results."""
    Image.new("RGB", (8, 8), "red").save(tmp_path / "1.png")
    anp = {"adjective": "happy", "noun": "dog", "probability": 0.5}
    files = {
        "c.json": {"images": [{"id": 1, "file_name": "1.png"}], "annotations": []},
        "t.jsonl": {"image_id": 1, "caption": "A dog.", "plain": "A dog.", "anps": [anp]},
        "o.json": {"format": "sentikit-ontology", "version": 1, "name": "o", "source": "", "anps": [anp]},
        "r.json": [{"image_id": 1, "caption": "A happy dog."}],
    }
    files["c.json"]["annotations"] = [{"id": 1, "image_id": 1, "caption": "A happy dog."}]  # type: ignore[index]
    for name, value in files.items():
        (tmp_path / name).write_text(json.dumps(value) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


TOY = "--captioner toy --tagger toy --combiner toy"


@pytest.mark.parametrize(
    "command",
    [
        "tag 1.png --tagger toy -o OUT", "tag 1.png --tagger toy --failures OUT",
        "tag 1.png --tagger toy --explain OUT",
        f"caption 1.png {TOY} --jsonl OUT", f"caption 1.png {TOY} --coco-results OUT",
        f"caption 1.png {TOY} --failures OUT", f"caption 1.png {TOY} --explain OUT",
        "update-captions c.json --tags t.jsonl -o OUT", "update-captions c.json --tags t.jsonl -o x.json --stats OUT",
        "update-captions c.json --tagger toy -o x.json --failures OUT", "report t.jsonl -o OUT",
        "report t.jsonl -o OUT --single-file", "evaluate captions r.json c.json -o OUT",
        "evaluate tagger --tags t.jsonl --truth t.jsonl -o OUT", "ontology build c.json -o OUT",
        "ontology label o.json c.json -o OUT", "prepare tags t.jsonl -o OUT",
    ],
)  # fmt: skip
def test_a_held_output_is_refused(place: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    name = "out.png"
    before = sorted(place.iterdir())
    with locked(place / name):
        assert toy_run(*command.replace("OUT", name).split()) == 1
    assert f"{name} is in use by another run of sentikit: process " in capsys.readouterr().err
    assert [path for path in sorted(place.iterdir()) if path not in before and path.suffix != ".png"] == []
