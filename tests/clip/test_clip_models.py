"""open_clip models of random weights, saved to disk and loaded as people's are: plumbing, not quality."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.batches import batches
from support.caption_files import coco
from support.clip_models import HALF, RESNET, SIGLIP, VIT, save_clip
from support.made_images import scene
from support.synthetic import make_photos, train_arguments

torch = pytest.importorskip("torch")
open_clip = pytest.importorskip("open_clip")

from sentikit_plugins.clip.boxes import read_boxes  # noqa: E402
from sentikit_plugins.clip.clipscore import PREFIX, ClipScore  # noqa: E402
from sentikit_plugins.clip.features import clip_encoder  # noqa: E402
from sentikit_plugins.clip.loading import load_model  # noqa: E402
from sentikit_plugins.clip.settings import MetricSettings, ModelSettings, TaggerSettings  # noqa: E402
from sentikit_plugins.clip.tagger import make_tagger  # noqa: E402

from sentikit import (  # noqa: E402
    ANP,
    EvaluatedCaption,
    ImageMetric,
    MissingExtraError,
    Ontology,
    OntologyEntry,
    Photo,
    ScoringTagger,
    SentikitError,
    TunableEncoder,
    UsageError,
)
from sentikit.cli import run  # noqa: E402
from sentikit.plugin.kinds import ENCODER, TAGGER  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402
from sentikit.testing import NotChecked, Subject, checks_of  # noqa: E402

ONTOLOGY = Ontology("few", {ANP.parse(text): OntologyEntry() for text in ("happy dog", "old dog", "old house")})
CASES = {"vit": (VIT, None), "resnet": (RESNET, None), "siglip": (SIGLIP, HALF)}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The name of each model, for -O model."""
    root = tmp_path_factory.mktemp("models")
    return {name: f"local-dir:{save_clip(root / name, *case)}" for name, case in CASES.items()}


def with_defaults(model: str, **others: Any) -> Any:
    return clip_encoder(**{
        "model": model, "pretrained": None, "resize": None, "quick_gelu": None, "grid": 0, "tower": None,
        "weights": "imagenet",
    } | others)  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_tagger_gives_open_clips_own_cosines(models: dict[str, str], name: str, tmp_path: Path) -> None:
    """d and the nouns' cosines are those of open_clip's own model, transform and tokenizer."""
    settings = TaggerSettings(model=models[name], cache_dir=tmp_path, abstain=False, min_noun=0.0)
    tagger = make_tagger(settings, ONTOLOGY)
    assert isinstance(tagger, ScoringTagger)
    (batch,) = batches([tagger], [scene(), scene(30, 50)])
    model, _, transform = open_clip.create_model_and_transforms(models[name], pretrained_text=False)
    tokenizer = open_clip.get_tokenizer(models[name])
    model.eval()
    with torch.no_grad():
        photo = model.encode_image(transform(scene()).unsqueeze(0), normalize=True)[0]
        pairs, nouns = (
            model.encode_text(tokenizer([template.format(words) for template in PLAIN]), normalize=True)
            for words in ("happy dog", "dog")
        )
    expected = ((pairs @ photo) - (nouns @ photo)).mean()
    plain = make_tagger(TaggerSettings(**{**vars(settings), "templates": written(tmp_path / "t.txt", PLAIN)}), ONTOLOGY)
    assert float(plain.texts.differences[0] @ batch.encoded[0, 0]) == pytest.approx(float(expected), abs=1e-5)
    for tags in tagger.tag(batch, 2):
        assert len(tags) == 2
        assert all(tag.probability is None for tag in tags), "not calibrated, so no probability"


PLAIN = ("the {}", "a picture of the {}")


def written(path: Path, lines: tuple[str, ...]) -> Path:
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_siglips_bias_and_scale_are_not_used(models: dict[str, str], tmp_path: Path) -> None:
    tagger = make_tagger(TaggerSettings(model=models["siglip"], cache_dir=tmp_path), ONTOLOGY)
    (batch,) = batches([tagger], [scene()])
    before = tagger.scorer(batch).score([list(ONTOLOGY)])
    with torch.no_grad():
        tagger.clip.model.logit_bias.fill_(5.0)
        tagger.clip.model.logit_scale.fill_(0.5)
    assert tagger.scorer(batch).score([list(ONTOLOGY)]) == before


