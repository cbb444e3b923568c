"""`sentikit ontology build` and `ontology label`, as people run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sentikit import ANP
from sentikit.affect.ontology import read_ontology
from sentikit.cli import run
from sentikit.formats.tags import read_tags

CAPTIONS = {
    1: ["A happy dog runs.", "The happy dog is on a snowy hill.", "A dog."],
    2: ["Two happy dogs.", "A red car."],
    3: ["A muddy road.", "A sad woman on a muddy road."],
    4: ["A dog."],
}


@pytest.fixture(scope="module")
def captions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coco(tmp_path_factory.mktemp("captions") / "captions.json", CAPTIONS)


@pytest.fixture(scope="module")
def ontology(captions: Path) -> Path:
    path = captions.with_name("o.json")
    assert run(["ontology", "build", str(captions), "-o", str(path), "--min-count", "1", "--emotional"]) == 0
    return path


def test_build_counts_and_writes(captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.json"
    command = ["ontology", "build", str(captions), "-o", str(out), "--min-count", "2", "--emotional", "--name", "mine"]
    assert run(command) == 0
    said = capsys.readouterr()
    counts = dict(line.rsplit(maxsplit=1) for line in said.out.splitlines())
    assert counts["captions"] == "8"
    assert counts["photographs"] == "4"
    assert counts["ANPs stated"] == "7"
    assert counts["distinct ANPs"] == "4"
    assert counts["  of 2 photographs or more"] == "1"
    assert counts["ANPs of the ontology"] == "1"
    assert "Read 8 captions in" in said.err
    assert "a second" in said.err
    made = read_ontology(out)
    assert (made.name, made.source, list(made)) == ("mine", "captions of captions.json", [ANP("happy", "dog")])
    assert run(command) == 1
    assert "--force" in capsys.readouterr().err
    assert run([*command, "--force"]) == 0


def test_the_same_photograph_in_two_files_counts_once(captions: Path, tmp_path: Path) -> None:
    other = coco(tmp_path / "other.json", {1: ["A happy dog."], 9: ["A happy dog."]})
    out = tmp_path / "o.json"
    assert run(["ontology", "build", str(captions), str(other), "-o", str(out), "--min-count", "1", "--max", "1"]) == 0
    assert [entry.count for entry in read_ontology(out).entries.values()] == [3]


def test_text_files_have_a_caption_a_line(tmp_path: Path) -> None:
    text, out = tmp_path / "lines.txt", tmp_path / "o.json"
    text.write_text("A happy dog.\n\nHappy dogs.\nA happy dog.\n")
    assert run(["ontology", "build", str(text), "-o", str(out), "--examples", "0"]) == 0
    entry = read_ontology(out).entries[ANP("happy", "dog")]
    assert (entry.count, entry.examples) == (3, ())


def test_nothing_found_writes_nothing(captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.json"
    assert run(["ontology", "build", str(captions), "-o", str(out), "--min-count", "9"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("Error: Nothing was written:")
    assert "--min-count" in error
    assert not out.exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"images": [], "annotations": []}'])
def test_a_bad_file_is_one_sentence(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    assert run(["ontology", "build", str(bad), "-o", str(tmp_path / "o.json")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: ")
    assert "bad.json" in line


def test_an_empty_text_file_and_an_output_that_is_an_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "empty.txt"
    text.write_text("\n\n")
    assert run(["ontology", "build", str(text), "-o", str(tmp_path / "o.json")]) == 1
    assert capsys.readouterr().err == f"Error: {text} has no captions: it is empty.\n"
    assert run(["ontology", "build", str(text), "-o", str(text), "--force"]) == 1
    assert "also an input" in capsys.readouterr().err


def test_label_writes_a_tag_file(
    ontology: Path, captions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "labels.jsonl"
    assert run(["ontology", "label", str(ontology), str(captions), "-o", str(out)]) == 0
    counts = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert (counts["images"], counts["  with an ANP"], counts["labels"]) == ("4", "3", "5")
    file = read_tags(out, strict=True)
    assert file.header == {"tagger": "captions", "ontology": "o", "captions": "captions.json"}
    assert [(image.image_id, image.file_name) for image in file.images] == [(n, f"{n}.jpg") for n in CAPTIONS]
    labels = [{str(tag.anp): tag.probability for tag in file.tags[row]} for row in range(4)]
    assert labels[0] == {"happy dog": pytest.approx(2 / 3, abs=1e-5), "snowy hill": pytest.approx(1 / 3, abs=1e-5)}
    assert labels[1:] == [{"happy dog": 0.5}, {"muddy road": 1.0, "sad woman": 0.5}, {}]


def test_labels_of_captions_that_state_nothing(
    ontology: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "labels.jsonl"
    other = coco(tmp_path / "other.json", {1: ["A cat."]})
    assert run(["ontology", "label", str(ontology), str(other), "-o", str(out)]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("Error: Nothing was written: no caption of")
    assert not out.exists()


def coco(path: Path, captions: dict[int, list[str]]) -> Path:
    document: dict[str, Any] = {
        "images": [{"id": image, "file_name": f"{image}.jpg"} for image in captions],
        "annotations": [
            {"id": 100 * image + place, "image_id": image, "caption": text}
            for image, texts in captions.items()
            for place, text in enumerate(texts)
        ],
    }
    path.write_text(json.dumps(document))
    return path
