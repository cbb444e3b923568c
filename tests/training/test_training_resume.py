"""A run that was stopped and resumed ends with the very weights of one that was not, wherever it was stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.synthetic import Photos, make_photos, metrics, train_arguments

from sentikit import open_pack
from sentikit.plugin.kinds import TAGGER

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from sentikit.cli import run  # noqa: E402
from sentikit.training import loop, state  # noqa: E402
from sentikit.training.reporting import Reporter  # noqa: E402

# 48 photographs in batches of 20: three steps an epoch, the last one smaller
COMMON = ("--batch-size", 20, "--epochs", 3, "--seed", 3, "--lr", 0.01, "--encoder-lr", 0.002)
RUNS = {
    "everything": (
        "captioner", "--size", 16, "--min-count", 1, "--fine-tune", 5, "--ema", 0.9, "--dropout", 0.5, "--augment",
        "flip", "--patience", 1, "--label-smoothing", 0.1, "--project", "--tie",
    ),
    "cached features": (
        "anp-decoder", "--size", 16, "--fine-tune", 2, "--cache-features", "--augment", "flip", "--schedule", "cosine",
        "--dropout", 0.3, "--batch-norm", "frozen",
    ),
    "cropped photographs": ("softmax", "--fine-tune", 1, "--augment", "crop", "--dropout", 0.2, "--ema", 0.99),
}  # fmt: skip


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    return make_photos(tmp_path_factory.mktemp("photos") / "data", 4, 2)


@pytest.fixture(scope="module")
def uninterrupted(photos: Photos, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the run of that name, done in one go."""
    root = tmp_path_factory.mktemp("uninterrupted")

    def find(name: str) -> Path:
        if not (root / name).exists():
            assert run(train_arguments(photos, RUNS[name][0], root / name, *COMMON, *RUNS[name][1:])) == 0
        return root / name

    return find


class Crash(Exception):
    """The process is killed here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, number: int) -> None:
    """Crash in the `number`-th call of a function."""
    real, calls = getattr(owner, name), iter(range(1, 1000))

    def function(*arguments: Any, **keywords: Any) -> Any:
        if next(calls) == number:
            raise Crash
        return real(*arguments, **keywords)

    monkeypatch.setattr(owner, name, function)


def weights(folder: Path) -> dict[str, Any]:
    tensors = {
        f"checkpoint {name}": value for name, value in load_file(folder / "checkpoint/state.safetensors").items()
    }
    for file in (folder / "pack").glob("*.safetensors"):
        tensors |= {f"{file.name} {name}": value for name, value in load_file(file).items()}
    return tensors


def assert_same(one: Path, other: Path) -> None:
    """All of the state, the pack and the log are the same, but for the time that was taken."""
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []
    rows = [[{name: row[name] for name in row if name != "seconds"} for row in metrics(run)] for run in (one, other)]
    assert rows[0] == rows[1]
    configs = [json.loads((run / "pack" / "config.json").read_text("utf-8")) for run in (one, other)]
    assert configs[0]["models"] == configs[1]["models"]


PLACES = {
    "at the first step of the third epoch": (Reporter, "step", 7),
    "in the middle of the second epoch": (Reporter, "step", 5),
    "before anything was saved": (Reporter, "step", 1),
    "when the second epoch was logged but not saved": (state, "save_checkpoint", 2),
    "in the second validation": (loop, "_validation_batches", 2),
}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("place", PLACES)
def test_a_killed_run_goes_on(
    name: str,
    place: str,
    photos: Photos,
    uninterrupted: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = train_arguments(photos, RUNS[name][0], tmp_path / "out", *COMMON, *RUNS[name][1:])
    with monkeypatch.context() as crashing:
        if "middle" in place:
            crashing.setattr(loop, "CHECKPOINT_SECONDS", -1.0)  # after every step
        crash_at(crashing, *PLACES[place])
        assert run(arguments) == 1
    assert len(metrics(tmp_path / "out") if (tmp_path / "out/metrics.jsonl").exists() else []) < 3
    assert run([*arguments, "--resume"]) == 0
    assert_same(tmp_path / "out", uninterrupted(name))


def test_a_mid_epoch_checkpoint_is_gone_on_with(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So the test above does not pass because the whole epoch is done again."""
    arguments = train_arguments(photos, "softmax", tmp_path / "out", *COMMON)
    with monkeypatch.context() as crashing:
        crashing.setattr(loop, "CHECKPOINT_SECONDS", -1.0)
        crash_at(crashing, Reporter, "step", 5)
        assert run(arguments) == 1
    assert run([*arguments, "--resume"]) == 0
    assert "Going on with epoch 2, step 2." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["everything", "cached features"])
