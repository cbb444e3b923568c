"""Several captions a photograph, photographs that a model cannot process, and rewriters as combiners."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from support.looking_models import save_photos
from support.toy_commands import json_lines

from sentikit.cli import run
from sentikit.plugin.kinds import REWRITER
from sentikit.plugin.loader import load_plugins

PLUGIN = """
import math
from sentikit import Caption, ImageFailure, Option, hookimpl
from support.toy_models import ToyCombiner, ToyEncoder, ToyScoringTagger

TEXTS = ("a street", "a field", "a street and a field")


class Captioner:
    def __init__(self, miss, encoder=True):
        self.encoder, self.miss = ToyEncoder(), miss

    def caption(self, batch, n=1):
        return [
            ImageFailure("it shows\\nnothing.") if photo.name == self.miss
            else [Caption(text, log_probability=-1.0 - place) for place, text in enumerate(TEXTS[:n])]
            for photo in batch.photos
        ]

    def to(self, device):
        pass


class Tagger(ToyScoringTagger):
    def __init__(self, lose, nan):
        super().__init__(ToyEncoder())
        self.lose, self.nan = lose, nan

    def tag(self, batch, top_k):
        rows = super().tag(batch, top_k)
        if self.nan:
            rows = [[tag._replace(probability=math.nan) for tag in row] for row in rows]
        return [
            ImageFailure("it is too dark") if photo.name == self.lose else row
            for photo, row in zip(batch.photos, rows, strict=True)
        ]


@hookimpl
def register_captioners(register):
    register("several", Captioner, summary="sees much", options=[Option("miss", str, "", "photo it cannot caption")])


@hookimpl
def register_taggers(register):
    options = [Option("lose", str, "", "photo it cannot tag"), Option("nan", bool, False, "gives no numbers")]
    register("several", Tagger, summary="by brightness", options=options)


@hookimpl
def register_combiners(register):
    register("several", ToyCombiner, summary="the best adjective of every noun")
"""
MODELS = ("--captioner", "several", "--tagger", "several", "--combiner", "several")
Capture = pytest.CaptureFixture[str]
Command = Callable[..., int]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Dark, bright and dark: misty, sunny and misty."""
    save_photos(tmp_path / "photos")
    return tmp_path / "photos"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "several.py").write_text(PLUGIN, "utf-8")
    return lambda *arguments: run(["--plugins-dir", str(tmp_path / "plugins"), *map(str, arguments)])


# Photographs that a model cannot process


def test_a_photo_that_cannot_be_tagged_fails_alone(
    command: Command, photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    tag = ["tag", photos, "--tagger", "several", "-O", "lose=2.png"]
    assert command(*tag, "--failures", tmp_path / "f.jsonl") == 0
    captured = capsys.readouterr()
    assert [line["file_name"] for line in json_lines(captured.out)] == ["1.png", "3.png"]
    assert "2 done, 1 failed." in captured.err
    assert f"Failed: {photos}/2.png: it is too dark." in captured.err
    assert json_lines((tmp_path / "f.jsonl").read_text()) == [
        {"file": str(photos / "2.png"), "image_id": 2, "reason": "it is too dark"}
    ]
    assert command(*tag, "--strict") == 1
    assert command("tag", photos / "2.png", "--tagger", "several", "-O", "lose=2.png") == 1


def test_a_photo_that_failed_is_tried_again_by_the_next_run(command: Command, photos: Path, tmp_path: Path) -> None:
    tag = ["caption", photos, *MODELS, "--jsonl", tmp_path / "c.jsonl", "-O", "miss=2.png"]
    assert command(*tag) == 0
    assert command(*tag) == 0
    assert [line["image_id"] for line in json_lines((tmp_path / "c.jsonl").read_text())[1:]] == [1, 3]


@pytest.mark.parametrize("option", ["miss=2.png", "lose=2.png"])
def test_a_photo_that_cannot_be_captioned_fails_alone(
    command: Command, photos: Path, capsys: Capture, option: str
) -> None:
    caption = ["caption", photos, *MODELS, "-O", option]
    assert command(*caption) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{photos}/1.png\ta misty street\n{photos}/3.png\ta misty street\n"
    assert "2 done, 1 failed." in captured.err
    reason = "it shows nothing" if option.startswith("miss") else "it is too dark"
    assert f"Failed: {photos}/2.png: {reason}." in captured.err
    assert command(*caption, "--strict") == 1


def test_an_ensemble_fails_where_a_member_does(command: Command, photos: Path, capsys: Capture) -> None:
    assert command("tag", photos, "--tagger", "several,several", "-O", "lose=2.png") == 0
    assert [line["image_id"] for line in json_lines(capsys.readouterr().out)] == [1, 3]


def test_nothing_that_is_no_number_is_written(command: Command, photos: Path, tmp_path: Path, capsys: Capture) -> None:
    assert command("tag", photos, "--tagger", "several", "-O", "nan=true", "-o", tmp_path / "t.jsonl") == 1
    assert "Error: The tagger 'several' gave misty street the probability nan" in capsys.readouterr().err
    assert "NaN" not in (tmp_path / "t.jsonl").read_text()
    assert command("caption", photos, *MODELS, "-O", "nan=true", "--jsonl", tmp_path / "c.jsonl") == 1
    assert "NaN" not in (tmp_path / "c.jsonl").read_text()


# Several captions


def test_several_captions_are_candidates_of_which_the_best_comes_first(
    command: Command, photos: Path, tmp_path: Path
) -> None:
    files = ["--jsonl", tmp_path / "c.jsonl", "--coco-results", tmp_path / "r.json"]
    assert command("caption", photos, *MODELS, "--captions", "3", *files) == 0
    header, *lines = json_lines((tmp_path / "c.jsonl").read_text())
    assert header["sentikit"]["captions"] == 3
    assert [[one["caption"] for one in line["candidates"]] for line in lines] == [
        [f"a {word} street", f"a {word} field", f"a {word} street and a {word} field"]
        for word in ("misty", "sunny", "misty")
    ]
    for line in lines:
        best = line["candidates"][0]
        assert {key: line[key] for key in best} == best
        assert [one["plain"] for one in line["candidates"]] == ["a street", "a field", "a street and a field"]
        assert [one["log_probability"] for one in line["candidates"]] == [-1, -2, -3]
        assert [len(one["edits"]) for one in line["candidates"]] == [1, 1, 2]
    results = json.loads((tmp_path / "r.json").read_text())
    assert [one["caption"] for one in results] == ["a misty street", "a sunny street", "a misty street"]


def test_the_scorers_rows_stay_with_their_photographs_if_one_fails(
    command: Command, photos: Path, tmp_path: Path
) -> None:
    """The toy combiner asks the scorer about every caption; the failed photograph between has none."""
    for option, path in (("miss=1.png", "a.jsonl"), ("lose=1.png", "b.jsonl")):
        arguments = ["--captions", "2", "--jsonl", tmp_path / path, "-O", option]
        assert command("caption", photos, *MODELS, *arguments) == 0
        lines = json_lines((tmp_path / path).read_text())[1:]
        assert [(line["image_id"], [one["caption"] for one in line["candidates"]]) for line in lines] == [
            (2, ["a sunny street", "a sunny field"]),
            (3, ["a misty street", "a misty field"]),
        ]


def test_several_captions_are_printed_best_first(command: Command, photos: Path, capsys: Capture) -> None:
    assert command("caption", photos / "2.png", *MODELS, "--captions", "2") == 0
    assert capsys.readouterr().out == "a sunny street\na sunny field\n"
    assert command("caption", photos / "2.png", photos / "1.png", *MODELS, "--captions", "2") == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert command("caption", photos / "2.png", *MODELS, "--captions", "2", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)[0]["candidates"]) == 2


