"""`sentikit models`: what is registered, and what is in packs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.toy_commands import save_pack, toy_run

Capture = pytest.CaptureFixture[str]


def test_registered_models_are_listed(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENTIKIT_PACK", raising=False)
    assert toy_run("models") == 0
    text = capsys.readouterr().out
    captioners, rest = text.split("\ntaggers\n")
    taggers, encoders = rest.split("\nencoders\n")
    assert "toy-image      sees streets and fields, without an encoder" in captioners
    assert "softmax" in taggers
    assert "toy-plain" in taggers
    assert "resnet101" in encoders
    assert "pack lite0-flickr8k" in encoders


def test_a_pack_is_told_with_its_size_models_and_scores(tmp_path: Path, capsys: Capture) -> None:
    pack = save_pack(tmp_path / "street", {"toy-packed": "tagger", "toy-captioner": "captioner"}, {"CIDEr": 0.51239})
    assert toy_run("models", "--pack", pack) == 0
    before, _, text = capsys.readouterr().out.partition("pack street\n")
    assert before == "", "the pack that was asked for comes first"
    assert "toy-captioner: CIDEr 0.5124" in text
    assert "MB" in text
    assert "none; its models read photographs themselves" in text


def test_of_many_scores_the_chief_ones_are_shown(tmp_path: Path, capsys: Capture) -> None:
    scores = {"loss": 1.5, "BLEU-4": 0.25, "CIDEr": 0.75, "hit@1": 0.125, "hit@5": 0.5, "macro_recall@5": 0.375}
    pack = save_pack(tmp_path / "street", {"toy-packed": "tagger", "toy-captioner": "captioner"}, scores)
    assert toy_run("models", "--pack", pack) == 0
    text = capsys.readouterr().out
    assert "toy-captioner: CIDEr 0.75, BLEU-4 0.25 (4 more in --json)\n" in text
    assert "toy-packed: macro_recall@5 0.375, hit@5 0.5 (4 more in --json)\n" in text
    assert toy_run("models", "--json", "--pack", pack) == 0
    assert json.loads(capsys.readouterr().out)["packs"][0]["models"]["toy-packed"]["scores"] == scores


def test_as_json(tmp_path: Path, capsys: Capture) -> None:
    packs = [save_pack(tmp_path / name, {"toy-packed": "tagger"}, {"hit@5": 0.25}) for name in ("one", "two")]
    assert toy_run("models", "--json", "--pack", packs[0], "--pack", packs[1]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["taggers"]["toy"] == "tags by brightness"
    assert [pack["name"] for pack in document["packs"]] == ["one", "two"]
    first = document["packs"][0]
    assert first["models"] == {"toy-packed": {"kind": "tagger", "scores": {"hit@5": 0.25}}}
    assert first["bytes"] == sum(file.stat().st_size for file in packs[0].iterdir())
    assert first["encoder"] is None


def test_an_encoder_is_told_with_its_options(tmp_path: Path, capsys: Capture) -> None:
    pack = save_pack(tmp_path / "street", {"toy-packed": "tagger"})
    config = json.loads((pack / "config.json").read_text())
    entry = config["models"]["toy-packed"]
    config["encoder"] = {
        "plugin": "timm", "options": {"model": "vgg"}, "preprocessing": {}, "dim": 1280, "grid": [7, 7],
        "weights": entry["weights"], "sha256": entry["sha256"],
    }  # fmt: skip
    (pack / "config.json").write_text(json.dumps(config))
    assert toy_run("models", "--pack", pack) == 0
    assert "timm, model vgg: 1,280 numbers on a grid of 7x7" in capsys.readouterr().out


def test_a_broken_pack_is_a_sentence_and_the_others_are_shown(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = save_pack(tmp_path / "good", {"toy-packed": "tagger"})
    (tmp_path / "bad").mkdir()
    monkeypatch.setenv("SENTIKIT_PACK", f"{tmp_path / 'bad'}:{good}")
    assert toy_run("models") == 1
    captured = capsys.readouterr()
    assert "is no pack: it has no config.json" in captured.err
    assert "pack good" in captured.out
