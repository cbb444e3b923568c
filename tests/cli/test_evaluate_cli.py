"""`sentikit evaluate`, as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.caption_files import coco

from sentikit.cli import run

CAPTIONS = {1: ["a dog runs in the park", "a brown dog runs"], 2: ["a cat sits on a mat", "the cat is on a mat"]}


@pytest.fixture
def references(tmp_path: Path) -> Path:
    return coco(tmp_path / "references.json", CAPTIONS)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return written(tmp_path / "results.json", [result(1, "a dog runs in a park"), result(2, "a cat sits on the mat")])


def test_captions_as_a_table_and_as_json(
    results: Path, references: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pycocoevalcap.meteor.meteor", None)
    assert run(["evaluate", "captions", str(results), str(references)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 images, 4 references"
    assert [line.split()[0] for line in lines[2:8]] == ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr"]
    assert len({len(line) for line in lines[1:8]}) == 1
    assert any(line.startswith("Not computed: meteor, as METEOR needs the extra 'eval'") for line in lines)
    assert any(line.startswith("Not computed: spice, as SPICE needs") for line in lines)

    assert run(["evaluate", "captions", str(results), str(references), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["scores"]["BLEU-1"] == pytest.approx(11 / 12)
    assert lines[2].split()[1] == f"{document['scores']['BLEU-1']:.4f}"
    assert document["images"] == document["reference_images"] == 2
    assert document["reference_captions"] == 4
    assert set(document["not_computed"]) == {"llm-judge", "meteor", "spice"}


def test_markdown_into_a_file(
    results: Path, references: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.md"
    command = [
        "evaluate",
        "captions",
        str(results),
        str(references),
        "--metric",
        "rouge-l",
        "--markdown",
        "-o",
        str(out),
    ]
    assert run(command) == 0
    assert capsys.readouterr().out == ""
    assert out.read_text().splitlines()[2:4] == ["| metric | score |", "| --- | ---: |"]
    assert run(command) == 1
    assert "--force" in capsys.readouterr().err
    assert run([*command, "--force"]) == 0
    assert run([*command[:-1], str(results), "--force"]) == 1
    assert "also an input" in capsys.readouterr().err


def test_a_coco_file_with_one_caption_an_image_is_a_result(
    references: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = coco(tmp_path / "single.json", {image: texts[:1] for image, texts in CAPTIONS.items()})
    assert run(["evaluate", "captions", str(single), str(references), "--metric", "bleu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["BLEU-4"] == pytest.approx(1)
    assert run(["evaluate", "captions", str(references), str(references)]) == 1
    assert "several captions of 2 of its 2 images" in capsys.readouterr().err


def test_images_without_a_caption_are_said_aloud(
    references: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = written(tmp_path / "part.json", [result(2, "a cat")])
    assert run(["evaluate", "captions", str(part), str(references), "--metric", "bleu"]) == 0
    captured = capsys.readouterr()
    assert "Warning: 1 of the 2 images of" in captured.err
    assert captured.out.startswith("1 of 2 images, 2 references")


def test_references_that_are_left_out_are_said_aloud(
    results: Path, references: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(references.read_text())
    document["annotations"][0]["caption"] = " "
    written(references, document)
    assert run(["evaluate", "captions", str(results), str(references), "--metric", "bleu"]) == 0
    captured = capsys.readouterr()
    assert "Warning: " in captured.err
    assert "it is blank" in captured.err
    assert captured.out.startswith("2 images, 3 references")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([(1, "a"), (3, "b")], "has captions of 1 of its 2 images that"),
        ([("1", "a"), ("2", "b")], "The image ids are text in"),
        ([(7, "a")], "no image id in common"),
        ([(1, "a"), (1, "b")], "for the same image"),
        ([], "its list is empty"),
    ],
)
def test_ids_that_do_not_fit_are_one_sentence(
    entries: list[tuple[Any, str]], said: str, references: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = written(tmp_path / "wrong.json", [result(*entry) for entry in entries])
    assert run(["evaluate", "captions", str(wrong), str(references)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = [line for line in captured.err.splitlines() if line.startswith("Error: ")]
    assert said in line
    assert str(wrong) in line


def test_a_strangers_metric_counts_like_the_bundled_ones_and_cannot_stop_them(
    results: Path, references: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "lengths.py").write_text(
        "from sentikit import Option, hookimpl\n"
        "class Length:\n"
        "    def __init__(self, scale): self.scale = scale\n"
        "    def compute(self, captions, references):\n"
        "        return {'length': self.scale * sum(map(len, captions.values())) / len(captions)}\n"
        "class Broken:\n"
        "    def compute(self, captions, references): raise KeyError('oops')\n"
        "class Endless:\n"
        "    def compute(self, captions, references): return {'endless': float('nan')}\n"
        "@hookimpl\n"
        "def register_metrics(register):\n"
        "    options = [Option('scale', float, 1.0, 'A factor.')]\n"
        "    register('length', Length, summary='Mean length', options=options)\n"
        "    register('broken', Broken, summary='Never works')\n"
        "    register('endless', Endless, summary='No number')\n"
    )
    command = [
        "--plugins-dir",
        str(tmp_path / "plugins"),
        "evaluate",
        "captions",
        str(results),
        str(references),
        "--json",
    ]
    assert run([*command, "--metric", "length", "--metric", "broken", "--metric", "endless", "-O", "scale=2"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["scores"] == {"length": 41.0}
    assert document["not_computed"] == {
        "broken": "KeyError: 'oops'",
        "endless": "ValueError: its score endless is nan",
    }
    assert run([*command, "--metric", "broken"]) == 1
    assert run([*command, "--metric", "blue"]) == 2
    assert "Did you mean 'bleu'?" in capsys.readouterr().err


def test_tagger_against_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = tag_file(tmp_path / "said.jsonl", {1: {"cute dog": 0.6, "wet dog": 0.3}, 2: {"old car": 0.9}, 3: {}})
    truth = tag_file(tmp_path / "truth.jsonl", {1: {"wet dog": 1}, 2: {"old car": 1, "red car": 1}, 4: {"old cat": 1}})
    train = tag_file(tmp_path / "train.jsonl", {9: {"wet dog": 1}, 8: {"wet dog": 1, "old car": 1}})
    command = ["evaluate", "tagger", "--tags", str(said), "--truth", str(truth)]
    assert run([*command, "--train", str(train), "-k", "1", "-k", "2", "--json"]) == 0
    captured = capsys.readouterr()
    assert "Warning: 1 of the 3 images of" in captured.err
    document = json.loads(captured.out)
    assert (document["images"], document["pairs"], document["anps"]) == (2, 3, 4)
    assert document["figures"]["tagger"]["pair metric, top-1"]["value"] == pytest.approx(1 / 3)
    assert document["figures"]["tagger"]["hit@2"]["value"] == 1
    assert document["figures"]["image-blind prior"]["hit@1"]["value"] == 0.5
    assert document["confusions"] == [{"true": "wet dog", "named": "cute dog", "images": 1}]

    assert run([*command, "--bootstrap", "0"]) == 0
    out = capsys.readouterr().out
    assert "pair metric, top-1" in out
    assert "No baselines: they need the training data's tags." in out


def test_only_the_ontologys_pairs_compete_and_captions_say_which_nouns_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = [{"cute dog": 0.1, "wet dog": 0.2, "red car": 0.7}, {"cute dog": 0.2, "wet dog": 0.1, "red car": 0.7}]
    said = tag_file(tmp_path / "said.jsonl", {1: whole[0], 2: whole[1]})
    truth = tag_file(tmp_path / "truth.jsonl", {1: {"wet dog": 1}, 2: {}})
    anps = tmp_path / "anps.txt"
    anps.write_text("cute dog\nwet dog\n")
    captions = coco(tmp_path / "captions.json", {1: ["a wet dog runs"], 2: ["two dogs"]})
    command = ["evaluate", "tagger", "--tags", said, "--truth", truth, "-k", 1, "--json"]
    assert run([str(word) for word in [*command, "--ontology", anps, "--captions", captions]]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["anps"] == 2
    assert document["figures"]["tagger"]["hit@1"]["value"] == 1
    assert document["adjective_auc"] == {"wet": {"auc": 1.0, "positives": 1}}


def test_tagger_without_a_common_image_or_any_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = tag_file(tmp_path / "said.jsonl", {"1": {"cute dog": 0.6}})
    truth = tag_file(tmp_path / "truth.jsonl", {1: {"wet dog": 1}})
    empty = tag_file(tmp_path / "empty.jsonl", {1: {}})
    assert run(["evaluate", "tagger", "--tags", str(said), "--truth", str(truth)]) == 1
    assert "The image ids are numbers in" in capsys.readouterr().err
    assert run(["evaluate", "tagger", "--tags", str(said), "--truth", str(empty)]) == 1
    assert "nothing to measure against" in capsys.readouterr().err


def test_a_terminal_gets_a_table_of_its_own(
    results: Path, references: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(["evaluate", "captions", str(results), str(references), "--metric", "bleu"]) == 0
    out = capsys.readouterr().out
    assert "───" in out
    assert "BLEU-4" in out


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from sentikit.cli import run; run(['evaluate', 'captions', '--help']); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "REFERENCES" in shown
    assert {"numpy", "torch", "spacy"}.isdisjoint(shown.split())


def result(image: Any, caption: str) -> dict[str, Any]:
    return {"image_id": image, "caption": caption}


def tag_file(path: Path, images: dict[Any, dict[str, float]]) -> Path:
    lines = []
    for image, tags in images.items():
        words = [(*anp.split(), probability) for anp, probability in tags.items()]
        anps = [{"adjective": adjective, "noun": noun, "probability": share} for adjective, noun, share in words]
        lines.append(json.dumps({"image_id": image, "anps": anps}) + "\n")
    path.write_text("".join(lines))
    return path


def written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path