def test_ctrl_c_keeps_all_steps(
    name: str,
    photos: Photos,
    uninterrupted: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = train_arguments(photos, RUNS[name][0], tmp_path / "out", *COMMON, *RUNS[name][1:])
    monkeypatch.setattr(sys, "argv", ["sentikit", *arguments])
    with monkeypatch.context() as interrupting:
        interrupt_at(interrupting, loop, "_forward", 5)
        assert run(arguments) == 130
    err = capsys.readouterr().err
    assert "Stopped; go on with: sentikit train" in err
    assert err.strip().endswith("--resume")
    assert run([*arguments, "--resume"]) == 0
    assert "Going on with epoch 2, step 3." in capsys.readouterr().err  # the step in which it came was finished
    assert_same(tmp_path / "out", uninterrupted(name))


def test_ctrl_c_in_validation_does_not_wait_for_its_end(
    photos: Photos, uninterrupted: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = train_arguments(photos, RUNS["everything"][0], tmp_path / "out", *COMMON, *RUNS["everything"][1:])
    with monkeypatch.context() as interrupting:
        interrupt_at(interrupting, loop, "_validation_batches", 2)
        assert run(arguments) == 130
    assert len(metrics(tmp_path / "out")) == 1
    assert run([*arguments, "--resume"]) == 0
    assert_same(tmp_path / "out", uninterrupted("everything"))


def test_a_second_ctrl_c_ends_it_at_once(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = loop._forward

    def forward(*arguments: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(loop, "_forward", forward)
    assert run(train_arguments(photos, "softmax", tmp_path / "out", *COMMON)) == 130
    assert not (tmp_path / "out" / "checkpoint").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def interrupt_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, number: int) -> None:
    """Press Ctrl-C in the `number`-th call of a function."""
    real, calls = getattr(owner, name), iter(range(1, 1000))

    def function(*arguments: Any, **keywords: Any) -> Any:
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments, **keywords)

    monkeypatch.setattr(owner, name, function)


KILLED = """
import os, signal, sys
from sentikit.cli import run
from sentikit.training import loop
from sentikit.training.reporting import Reporter
loop.CHECKPOINT_SECONDS = -1.0
real = Reporter.step
def step(self, progress, *rest):
    if progress.updates == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    real(self, progress, *rest)
Reporter.step = step
run(sys.argv[1:])
"""


def test_a_process_that_is_really_killed(photos: Photos, uninterrupted: Callable[[str], Path], tmp_path: Path) -> None:
    arguments = train_arguments(photos, "softmax", tmp_path / "out", *COMMON, *RUNS["cropped photographs"][1:])
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert run([*arguments, "--resume"]) == 0
    assert_same(tmp_path / "out", uninterrupted("cropped photographs"))


def test_epochs_can_be_added(photos: Photos, uninterrupted: Callable[[str], Path], tmp_path: Path) -> None:
    arguments = train_arguments(photos, RUNS["everything"][0], tmp_path / "out", *COMMON, *RUNS["everything"][1:])
    assert run([*arguments, "--epochs", "1"]) == 0
    assert run([*arguments, "--epochs", "3", "--workers", "0", "--resume"]) == 0
    assert_same(tmp_path / "out", uninterrupted("everything"))


def test_a_finished_run_changes_no_more(photos: Photos, uninterrupted: Callable[[str], Path], tmp_path: Path) -> None:
    shutil.copytree(uninterrupted("cropped photographs"), tmp_path / "out")
    arguments = train_arguments(photos, "softmax", tmp_path / "out", *COMMON, *RUNS["cropped photographs"][1:])
    assert run([*arguments, "--resume"]) == 0
    assert_same(tmp_path / "out", uninterrupted("cropped photographs"))


# What is refused


@pytest.fixture
def begun(uninterrupted: Callable[[str], Path], photos: Photos, tmp_path: Path) -> list[str]:
    """The command of a run that is there already."""
    shutil.copytree(uninterrupted("cropped photographs"), tmp_path / "out")
    return train_arguments(photos, "softmax", tmp_path / "out", *COMMON, *RUNS["cropped photographs"][1:])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["--lr", "0.02"], "--lr 0.01, and now it is 0.02"),
        (["--loss", "multilabel-soft-margin"], "--loss nll, and now it is multilabel-soft-margin"),
        (["--dropout", "0.4"], "--dropout 0.2, and now it is 0.4"),
        (["--batch-size", "10"], "--batch-size 20, and now it is 10"),
        (["--seed", "4"], "--seed 3, and now it is 4"),
        (["-O", "grid=1"], "-O grid not given, and now it is 1"),
        (["--schedule", "cosine"], "--schedule plateau, and now it is cosine"),
        (["--fine-tune", "2"], "--fine-tune 1, and now it is 2"),
        (["--val", "TRAIN"], "another validation set"),
    ],
    ids=str,
)
def test_another_setting_is_refused_by_its_name(
    changed: list[str], said: str, begun: list[str], photos: Photos, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [str(photos.train_tree) if text == "TRAIN" else text for text in changed]
    assert run([*begun, *changed, "--resume"]) == 1
    assert f"was begun with {said}: give the same, or name another output folder." in capsys.readouterr().err


def test_what_is_given_by_default_is_no_other_setting(begun: list[str]) -> None:
    assert run([*begun, "--pooling", "mean", "--label-smoothing", "0", "--grad-clip", "5", "--resume"]) == 0


def test_another_trainer_is_refused(begun: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "anp-decoder", *begun[2:], "--resume"]) == 1
    assert "was begun with another trainer" in capsys.readouterr().err


