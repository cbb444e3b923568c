"""A run whose numbers are no longer numbers stops, says so, and keeps what was good; others go through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.synthetic import Photos, make_photos, train_arguments

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402
from sentikit_plugins.softmax_classifier.task import SoftmaxTask  # noqa: E402

from sentikit import open_pack  # noqa: E402
from sentikit.cli import run  # noqa: E402
from sentikit.training import loop  # noqa: E402

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 2, 1)


def assert_sound(checkpoint: Path) -> None:
    tensors = load_file(checkpoint / "state.safetensors").values()
    assert all(tensor.isfinite().all() for tensor in tensors if tensor.is_floating_point())


def break_after(monkeypatch: pytest.MonkeyPatch, losses: int, harm: Any) -> None:
    """The first `losses` losses of the classifier are sound; `harm` changes the others."""
    real, calls = SoftmaxTask.loss, iter(range(1000))

    def loss(self: Any, model: Any, features: Any, targets: Any) -> Any:
        value, terms = real(self, model, features, targets)
        return (harm(value, model) if next(calls) >= losses else value), terms

    monkeypatch.setattr(SoftmaxTask, "loss", loss)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_the_best_epoch_and_the_checkpoint_stay(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, number: float
) -> None:
    break_after(monkeypatch, 2, lambda value, model: value * number)
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--batch-size", 12)) == 1
    said = capsys.readouterr().err
    assert "Error: The loss is no longer a number in epoch 2: lower --lr; " in said
    assert f"{tmp_path / 'out' / 'pack'} keeps epoch 1, the best so far." in said
    assert open_pack(tmp_path / "out" / "pack").model("softmax")
    assert_sound(tmp_path / "out" / "checkpoint")


def test_gradients_that_are_no_numbers_change_no_weights(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    break_after(monkeypatch, 1, lambda value, model: value + (model.output.weight.sum() * 0).sqrt())  # 0, no slope
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--batch-size", 12)) == 1
    assert "Error: The gradients are no longer numbers in epoch 1: lower --lr." in capsys.readouterr().err
    assert not (tmp_path / "out" / "pack").exists()
    assert_sound(tmp_path / "out" / "checkpoint")


def test_a_checkpoint_of_no_numbers_is_not_written(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from sentikit.training import state

    real, calls = state.Adam.step, iter(range(1000))

    def step(self: Any) -> None:
        real(self)
        if next(calls) == 2:
            self.param_groups[0]["params"][0].data.fill_(float("inf"))

    monkeypatch.setattr(state.Adam, "step", step)
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--batch-size", 6)) == 1
    assert "Error: The weights are no longer numbers in epoch 1: lower --lr." in capsys.readouterr().err
    assert_sound(tmp_path / "out" / "checkpoint")


@pytest.mark.parametrize("trainer", ["softmax", "anp-decoder", "captioner"])
def test_a_rate_far_too_high_ends_in_a_pack_or_a_sentence(
    photos: Photos, tmp_path: Path, capsys: Capture, trainer: str
) -> None:
    small = ("--size", 16) if trainer != "softmax" else ()
    options = ("--lr", 1000, "--epochs", 3, "--grad-clip", 0, "--batch-size", 4)
    code = run(train_arguments(photos, trainer, tmp_path / "out", *small, *options))
    assert "Unexpected" not in capsys.readouterr().err
    if code == 0:
        open_pack(tmp_path / "out" / "pack").model({"captioner": "attention"}.get(trainer, trainer))


@pytest.mark.parametrize("blocks", [1, 3])
def test_bfloat16_without_cached_features(photos: Photos, tmp_path: Path, blocks: int) -> None:
    options = ("--size", 16, "--min-count", 1, "--epochs", 1, "--precision", "bfloat16", "--fine-tune", blocks)
    assert run(train_arguments(photos, "captioner", tmp_path / "out", *options)) == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--seed", 2**63), ("--seed", -(2**63) - 1), ("--seed", 10**30), ("--batch-size", 10**30),
        ("--batch-size", 2**31), ("--workers", 10**30), ("--workers", 5000), ("--limit", 10**30), ("--epochs", 10**30),
        ("--min-count", 10**30), ("--device", "cuda:x"), ("--device", "CPU"), ("--device", ""),
    ],
)  # fmt: skip
def test_numbers_and_names_that_make_no_sense(
    photos: Photos, tmp_path: Path, capsys: Capture, option: str, value: object
) -> None:
    assert run(train_arguments(photos, "softmax", tmp_path / "out", option, value)) == 2
    assert "Error: " in capsys.readouterr().err


def test_the_largest_seeds_are_seeds(photos: Photos, tmp_path: Path) -> None:
    for seed in (2**63 - 1, -(2**63)):
        assert run(train_arguments(photos, "softmax", tmp_path / f"{seed}", "--seed", seed, "--epochs", 1)) == 0
