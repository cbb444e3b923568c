"""`sentikit train`: its options, its help, what it refuses and what it shows while it runs."""

from __future__ import annotations

import os
import pty
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
from support.synthetic import Photos, make_photos, metrics, train_arguments

torch = pytest.importorskip("torch")

from sentikit.cli import run  # noqa: E402
from sentikit.plugin.kinds import TRAINER  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402
from sentikit.plugin.options import options_of  # noqa: E402
from sentikit.training.settings import Settings, Start  # noqa: E402

TRAINERS = ["softmax", "anp-decoder", "captioner"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 2, 1)


# Options


@pytest.mark.parametrize("trainer", TRAINERS)
def test_every_setting_is_an_option_with_its_default(trainer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", trainer, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    own = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""}).get(TRAINER, trainer).options
    for option in [*options_of(Settings), *options_of(Start), *own]:
        (described,) = re.findall(rf" --{option.name}(?: |\]).*?(?= --?[a-zO]|$)", text)
        if option.default not in (None, False):
            assert f"[default: {option.default_text()}" in described, option.name


@pytest.mark.parametrize("trainer", TRAINERS)
def test_the_help_groups_all_options(trainer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", trainer, "--help"]) == 0
    out = capsys.readouterr().out
    assert re.findall(r"^(\w+):$", out, re.MULTILINE) == ["Model", "Data", "Encoder", "Optimisation", "Run"]
    named = set(re.findall(r"^  (?:-o, )?(--?[\w-]+)", out, re.MULTILINE))
    assert {
        "--val", "--images", "--encoder", "-O", "--init", "--fine-tune", "--encoder-lr", "--cache-features", "--epochs",
        "--batch-size", "--lr", "--patience", "--early-stopping-patience", "--grad-clip", "--ema", "--augment",
        "--output",
        "--resume", "--seed", "--device", "--workers", "--tensorboard", "--dropout", "--label-smoothing", "--min-count",
    } <= named  # fmt: skip
    assert ("--alpha-c" in named) is (trainer != "softmax")
    assert ("--loss" in named) is (trainer == "softmax")


@pytest.mark.parametrize(
    ("trainer", "option", "value"),
    [
        *(("softmax", option, value) for option, value in [
            ("--lr", "0"), ("--lr", "-1"), ("--lr", "fast"), ("--lr", "nan"), ("--lr", "inf"), ("--encoder-lr", "0"),
            ("--epochs", "0"), ("--epochs", "1.5"), ("--batch-size", "0"), ("--fine-tune", "-1"), ("--grad-clip", "-1"),
            ("--patience", "-1"), ("--lr-factor", "0"), ("--lr-factor", "2"), ("--early-stopping-patience", "-1"),
            ("--ema", "1"),
            ("--augment", "all"), ("--schedule", "none"), ("--batch-norm", "off"), ("--workers", "-1"),
            ("--seed", "x"), ("--device", "tpu"), ("--limit", "0"), ("--loss", "hinge"), ("--pooling", "max"),
            ("--dropout", "1"), ("--dropout", "some"), ("--label-smoothing", "-0.1"), ("--min-count", "0"),
            ("-O", "size"), ("-O", "size=big"), ("-O", "colour=red"), ("-O", "init=random"),
            ("--fine-tune", "99"), ("--alpha-c", "1"),
        ]),
        *(("anp-decoder", option, value) for option, value in [
            ("--alpha-c", "-1"), ("--dropout", "1.5"), ("--size", "0"), ("--size", "4.5"), ("--label-smoothing", "1"),
            ("--min-count", "-3"),
        ]),
        *(("captioner", option, value) for option, value in [
            ("--alpha-c", "-1"), ("--dropout", "nan"), ("--size", "0"), ("--min-count", "0"), ("--max-length", "0"),
            ("--beams", "0"), ("--length-penalty", "-1"),
        ]),
    ],
)  # fmt: skip
def test_a_bad_value_is_wrong_usage(
    trainer: str, option: str, value: str, photos: Photos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(train_arguments(photos, trainer, tmp_path / "out", option, value)) == 2
    err = capsys.readouterr().err
    assert "Error: " in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_what_does_not_go_together(photos: Photos, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = train_arguments(photos, "softmax", tmp_path / "out", "--cache-features", "--augment", "crop")
    assert run(arguments) == 2
    assert "their features cannot be cached" in capsys.readouterr().err
    assert run(["train", "nothing"]) == 2
    assert run(["train", "softmax", str(photos.train_tree), "-o", str(tmp_path / "out")]) == 2
    assert "--val" in capsys.readouterr().err
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--encoder", "resnet17")) == 2
    assert "There is no encoder 'resnet17'. Did you mean 'resnet1" in capsys.readouterr().err
    nowhere = ["train", "softmax", str(tmp_path / "no.csv"), "--val", str(tmp_path / "no.csv"), "-o", str(tmp_path)]
    assert run([*nowhere, "--encoder", "nope"]) == 2
    assert "There is no encoder 'nope'" in capsys.readouterr().err, "it is told before the data is read"


def test_a_strangers_trainer_has_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = """
from sentikit import Option, hookimpl

def make(**options):
    raise RuntimeError(str(sorted(options.items())))

@hookimpl
def register_trainers(register):
    register("good", make, summary="Shows its options", options=[
        Option("brave", bool, True, "dare"), Option("how-much", int, 3, "weight"), Option("x-y", bool, False, "no")])
    register("bad", make, summary="Takes what is taken", options=[Option("batch-size", int, 3, "its own")])
"""
    (tmp_path / "mine.py").write_text(plugin, "utf-8")
    before = ["--plugins-dir", str(tmp_path), "train"]
    data = [str(tmp_path), "--val", str(tmp_path), "-o", str(tmp_path / "out")]
    assert run([*before, "good", *data, "--no-brave", "--how-much", "7", "--x-y"]) == 1
    assert "[('brave', False), ('how_much', 7), ('x_y', True)]" in capsys.readouterr().err
    assert run([*before, "good", *data]) == 1
    assert "[('brave', True), ('how_much', 3), ('x_y', False)]" in capsys.readouterr().err
    assert run([*before, "good", *data, "--how-much", "many"]) == 2
    assert "'many' is not a valid integer" in capsys.readouterr().err
    assert run([*before, "bad", *data]) == 1
    assert "has an option 'batch-size', as every trainer has already" in capsys.readouterr().err


# What a run shows


def test_tensorboard(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    pytest.importorskip("tensorboard")
    assert run(train_arguments(photos, "softmax", tmp_path / "out", "--epochs", 1, "--tensorboard")) == 0
    assert list((tmp_path / "out" / "tensorboard").glob("events*"))
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert run(train_arguments(photos, "softmax", tmp_path / "no", "--epochs", 1, "--tensorboard")) == 1
    assert "--tensorboard needs the extra 'train': pip install 'sentikit-captions[train]'." in capsys.readouterr().err


def test_a_loss_that_is_no_number_is_a_sentence(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sentikit_plugins.softmax_classifier.task import SoftmaxTask

    real = SoftmaxTask.loss
    monkeypatch.setattr(SoftmaxTask, "loss", lambda *given: (real(*given)[0] * float("nan"), 1))
    assert run(train_arguments(photos, "softmax", tmp_path / "out")) == 1
    assert "Error: The loss is no longer a number in epoch 1: lower --lr." in capsys.readouterr().err
    assert not (tmp_path / "out" / "checkpoint").exists()


def test_weights_that_are_no_numbers_are_a_sentence(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sentikit.training import state

    real = state.Adam.step

    def step(self: Any) -> None:
        real(self)
        self.param_groups[0]["params"][0].data.fill_(float("nan"))

    monkeypatch.setattr(state.Adam, "step", step)
    assert run(train_arguments(photos, "softmax", tmp_path / "out")) == 1  # one step an epoch
    assert "Error: The weights are no longer numbers in epoch 1: lower --lr." in capsys.readouterr().err
    assert not (tmp_path / "out" / "pack").exists()


def test_the_rate_falls_as_the_schedule_says(photos: Photos, tmp_path: Path) -> None:
    common = ("--epochs", 3, "--lr", 0.01)
    for schedule in ("constant", "cosine"):
        assert run(train_arguments(photos, "softmax", tmp_path / schedule, "--schedule", schedule, *common)) == 0
    assert [row["lr"] for row in metrics(tmp_path / "constant")] == [0.01] * 3
    rates = [row["lr"] for row in metrics(tmp_path / "cosine")]
    assert rates == pytest.approx([0.01, 0.01 * (0.02 + 0.98 * 0.75), 0.01 * (0.02 + 0.98 * 0.25)])


def test_features_are_cached_once(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentikit.training.batches import PhotoSource

    loaded: list[int] = []
    real = PhotoSource.load
    monkeypatch.setattr(PhotoSource, "load", lambda self, picks: loaded.append(len(picks)) or real(self, picks))
    cache = ("--cache-features", "--cache-dir", tmp_path / "cache", "--epochs", 3, "--batch-size", 10)
    assert run(train_arguments(photos, "softmax", tmp_path / "one", *cache, "--augment", "flip")) == 0
    assert sum(loaded) == 2 * 24 + 12  # both sides of the training photographs, one of the others
    loaded.clear()
    assert run(train_arguments(photos, "softmax", tmp_path / "two", *cache, "--augment", "flip", "--lr", 0.1)) == 0
    assert loaded == []
    assert (
        run(train_arguments(photos, "softmax", tmp_path / "three", *cache, "--augment", "flip", "--fine-tune", 1)) == 0
    )
    assert sum(loaded) == 2 * 24 + 12  # another part of the encoder is frozen
    data = next((tmp_path / "cache").glob("*.npy"))
    for file in (tmp_path / "cache").glob("*.npy"):
        file.write_bytes(b"no array")
    assert run(train_arguments(photos, "softmax", tmp_path / "four", *cache, "--augment", "flip")) == 1
    assert data.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a terminal that a program can make")
def test_the_bar_shows_loss_rate_and_time_left(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    arguments = train_arguments(photos, "softmax", tmp_path / "out", "--epochs", 5, "--batch-size", 2, "--fine-tune", 5)
    leader, follower = pty.openpty()
    with ThreadPoolExecutor(1) as reader:
        shown = reader.submit(read_all, leader)
        with open(follower, "w", encoding="utf-8") as terminal, monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", terminal)
            assert run(arguments) == 0
    assert "The pack is" in capsys.readouterr().out
    text = click.unstyle(shown.result().decode("utf-8", "replace"))
    assert re.search(r"epoch \d+ .*loss \d+\.\d{3}  rate 0\.0004 .*\d:\d\d:\d\d", text)
    assert "Best: epoch" in text


def read_all(terminal: int) -> bytes:
    """What a terminal shows until its other side is closed."""
    shown = b""
    with suppress(OSError):  # how a terminal says that the other side has gone
        while piece := os.read(terminal, 65536):
            shown += piece
    os.close(terminal)
    return shown