@pytest.mark.parametrize(
    ("name", "grid", "dim", "blocks"), [("vit", (4, 4), 32, 4), ("resnet", (2, 2), 256, 5), ("siglip", (10, 10), 96, 1)]
)
def test_the_encoder_is_stored_tuned_and_made_again(
    models: dict[str, str], name: str, grid: tuple[int, int], dim: int, blocks: int
) -> None:
    encoder = with_defaults(models[name])
    assert isinstance(encoder, TunableEncoder)
    assert (encoder.grid, encoder.dim) == (grid, dim)
    images = torch.stack([encoder.preprocess(scene()), encoder.preprocess(scene(60, 30))])
    features = encoder.encode(images)
    assert features.shape == (2, grid[0] * grid[1], dim)
    visual: Any = load_model(ModelSettings(model=models[name])).model.get_submodule("visual")
    normalised = (images.float() / 255 - torch.tensor(encoder.preprocessing.mean).reshape(3, 1, 1)) / torch.tensor(
        encoder.preprocessing.std
    ).reshape(3, 1, 1)
    with torch.no_grad():
        own = visual.forward_intermediates(
            normalised, indices=1, normalize_intermediates=name != "resnet", intermediates_only=True
        )["image_intermediates"][-1]
    assert torch.allclose(features, own.flatten(2).transpose(1, 2), atol=1e-4)
    stored = encoder.stored()
    again = with_defaults("ViT-B-32", tower=stored.options["tower"], weights=stored)
    assert again.identity == encoder.identity
    assert torch.equal(again.encode(images), features)
    frozen, tuned = encoder.split(blocks)
    assert torch.allclose(tuned(frozen(images)), features, atol=1e-5)
    with pytest.raises(UsageError, match=f"has {blocks} blocks"):
        encoder.split(blocks + 1)


