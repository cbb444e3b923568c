"""transformers' models through the real loading code. They are tiny and random: this proves plumbing, not captions."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.batches import batches
from support.looking_models import save_photos

from sentikit import ANP, Captioner, MissingExtraError, ScoringTagger, SentikitError, UsageError
from sentikit.cli import run
from sentikit.plugin.kinds import CAPTIONER, TAGGER
from sentikit.plugin.loader import load_plugins

IMAGES = [Image.new("RGB", (50, 40), (250, 60, 60)), Image.new("RGB", (40, 64), (5, 5, 90)), Image.new("RGB", (9, 9))]
ANPS = ["happy dog", "funny dog", "misty street", "sunny street", "big cat"]
CAPTIONERS = ["blip", "git", "llava"]
CLASSIFIERS = ["clip", "siglip"]


def captioner(folder: Path, **options: str) -> Any:
    return load_plugins().get(CAPTIONER, "transformers").create({"model": str(folder), "max-new-tokens": "6"} | options)


def texts(model: Any, images: Sequence[Image.Image], n: int = 1) -> list[list[str]]:
    (batch,) = batches([model], images)
    return [[caption.text for caption in found] for found in model.caption(batch, n)]


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ontology") / "anps.txt"
    path.write_text("\n".join(ANPS) + "\n", "utf-8")
    return path


def tagger(folder: Path, ontology: Path, **options: str) -> Any:
    return load_plugins().get(TAGGER, "zero-shot").create({"model": str(folder), "ontology": str(ontology)} | options)


# The captioner


@pytest.mark.parametrize("name", CAPTIONERS)
def test_a_batch_is_captioned_as_its_images_are_alone(tiny_models: Path, name: str) -> None:
    model = captioner(tiny_models / name)
    assert isinstance(model, Captioner)
    together = texts(model, IMAGES)
    assert together == [texts(model, [image])[0] for image in IMAGES]
    assert all(len(found) == 1 and found[0] for found in together)


@pytest.mark.parametrize("name", CAPTIONERS)
def test_several_captions_come_best_first(tiny_models: Path, name: str) -> None:
    model = captioner(tiny_models / name)
    best, several = texts(model, IMAGES[:1])[0], texts(model, IMAGES[:1], 3)[0]
    assert several[0] == best[0]
    assert 1 < len(several) <= 3
    assert len(set(several)) == len(several)


@pytest.mark.parametrize("name", CAPTIONERS)
def test_it_says_what_the_model_itself_says(tiny_models: Path, name: str) -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    model = AutoModelForImageTextToText.from_pretrained(tiny_models / name)
    processor = AutoProcessor.from_pretrained(tiny_models / name)
    if name == "llava":
        inputs = processor(images=IMAGES[0], text="user <image> describe the dog assistant ", return_tensors="pt")
        options = {"prompt": "describe the dog"}
    else:
        inputs, options = processor(images=IMAGES[0], return_tensors="pt"), {}
    made = model.generate(**inputs, max_new_tokens=6, num_beams=3, do_sample=False)
    made = made[:, inputs["input_ids"].shape[1] :] if name == "llava" else made
    assert texts(captioner(tiny_models / name, **options), IMAGES[:1]) == [
        [" ".join(processor.batch_decode(made, skip_special_tokens=True)[0].split())]
    ]


@pytest.mark.parametrize("name", ["blip", "git"])
def test_a_prompt_begins_the_caption_of_a_model_without_a_chat(tiny_models: Path, name: str) -> None:
    found = texts(captioner(tiny_models / name, prompt="a photo of"), IMAGES)
    assert all(text.startswith("a photo of ") for (text,) in found)


def test_the_prompt_of_a_chat_is_not_in_the_caption(tiny_models: Path) -> None:
    found = texts(captioner(tiny_models / "llava", prompt="what is this"), IMAGES[:1])
    assert not any("what is this" in text for (text,) in found)


def test_the_number_format_can_be_chosen(tiny_models: Path) -> None:
    import torch

    model = captioner(tiny_models / "blip", dtype="bfloat16")
    assert next(model._model.parameters()).dtype == torch.bfloat16
    assert texts(model, IMAGES[:1])[0]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"model": ""}, "No model is named"),
        ({"dtype": "int8"}, "takes one of auto, float32"),
        ({"num-beams": "0"}, "at least 1"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, str], part: str) -> None:
    with pytest.raises(UsageError, match=part):
        captioner(Path("x"), **options)


def test_a_model_that_cannot_be_loaded_is_named(tiny_models: Path, tmp_path: Path) -> None:
    for wrong in (tmp_path / "nowhere", tmp_path, tiny_models / "clip"):
        with pytest.raises(SentikitError, match="cannot be loaded") as caught:
            captioner(wrong, **{"local-only": "true"})
        assert "\n" not in str(caught.value)
        assert str(wrong) in str(caught.value)


def test_weights_that_would_have_to_be_unpickled_are_refused(tiny_models: Path, tmp_path: Path) -> None:
    for path in (tiny_models / "blip").iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(SentikitError, match="cannot be loaded"):
        captioner(tmp_path)


def test_pickles_and_code_in_a_models_folder_are_not_run(tiny_models: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for path in (tiny_models / "blip").iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    pickled = f"cbuiltins\nexec\n(S'open({str(ran)!r}, \"w\")'\ntR.".encode()
    for name in ("pytorch_model.bin", "model.safetensors"):
        (tmp_path / name).write_bytes(pickled)
        with pytest.raises(SentikitError, match="cannot be loaded"):
            captioner(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModelForImageTextToText": "evil.M"}}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    (tmp_path / "evil.py").write_text(f"open({str(ran)!r}, 'w')\n", "utf-8")
    with pytest.raises(SentikitError, match="cannot be loaded"):
        captioner(tmp_path)
    assert not ran.exists()


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch, ontology: Path) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    for make, what in (
        (lambda: captioner(Path("x")), "The captioner 'transformers'"),
        (lambda: tagger(Path("x"), ontology), "The tagger 'zero-shot'"),
    ):
        with pytest.raises(MissingExtraError) as caught:
            make()
        assert str(caught.value) == (
            f"{what} needs the extra 'transformers': pip install 'sentikit-captions[transformers]'."
        )


# The tagger


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_its_scores_are_those_of_the_model(tiny_models: Path, ontology: Path, name: str) -> None:
    import torch
    from transformers import AutoModelForZeroShotImageClassification, AutoProcessor

    model = AutoModelForZeroShotImageClassification.from_pretrained(tiny_models / name)
    processor = AutoProcessor.from_pretrained(tiny_models / name)
    labels = [f"a photo of a {anp}" for anp in ANPS]
    inputs = processor(images=IMAGES, text=labels, padding="max_length", return_tensors="pt")
    with torch.no_grad():
        logits = model(**inputs).logits_per_image
    expected = logits.sigmoid() if name == "siglip" else logits.softmax(-1)

    made = tagger(tiny_models / name, ontology)
    assert isinstance(made, ScoringTagger)
    (batch,) = batches([made], IMAGES)
    for tags, row in zip(made.tag(batch, 5), expected.tolist(), strict=True):
        assert {str(tag.anp): tag.probability for tag in tags} == pytest.approx(
            dict(zip(ANPS, row, strict=True)), abs=1e-5
        )
        assert [tag.probability for tag in tags] == sorted((tag.probability for tag in tags), reverse=True)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_it_scores_the_adjectives_of_a_noun(tiny_models: Path, ontology: Path, name: str) -> None:
    made = tagger(tiny_models / name, ontology)
    (batch,) = batches([made], IMAGES[:1])
    scorer = made.scorer(batch)
    ((known, unknown),) = scorer.adjectives([["dog", "idea"]])
    assert {tag.adjective for tag in known} == {"happy", "funny"}
    assert sum(tag.probability for tag in known) == pytest.approx(1)
    assert unknown == []
    assert scorer.score([[ANP("big", "idea")]]) == [[float("-inf")]]


@pytest.mark.parametrize(
    ("options", "part"),
    [({"template": "a photo"}, "has {} once"), ({"ontology": ""}, "is empty"), ({"model": ""}, "No model")],
)
def test_options_of_the_tagger_that_make_no_sense(ontology: Path, options: dict[str, str], part: str) -> None:
    with pytest.raises(SentikitError, match=part):
        load_plugins().get(TAGGER, "zero-shot").create({"model": "x", "ontology": str(ontology)} | options)


# The command line


def test_captioner_and_tagger_work_together(
    tiny_models: Path, ontology: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    save_photos(tmp_path / "photos")
    lines = tmp_path / "captions.jsonl"
    arguments = ["caption", str(tmp_path / "photos"), "--captioner", "transformers", "--tagger", "zero-shot"]
    arguments += ["--jsonl", str(lines), "--captions", "2", "-O", f"ontology={ontology}", "--device", "cpu"]
    arguments += ["-O", f"captioner.model={tiny_models / 'git'}", "-O", f"tagger.model={tiny_models / 'clip'}"]
    assert run(arguments) == 0
    header, *found = map(json.loads, lines.read_text("utf-8").splitlines())
    assert len(found) == 3
    assert all(len(line["anps"]) == len(ANPS) and line["plain"] for line in found)
    assert str(tiny_models / "git") in json.dumps(header)
    assert run([*arguments, "-O", "local-only=true"]) == 2
    assert "write -O transformers.local-only=VALUE or -O zero-shot.local-only=VALUE" in capfd.readouterr().err