@pytest.mark.parametrize("left", ["checkpoint", "checkpoint.old", "pack", "metrics.jsonl"])
def test_a_run_is_not_begun_over_another(left: str, begun: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    out = Path(begun[begun.index("-o") + 1])
    if left == "checkpoint.old":
        (out / "checkpoint").rename(out / left)
    for path in out.iterdir():
        if path.name != left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert run(begun) == 1
    assert "holds a run already: go on with it with --resume" in capsys.readouterr().err


def test_an_output_that_is_a_file_is_refused(
    photos: Photos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("mine", "utf-8")
    assert run(train_arguments(photos, "softmax", tmp_path / "out")) == 1
    assert "--output names the folder of the run" in capsys.readouterr().err
    assert (tmp_path / "out").read_text("utf-8") == "mine"


@pytest.mark.parametrize("damage", ["cut", "progress", "missing", "other weights"])
def test_a_damaged_checkpoint_is_one_sentence(
    damage: str, begun: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(begun[begun.index("-o") + 1]) / "checkpoint"
    file = folder / "state.safetensors"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    elif damage == "progress":
        (folder / "progress.json").write_text('{"epoch": ', "utf-8")
    elif damage == "missing":
        file.unlink()
    else:
        from safetensors.torch import save_file

        save_file({"learner.nothing": torch.zeros(1)}, file)
    capsys.readouterr()
    assert run([*begun, "--resume"]) == 1
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert f"The checkpoint {folder} is damaged" in errors[0]
    assert "start again in another output folder" in errors[0]


def test_a_run_killed_between_two_renames_goes_on(begun: list[str], uninterrupted: Callable[[str], Path]) -> None:
    out = Path(begun[begun.index("-o") + 1])
    (out / "checkpoint").rename(out / "checkpoint.old")
    assert run([*begun, "--epochs", "3", "--resume"]) == 0
    (out / "checkpoint.old").rename(out / "checkpoint")
    assert_same(out, uninterrupted("cropped photographs"))


# Early stopping


@pytest.mark.parametrize("ema", [0.0, 0.5])
def test_the_pack_holds_the_best_epoch(ema: float, photos: Photos, tmp_path: Path) -> None:
    """Scores that are better in the second epoch than in the third and the fourth stop the run there."""
    from sentikit.plugin.loader import load_plugins
    from sentikit.training.anp_task import AnpTask

    kept: list[dict[str, Any]] = []
    real = AnpTask.validate

    def validate(self: AnpTask, model: Any, *others: Any) -> dict[str, float]:
        kept.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return {**real(self, model, *others), "macro_recall@5": [0.1, 0.5, 0.4, 0.5, 0.9][len(kept) - 1]}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AnpTask, "validate", validate)
        options = ("--epochs", 9, "--early-stopping-patience", 2, "--ema", ema, "--lr", 0.01, "--patience", 1)
        assert run(train_arguments(photos, "softmax", tmp_path / "out", *options)) == 0
    rows = metrics(tmp_path / "out")
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert [row["lr"] for row in rows] == [0.01, 0.01, 0.01, 0.005]  # cut after the third epoch

    tagger = load_plugins(environ={}).get(TAGGER, "softmax").create(weights=open_pack(tmp_path / "out" / "pack"))
    stored = tagger._model.state_dict()
    assert all(torch.allclose(stored[name], kept[1][name], rtol=1e-3, atol=1e-4) for name in stored)
    assert not any(torch.allclose(stored[name], kept[3][name], rtol=1e-3, atol=1e-4) for name in stored)
    last = load_file(tmp_path / "out" / "checkpoint" / "state.safetensors")
    averaged = torch.equal(last["learner.model.output.weight"], kept[3]["output.weight"])
    assert averaged is not bool(ema)
