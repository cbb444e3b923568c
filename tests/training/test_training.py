"""From photographs to captions with feeling: a captioner and a tagger are trained, and used together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from sentikit.cli import run

COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220)}
RUN = ["--encoder", "efficientnet-lite0", "--init", "random", "--cache-features", "--batch-size", "4"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight plain red and blue photographs with captions and ANPs."""
    folder = tmp_path_factory.mktemp("data")
    images, annotations, tags = [], [], []
    for number in range(8):
        name = "red" if number % 2 else "blue"
        Image.new("RGB", (40, 30), tuple(value - number for value in COLOURS[name])).save(folder / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png"})
        annotations.append({"id": number, "image_id": number, "caption": f"A {name} dog."})
        anp = {"adjective": "happy" if name == "red" else "sad", "noun": "dog", "probability": 1.0}
        tags.append({"image_id": number, "file_name": f"{number}.png", "anps": [anp]})
    (folder / "captions.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    (folder / "tags.jsonl").write_text("\n".join(map(json.dumps, tags)))
    return folder


def train(data: Path, trainer: str, source: str, output: Path, *options: str) -> list[dict[str, float]]:
    """Run the command; the rows of its metrics."""
    code = run(["train", trainer, str(data / source), "--val", str(data / source), "--images", str(data),
                "-o", str(output), *RUN, *options])  # fmt: skip
    assert code == 0
    return [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]


def test_a_captioner_learns_and_is_sentimentalized(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--size", "32", "--min-count", "1", "--dropout", "0", "--lr", "0.01", "--epochs", "12"]
    rows = train(data, "captioner", "captions.json", tmp_path / "captioner", *options)
    assert rows[-1]["loss"] < rows[0]["loss"]
    train(data, "softmax", "tags.jsonl", tmp_path / "tagger", "--epochs", "2")
    capsys.readouterr()
    command = ["caption", str(data / "1.png"), "--captioner", str(tmp_path / "captioner" / "pack")]
    assert run([*command, "--combiner", "none"]) == 0
    assert "dog" in capsys.readouterr().out
    tagger = ["--tagger", str(tmp_path / "tagger" / "pack")]
    assert run([*command, *tagger, "--combiner", "noun-forcing"]) == 0
    assert {"happy", "sad"} & set(capsys.readouterr().out.lower().split())
