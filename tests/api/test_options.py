"""The Python API takes the command line's options by the same names and gives equal results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.looking_models import save_photos
from support.toy_api import toy_model
from support.toy_commands import SUPPORT, save_pack, toy_run

import sentikit
from sentikit import MissingExtraError, PluginError, Sentikit, SentikitError, UsageError

TOYS = ("--captioner", "toy", "--tagger", "toy", "--combiner", "toy")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def model() -> Sentikit:
    return toy_model()


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save_photos(tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    Path("o.csv").write_text("adjective,noun,sentiment\nmisty,street,-1.5\nsunny,street,1.5\n")
    Path("deny.toml").write_text('[[rule]]\nreason = "it is a test"\nadjectives = ["misty"]\n')
    return tmp_path / "photos"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"top_k": 1},
        {"min_probability": 0.4},
        {"polarity": "positive"},
        {"min_valence": 0.5},
        {"polarity": "positive", "ontology": "o.csv"},
        {"denylist": "none"},
        {"denylist": "deny.toml"},
        {"max_edits": 0},
        {"captions": 2},
    ],
)
def test_captions_are_those_of_the_command_line(
    model: Sentikit, photos: Path, capsys: Capture, options: dict[str, Any]
) -> None:
    arguments = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    assert toy_run("caption", photos, *TOYS, *arguments, "--json") == 0
    expected = json.loads(capsys.readouterr().out)
    assert [result.to_dict() for result in model.caption(photos, **options)] == expected
    assert model.caption(photos / "1.png", **options).to_dict() == expected[0]


def test_several_captions_are_candidates_best_first(model: Sentikit, photos: Path) -> None:
    model = toy_model(captioner="toy-many")
    result = model.caption(photos / "1.png", captions=2)
    assert [str(candidate) for candidate in result.candidates] == ["a misty street", "a misty field"]
    assert (result.text, result.plain, len(result.edits)) == ("a misty street", "a street", 1)


@pytest.mark.parametrize("top_k", [1, 3, 0])
def test_tags_are_those_of_the_command_line(model: Sentikit, photos: Path, capsys: Capture, top_k: int) -> None:
    assert toy_run("tag", photos, "--tagger", "toy", "--top-k", str(top_k)) == 0
    expected = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [result.to_dict() for result in model.tag(photos, top_k=top_k)]
    assert [{key: value for key, value in line.items() if key != "file"} for line in found] == expected


def test_options_of_components_go_to_the_one_that_has_them(photos: Path) -> None:
    with pytest.raises(PluginError, match="no idea"):
        toy_model(options={"fail": "to tag"}).tag(photos / "1.png")
    with pytest.raises(UsageError, match="There is no option 'fial'"):
        toy_model(options={"fial": "to tag"})
    with pytest.raises(UsageError, match="slow"):
        toy_model(options={"slow": "very"})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"topk": 3}, r"There is no option 'topk': did you mean top_k\?"),
        ({"colour": 3}, r"There is no option 'colour': choose from top_k, min_probability, "),
        ({"top_k": 0}, r"top_k is a whole number of at least 1, not 0\."),
        ({"top_k": "5"}, r"top_k is a whole number of at least 1, not '5'\."),
        ({"top_k": True}, r"not True\."),
        ({"min_probability": 2}, r"min_probability is from 0 to 1, not 2\."),
        ({"min_probability": float("nan")}, r"min_probability is from 0 to 1, not nan\."),
        ({"min_probability": "half"}, r"min_probability is a number from 0 to 1, not 'half'\."),
        ({"polarity": "happy"}, r"polarity is one of positive, negative, any, not 'happy'\."),
        ({"min_valence": 2}, r"min_valence is from 0 to 1, not 2\.0\."),
        ({"min_valence": "strong"}, r"min_valence is a number from 0 to 1, not 'strong'\."),
        ({"polarity": None}, r"polarity is one of positive, negative, any, not None\."),
        ({"denylist": "no.txt"}, r"no\.txt"),
        ({"denylist": ["fat"]}, r"denylist is a name or a path, not list\."),
        ({"ontology": "no.csv"}, r"no\.csv"),
        ({"ontology": 3}, r"ontology is a name or a path, not int\."),
        ({"denylist": ""}, r"denylist is empty\."),
        ({"captions": 0}, r"captions is a whole number of at least 1, not 0\."),
        ({"max_edits": -1}, r"max_edits is a whole number of at least 0, not -1\."),
    ],
)
def test_wrong_options_are_told_in_a_sentence(
    model: Sentikit, photos: Path, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SentikitError, match=sentence):
        model.caption(photos / "1.png", **options)
    if "captions" not in options:
        with pytest.raises(SentikitError, match=sentence):
            model.rewrite("a street", ["misty street"], **options)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"pack": "nowhere", "captioner": None}, r"There is no pack at nowhere: it does not exist"),
        ({"pack": 3}, r"pack is a name or a path, not int\."),
        ({"pack": ""}, r"pack is empty\."),
        ({"plugins_dir": ""}, r"plugins_dir is empty\."),
        ({"rewriter": ""}, r"rewriter is empty\."),
        ({"options": ["slow"]}, r"options are a dictionary such as \{'beams': 5\}, not list\."),
        ({"options": {3: 4}}, r"There is no option '3'"),
        ({"captioner": "toi"}, r"There is no captioner 'toi'\. Did you mean 'toy'\?"),
        ({"tagger": "toi"}, r"There is no tagger 'toi'\. Did you mean 'toy'\?"),
        ({"combiner": "toi"}, r"There is no combiner 'toi'\. Did you mean 'toy'\?"),
        ({"rewriter": "spacy"}, r"There is no rewriter 'spacy'\."),
        ({"device": "tpu"}, r"There is no device 'tpu': choose auto, cpu, cuda, cuda:1 or mps\."),
        ({"batch_size": 0}, r"batch_size is a whole number of at least 1, not 0\."),
        ({"batch_size": 2.5}, r"batch_size is a whole number of at least 1, not 2\.5\."),
        ({"workers": -1}, r"workers is a whole number of at least 0, not -1\."),
        ({"plugins_dir": "nowhere"}, r"nowhere"),
        ({"tagger": "toy-plain"}, r"needs a tagger that can score"),
    ],
)
def test_load_tells_what_does_not_fit(photos: Path, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SentikitError, match=sentence):
        toy_model(**arguments).caption(photos / "1.png")


def test_a_pack_of_a_tagger_alone_tags_and_tells_what_it_lacks(photos: Path) -> None:
    pack = save_pack(photos.parent / "pack", {"toy-packed": "tagger"})
    model = sentikit.load(pack, plugins_dir=SUPPORT / "toy_plugins")
    assert str(model.tag(photos / "1.png", top_k=1)) == "misty street"
    assert model.rewrite("A dog.", ["happy dog"]).text == "A happy dog."
    with pytest.raises(UsageError, match="has no captioner"):
        model.caption(photos / "1.png")


def test_without_a_combiner_captions_stay_plain(photos: Path) -> None:
    assert toy_model(combiner="none").caption(photos / "1.png").text == "a street"


def test_a_rewriter_may_be_the_combiner(photos: Path) -> None:
    assert toy_model(combiner="noun-match").caption(photos / "1.png").text == "a misty street"


def test_errors_of_plugins_and_of_the_command_line_are_the_same_classes(photos: Path) -> None:
    assert issubclass(UsageError, SentikitError)
    assert issubclass(MissingExtraError, SentikitError)
    with pytest.raises(PluginError, match="The tagger 'toy' gave 0 results for 1 images"):
        toy_model(options={"fail": "to count"}).tag(photos / "1.png")
    with pytest.raises(SentikitError, match="The toy does not start"):
        toy_model(options={"fail": "to start"}).tag(photos / "1.png")


def test_a_sentikit_is_made_of_a_description() -> None:
    for wrong in (None, {}, "toy"):
        with pytest.raises(UsageError, match=r"Models are made of a Description, not "):
            Sentikit(wrong)  # type: ignore[arg-type]


def test_numbers_may_be_numpys(model: Sentikit, photos: Path) -> None:
    found = model.caption(photos / "1.png", top_k=np.int64(2), min_probability=np.float32(0.1))  # type: ignore[call-overload]
    assert found.to_dict() == model.caption(photos / "1.png", top_k=2, min_probability=0.1).to_dict()
