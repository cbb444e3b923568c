"""Manifests, ontologies, FlickrStyle's and SentiCap's captions with odd content: one sentence, whatever it is."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sentikit import EvaluatedCaption, SentikitError, read_ontology
from sentikit.cli import run
from sentikit.evaluation.tables import Table
from sentikit.plugin.kinds import METRIC
from sentikit.plugin.loader import load_plugins
from sentikit.training.anp_examples import read_anp_examples

ROW = {"file_name": "a.jpg", "adjective": "cute", "noun": "dog", "split": "train"}
ODD: list[Any] = [None, 5, 1.5, True, "", [], [1], {}, {"a": 1}, 10**400]


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on stderr, which is an error that the user can mend."""
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    assert "Unexpected" not in said
    return said


# Manifests


@pytest.mark.parametrize("line", ["5", "null", '"adjective"', "[1]", "[" * 100_000, "{", "\x00", "9" * 5000])
def test_lines_of_a_manifest_that_are_no_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    path = tmp_path / "vso.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{line}\n", "utf-8")
    assert run(["prepare", "tags", str(path), "-o", str(tmp_path / "parts")]) == 1
    assert "line 2 of the manifest" in one_sentence(capsys)
    with pytest.raises(SentikitError, match="line 2 of the manifest"):
        read_anp_examples(path, None, "train")


@pytest.mark.parametrize("key", ["adjective", "noun", "file_name", "split"])
@pytest.mark.parametrize("value", ODD, ids=str)
def test_odd_values_of_a_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, value: Any) -> None:
    path = tmp_path / "vso.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{json.dumps(ROW | {key: value})}\n", "utf-8")
    assert run(["prepare", "tags", str(path), "-o", str(tmp_path / "parts")]) == 1
    assert f"its {key} " in one_sentence(capsys)
    assert not (tmp_path / "parts").exists()


@pytest.mark.parametrize("split", ["../outside", "/tmp/outside", "a/b", "..", "\x1b", "x" * 100])
def test_a_split_is_the_name_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], split: str) -> None:
    path = tmp_path / "vso.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{json.dumps(ROW | {'split': split})}\n", "utf-8")
    assert run(["prepare", "tags", str(path), "-o", str(tmp_path / "parts")]) == 1
    assert "is not a name such as train, val or test" in one_sentence(capsys)


@pytest.mark.parametrize("weight", ["1e999", "-1", "NaN", "9" * 400, '"1"', "1e300"])
def test_odd_weights_of_a_manifest(tmp_path: Path, weight: str) -> None:
    path = tmp_path / "vso.jsonl"
    path.write_text(json.dumps(ROW)[:-1] + f', "weight": {weight}}}\n', "utf-8")
    with pytest.raises(SentikitError, match="line 1 of the manifest: its weight is"):
        read_anp_examples(path, None, "train")


# Ontologies


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('adjective,noun,sentiment\n"happy,dog,1\n' + "x,y,1\n" * 40_000, "is no row of a table"),
        (f"adjective,noun,sentiment\n{'x' * 140_000},dog,1\n", "is no row of a table"),
        (f"adjective,noun,{'x' * 140_000}\nhappy,dog,1\n", "line 1: it is no row of a table"),
        (f"adjective,noun,sentiment,flickr_images\nhappy,dog,1,{'9' * 5000}\n", "is not a count of images"),
        (f"adjective,noun,sentiment\nhappy,dog,{'9' * 400}\n", "is not a number from -2 to 2"),
        ("adjective,noun,sentiment\nhappy\n", "its noun null is not one word"),
    ],
)
def test_odd_tables(tmp_path: Path, table: str, said: str) -> None:
    path = tmp_path / "vso.csv"
    path.write_text(table, "utf-8")
    with pytest.raises(SentikitError, match=said):
        read_ontology(path)


@pytest.mark.parametrize("key", ["valence", "count", "insertable", "examples", "adjective", "noun"])
@pytest.mark.parametrize("value", [*ODD, 10**4000], ids=lambda value: repr(value)[:20])
def test_odd_values_of_an_ontology(tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, value: Any) -> None:
    anp = {"adjective": "happy", "noun": "dog", "valence": 1, "count": 3, "examples": []} | {key: value}
    document = {"format": "sentikit-ontology", "version": 1, "name": "odd", "anps": [anp]}
    (tmp_path / "o.json").write_text(json.dumps(document), "utf-8")
    if run(["ontology", "show", str(tmp_path / "o.json")]):
        assert "anps[0]" in one_sentence(capsys)


# FlickrStyle and SentiCap


@pytest.mark.parametrize("style", ODD, ids=str)
def test_odd_styles(tmp_path: Path, capsys: pytest.CaptureFixture[str], style: Any) -> None:
    image = {"id": 1, "file_name": "\ud800.jpg"}
    captions = [{"id": 1, "image_id": 1, "caption": "a dog ."}, {"id": 2, "image_id": 1, "caption": "a cat ."}]
    captions[0]["style"], captions[1]["style"] = style, "romantic"
    path = tmp_path / "style.json"
    path.write_text(json.dumps({"images": [image], "annotations": captions}), "utf-8")
    command = ["prepare", "flickrstyle", str(path), "--photos", str(path), "-o", str(tmp_path / "out.json")]
    assert run([*command, "--style", "humorous"]) == 1
    assert "romantic" in one_sentence(capsys)
    assert run(command) == 0
    assert "A cat." in (tmp_path / "out.json").read_text("utf-8")


def senticap(change: tuple[str, ...], value: Any) -> dict[str, Any]:
    """SentiCap with one value in it changed, by its keys."""
    sentence = {"raw": "a nice dog", "tokens": ["a", "nice", "dog"], "word_sentiment": [0, 1, 1], "sentiment": 1}
    image = {"imgid": 1, "split": "train", "sentences": [sentence]}
    document: dict[str, Any] = {"images": [image, image | {"split": "test"}, image | {"split": "val"}]}
    of = {"images": document, "image": image, "sentence": sentence}[change[0]]
    of[change[1]] = value
    return document


@pytest.mark.parametrize("value", [None, 5, "", [1], {}, [None], [[]]], ids=str)
@pytest.mark.parametrize(
    "place",
    [
        ("images", "images"),
        ("image", "imgid"),
        ("image", "split"),
        ("image", "sentences"),
        ("sentence", "raw"),
        ("sentence", "tokens"),
        ("sentence", "word_sentiment"),
        ("sentence", "sentiment"),
    ],
    ids=" ".join,
)
def test_odd_values_of_senticap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: tuple[str, str], value: Any
) -> None:
    path = tmp_path / "senticap.json"
    path.write_text(json.dumps(senticap(place, value)), "utf-8")
    if run(["evaluate", "hidden-adjectives", str(path), "--bootstrap", "0"]):
        one_sentence(capsys)
    annotations = [{"id": n, "image_id": n, "caption": "a dog in a park"} for n in range(40)]
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in range(40)]
    factual = tmp_path / "factual.json"
    factual.write_text(json.dumps({"images": images, "annotations": annotations}), "utf-8")
    plugins = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})
    judge = plugins.get(METRIC, "sentiment-bayes").create({"senticap": str(path), "factual": str(factual)})
    with suppress(SentikitError):  # and nothing else
        judge.measure([EvaluatedCaption(1, "a nice dog", ())])


def test_tables_of_odd_names(capsys: pytest.CaptureFixture[str]) -> None:
    Table("a\x1b]0;owned\x07", ["x", "y\x9b"], [["\x1b[31m", "\u202e"]], ["note\x1b"]).show()
    printed = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(printed)
    assert "owned" in printed