def test_a_system_is_trained_on_its_features(models: dict[str, str], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    photos = make_photos(tmp_path / "data", 4, 2)
    options = ("--encoder", "clip", "-O", f"model={models['vit']}", "--device", "cpu", "--epochs", 1)
    assert run(train_arguments(photos, "softmax", tmp_path / "run", *options)) == 0
    image = next(Path(tmp_path / "data").rglob("*.png"))
    out = tmp_path / "tags.jsonl"
    assert run(["tag", str(image), "--pack", str(tmp_path / "run" / "pack"), "-o", str(out)]) == 0
    assert json.loads(out.read_text().splitlines()[-1])["anps"]


def test_clipscore_is_the_published_formula(models: dict[str, str]) -> None:
    settings = MetricSettings(model=models["vit"])
    clip = load_model(settings)
    photos = [Photo("1.png", (40, 24), scene), Photo("2.png", (30, 50), lambda: scene(30, 50))]
    captions = [
        EvaluatedCaption(1, "a happy dog", ["an old dog", "the dog"]),
        EvaluatedCaption(2, "a house", ["a cat"]),
    ]
    images = clip.embed_images(torch.stack([clip.transform(photo.image) for photo in photos]))
    texts = clip.embed_texts([PREFIX + caption.text for caption in captions])
    plain = [2.5 * max(float(image @ text), 0) for image, text in zip(images, texts, strict=True)]
    metric = ClipScore(settings, with_references=False)
    assert isinstance(metric, ImageMetric)
    assert metric.measure_seen(captions, metric.see(photos))["CLIPScore"] == pytest.approx(plain, abs=1e-5)
    best = [
        max(float(text @ clip.embed_texts([PREFIX + reference])[0]) for reference in caption.references)
        for text, caption in zip(texts, captions, strict=True)
    ]
    both = ClipScore(settings, with_references=True)
    harmonic = [2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(plain, best, strict=True)]
    assert both.measure_seen(captions, both.see(photos))["RefCLIPScore"] == pytest.approx(harmonic, abs=1e-5)
    assert {"model", "weights", "open_clip", "w", "prefix"} <= both.settings.keys()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "ViT-B-33"}, "open_clip has no model 'ViT-B-33'; near are ViT-B-32"),
        ({"model": "ViT-B-32"}, "needs -O pretrained=TAG or a safetensors file; its tags are openai"),
        ({"model": "ViT-B-32", "pretrained": "mine"}, "has no weights 'mine', and there is no such file"),
        ({"model": "local-dir:/no/such/folder"}, "There is no folder /no/such/folder"),
    ],
)
def test_a_model_that_is_not_there_is_one_sentence(settings: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_model(ModelSettings(**settings))


def test_pickled_weights_are_refused_and_foreign_ones_named(tmp_path: Path) -> None:
    pickled = tmp_path / "weights.pt"
    torch.save({}, pickled)
    with pytest.raises(UsageError, match="is not in safetensors format, and pickled weights could run code"):
        load_model(ModelSettings(model="ViT-B-32", pretrained=str(pickled)))
    folder = save_clip(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UsageError, match="has no weights in safetensors format"):
        load_model(ModelSettings(model=f"local-dir:{folder}"))
    (folder / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(SentikitError, match="could not be loaded"):
        load_model(ModelSettings(model=f"local-dir:{folder}"))


def test_boxes_are_read_and_cropped(models: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    box = {"image_id": 1, "category_id": 7}
    document: dict[str, Any] = {
        "images": [{"id": 1, "file_name": "val/1.png"}],
        "categories": [{"id": 7, "name": "dog"}, {"id": 8, "name": "fire hydrant"}],
        "annotations": [
            {**box, "bbox": [0, 0, 17, 17]}, {**box, "bbox": [20, 0, 20, 24]}, {**box, "bbox": [0, 0, 40, 3]},
            {**box, "category_id": 8, "bbox": [0, 0, 20, 20]},
        ],
    }  # fmt: skip
    path.write_text(json.dumps(document), "utf-8")
    assert read_boxes(path) == {"1.png": {"dog": (20, 0, 20, 24)}}, "the largest that is not too small"
    tagger = make_tagger(TaggerSettings(model=models["vit"], boxes=path, cache_dir=tmp_path), ONTOLOGY)
    (batch,) = batches([tagger], [scene(), scene()])
    (vector,) = tagger.box_vectors(batch, 0).values()
    inside = scene().crop((18, 0, 40, 24))
    expected = tagger.clip.embed_images(tagger.clip.transform(inside).unsqueeze(0))[0]
    assert torch.allclose(vector, expected, atol=1e-5)
    assert tagger.box_vectors(batch, 1) == {}
    path.write_text('{"images": []}', "utf-8")
    with pytest.raises(SentikitError, match="is not a COCO instances file"):
        read_boxes(path)


def test_calibrating_and_tagging_as_people_do(
    models: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("SENTIKIT_LOAD_PLUGINS", "")
    monkeypatch.setenv("SENTIKIT_CACHE_DIR", str(tmp_path / "cache"))
    ONTOLOGY.write(tmp_path / "ontology.json")
    texts = {n: ["A happy dog runs.", "A dog."] if n % 2 else ["An old dog near an old house."] for n in range(1, 25)}
    captions = coco(tmp_path / "captions.json", texts)
    for number in texts:
        scene(20 + number, 40 - number).save(tmp_path / f"{number}.jpg")
    model = ["-O", f"model={models['vit']}", "-O", f"ontology={tmp_path / 'ontology.json'}", "--device", "cpu"]
    out = tmp_path / "calibration.safetensors"
    assert run(["train", "clip-calibration", str(captions), "-o", str(out), *model]) == 0
    said = capsys.readouterr().out
    assert "24 background photographs, 3 pairs whose noun was seen, 36 pairs stated." in said
    assert "Held-out nll per pair" in said
    tag = ["tag", str(tmp_path / "1.jpg"), "--tagger", "clip", *model, "-O", "abstain=false", "-O", "min-noun=0"]
    assert run([*tag, "-O", f"calibration={out}"]) == 0
    (fitted,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(0 < entry["probability"] < 1 for entry in fitted["anps"])
    assert run(tag) == 0
    (ranked,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(isinstance(entry, str) for entry in ranked["anps"]), "a rank and no probability"
    assert run([*tag, "-O", f"calibration={out}", "-O", "resize=squash"]) == 1
    assert "was made with another resize rule" in capsys.readouterr().err


def test_half_precision_around_it_changes_nothing(models: dict[str, str], tmp_path: Path) -> None:
    """The engine's autocast on GPUs is bfloat16, which rounds by as much as two prompts differ."""
    tagger = make_tagger(TaggerSettings(model=models["vit"], cache_dir=tmp_path), ONTOLOGY)
    (plain,) = batches([tagger], [scene()])
    scores = tagger.scorer(plain).score([list(ONTOLOGY)])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        (batch,) = batches([tagger], [scene()])
        assert tagger.scorer(batch).score([list(ONTOLOGY)]) == scores
    assert torch.equal(batch.encoded, plain.encoded)
    assert batch.encoded.dtype == torch.float32


def test_quick_gelu_and_the_resize_rule_are_the_users(models: dict[str, str]) -> None:
    name = models["vit"]
    plain, quick = (load_model(ModelSettings(model=name, quick_gelu=quick)) for quick in (None, True))
    assert plain.weights_hash == quick.weights_hash
    assert not torch.allclose(plain.embed_texts(["a dog"]), quick.embed_texts(["a dog"]), atol=1e-4)
    squashed = load_model(ModelSettings(model=name, resize="squash"))
    wide = scene(80, 20)
    assert not torch.equal(plain.transform(wide), squashed.transform(wide)), "the centre crop loses the edges"


def test_without_open_clip_there_is_one_sentence(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sentikit-captions\[clip\]'"):
        load_model(ModelSettings(model="never loaded"))


@pytest.mark.parametrize("kind", ["tagger", "encoder"])
def test_they_keep_the_contracts_of_plugins(models: dict[str, str], kind: str, tmp_path: Path) -> None:
    plugins = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})
    options = {"model": models["vit"]}
    if kind == "tagger":
        ONTOLOGY.write(tmp_path / "ontology.json")
        options |= {"cache-dir": str(tmp_path), "ontology": str(tmp_path / "ontology.json"), "abstain": "false"}
    component = plugins.get(TAGGER if kind == "tagger" else ENCODER, "clip")
    for check in checks_of(kind):
        with suppress(NotChecked):
            check.run(Subject(component, options, "imagenet" if kind == "encoder" else None))