def test_one_caption_has_no_candidates(command: Command, photos: Path, tmp_path: Path, capsys: Capture) -> None:
    assert command("caption", photos, *MODELS, "--captions", "1", "--jsonl", tmp_path / "c.jsonl") == 0
    header, *lines = json_lines((tmp_path / "c.jsonl").read_text())
    assert "captions" not in header["sentikit"]
    assert all("candidates" not in line for line in lines)
    assert command("caption", photos, *MODELS, "--captions", "2", "--jsonl", tmp_path / "c.jsonl") == 1
    assert "captions" in capsys.readouterr().err


def test_without_a_combiner_candidates_stay_plain(command: Command, photos: Path, capsys: Capture) -> None:
    plain = ["--captioner", "several", "--combiner", "none", "--captions", "3", "--json"]
    assert command("caption", photos / "1.png", *plain) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert [one["caption"] for one in entry["candidates"]] == ["a street", "a field", "a street and a field"]
    assert all(math.isfinite(one["log_probability"]) for one in entry["candidates"])


def test_other_commands_take_the_best_of_several(
    command: Command, photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert command("caption", photos, *MODELS, "--captions", "3", "--jsonl", tmp_path / "c.jsonl") == 0
    people = {
        "images": [{"id": number, "file_name": f"{number}.png"} for number in (1, 2, 3)],
        "annotations": [{"id": number, "image_id": number, "caption": "a street"} for number in (1, 2, 3)],
    }
    (tmp_path / "people.json").write_text(json.dumps(people))
    capsys.readouterr()
    assert (
        command("evaluate", "captions", tmp_path / "c.jsonl", tmp_path / "people.json", "--metric", "bleu", "--json")
        == 0
    )
    assert json.loads(capsys.readouterr().out)["scores"]["BLEU-1"] == pytest.approx(2 / 3)
    assert command("report", tmp_path / "c.jsonl", "--images", photos, "-o", tmp_path / "report") == 0
    updated = ["update-captions", tmp_path / "people.json", "--tags", tmp_path / "c.jsonl", "--rewriter", "noun-match"]
    assert command(*updated) == 0
    document = json.loads((tmp_path / "people.sentikit.json").read_text())
    assert [one["caption"] for one in document["annotations"]] == ["a misty street", "a sunny street", "a misty street"]


# Rewriters as combiners


# llm asks an endpoint, and has tests of its own.
REWRITERS = sorted({*load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""}).names(REWRITER)} - {"llm"})


@pytest.mark.parametrize("rewriter", REWRITERS)
def test_every_rewriter_is_a_combiner(command: Command, photos: Path, tmp_path: Path, rewriter: str) -> None:
    models = ["--captioner", "several", "--tagger", "several", "--combiner", rewriter]
    assert command("caption", photos, *models, "--captions", "2", "--jsonl", tmp_path / "c.jsonl") == 0
    header, *lines = json_lines((tmp_path / "c.jsonl").read_text())
    assert header["sentikit"]["combiner"] == rewriter
    assert [[one["caption"] for one in line["candidates"]] for line in lines] == [
        [f"a {word} street", f"a {word} field"] for word in ("misty", "sunny", "misty")
    ]


def test_a_name_that_is_neither_combiner_nor_rewriter_is_a_sentence(
    command: Command, photos: Path, capsys: Capture
) -> None:
    assert command("caption", photos, "--captioner", "several", "--tagger", "several", "--combiner", "severe") == 2
    assert "There is no combiner 'severe'. Did you mean 'several'?" in capsys.readouterr().err
