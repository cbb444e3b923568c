"""Two processes that torchrun starts learn what one process learns with the same total batch."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.shared import made_once
from support.synthetic import Photos, make_photos, metrics, train_arguments

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from sentikit.cli import run  # noqa: E402
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings  # noqa: E402
from sentikit.training.batches import epoch_batches  # noqa: E402
from sentikit.training.sequence_loss import sequence_loss  # noqa: E402

SIZE, LR = 16, 4e-4
# 36 photographs in batches of 7: the last batch has one, so the first process has nothing to do in it
EQUAL = ("--batch-size", 7, "--epochs", 2, "--dropout", 0, "--batch-norm", "frozen", "--size", SIZE)
RUNS = {
    "one step": ("captioner", "--min-count", 1, "--alpha-c", 1, "--fine-tune", 3, "--epochs", 1, "--batch-size", 36),
    "captioner": ("captioner", "--min-count", 1, "--alpha-c", 1, "--fine-tune", 3),
    "cached": ("anp-decoder", "--alpha-c", 1, "--cache-features", "--ema", 0.9, "--noun-first", "--fine-tune", 2),
}


# torchrun starts the processes once for all runs; each run has a store of its own, by which its processes meet.
SEVERAL = """
import json, os, sys
from sentikit.cli import main, run

del os.environ["TORCHELASTIC_USE_AGENT_STORE"]
for port, is_last, arguments in json.loads(sys.argv[1]):
    os.environ["MASTER_PORT"] = port
    if is_last:
        main(arguments)
    assert run(arguments) == 0
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    """Half of the photographs have a long caption, the others a short one too; one cannot be read."""
    return Photos(made_once(tmp_path_factory, "distributed-photos", save_photos))


def save_photos(folder: Path) -> None:
    photos = make_photos(folder, 3, 1)
    for images in (photos.images, photos.train_tree / "red_bar"):
        (images / "red-bar-1.png").write_bytes(b"")
    document = json.loads(photos.train_captions.read_text("utf-8"))
    document["annotations"] = [a for a in document["annotations"] if a["id"] % 2 == 0 or a["image_id"] % 2]
    photos.train_captions.write_text(json.dumps(document), "utf-8")


def torchrun(*command: str, processes: int = 2) -> subprocess.CompletedProcess[str]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    return subprocess.run([*launcher, *command], capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def runs(photos: Photos, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All RUNS by two processes: a folder for each, beside what the processes wrote to stdout and stderr.

    They begin with the pack of an encoder that learnt something, whose batch norm knows its numbers.
    """

    def make(folder: Path) -> None:
        learn = ("--fine-tune", 5, "--epochs", 4, "--lr", 0.01, "--encoder-lr", 0.002, "--batch-size", 12)
        assert run(train_arguments(photos, "softmax", folder / "start", *learn)) == 0
        commands = [arguments_of(name, photos, folder / "start" / "pack", folder / name) for name in RUNS]
        steps = [(str(free_port()), command is commands[-1], command) for command in commands]
        (folder / "several.py").write_text(SEVERAL, "utf-8")
        done = torchrun(str(folder / "several.py"), json.dumps(steps))
        assert done.returncode == 0, done.stderr
        (folder / "out.txt").write_text(done.stdout, "utf-8")
        (folder / "err.txt").write_text(done.stderr, "utf-8")

    return made_once(tmp_path_factory, "distributed-runs", make)


def arguments_of(name: str, photos: Photos, pack: Path, output: Path) -> list[str]:
    trainer, *others = RUNS[name]
    return train_arguments(photos, trainer, output, *EQUAL, *others, "--init", pack, "--lr", LR, "--device", "cpu")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_two_processes_learn_what_one_learns(name: str, photos: Photos, runs: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", runs / name
    assert run(arguments_of(name, photos, runs / "start" / "pack", one)) == 0

    first, second = (load_file(out / "checkpoint" / "state.safetensors") for out in (one, two))
    assert first.keys() == second.keys()
    # The means of the gradients agree within float error. Then Adam turns gradients that are nothing but rounding into
    # steps as large as any, so after more steps the means agree a little less, and weights are compared as wholes, next
    # to how far they can have gone. Attention has two biases that softmax is blind to, which go anywhere.
    close, steps = (1e-6, 1) if name == "one step" else (1e-4, 12)
    moments = [key for key in first if key.endswith("exp_avg")]
    largest = max(first[key].abs().max().item() for key in moments)
    for key in first:
        difference = (first[key] - second[key]).double()
        if key in moments:
            assert difference.abs().max().item() < close * largest, key
        elif not key.startswith("optimizer.") and not key.endswith(("attention.image.bias", "from_hidden.bias")):
            assert difference.square().mean().sqrt().item() < 1e-2 * steps * LR, key
    for ours, theirs in zip(metrics(one), metrics(two), strict=True):
        assert theirs["loss"] == pytest.approx(ours["loss"], rel=1e-5)


def test_one_process_speaks_and_writes(runs: Path) -> None:
    assert (runs / "out.txt").read_text("utf-8").count("The pack is") == len(RUNS)
    errors = (runs / "err.txt").read_text("utf-8")
    assert errors.count("photographs to learn from") == len(RUNS)
    assert errors.count("Photographs that could not be read: 1.") == len(RUNS)


BROKEN = """
import os
from sentikit import hookimpl

def make():
    from sentikit_plugins.softmax_classifier.settings import SoftmaxSettings
    from sentikit_plugins.softmax_classifier.task import SoftmaxTask

    class Broken(SoftmaxTask):
        def loss(self, model, features, targets):
            loss, count = super().loss(model, features, targets)
            return loss * float("nan" if os.environ["RANK"] == "1" else 1), count

    return Broken(SoftmaxSettings())

@hookimpl
def register_trainers(register):
    register("broken", make, summary="fails in one process")
"""


@pytest.mark.slow
def test_an_error_in_one_process_ends_all_with_a_sentence(photos: Photos, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "broken.py").write_text(BROKEN, "utf-8")
    arguments = train_arguments(photos, "broken", tmp_path / "out", "--epochs", 1)
    done = torchrun("-m", "sentikit", "--plugins-dir", str(tmp_path / "plugins"), *arguments)
    assert done.returncode == 1
    assert "The loss is no longer a number in epoch 1" in done.stderr
    assert "Unexpected" not in done.stderr


def test_the_loss_of_a_batch_is_the_sum_of_its_parts() -> None:
    """With the doubly stochastic term and smoothed labels, whatever the parts' sizes."""
    torch.manual_seed(0)
    decoder = AttentionDecoder(DecoderSettings(11, 5, embedding=8, attention=8, hidden=8, dropout=0))
    features, tokens = torch.randn(5, 6, 5), torch.randint(0, 11, (5, 3, 7))
    lengths = torch.tensor([[7, 3, 0], [2, 2, 2], [5, 0, 0], [7, 7, 6], [0, 0, 0]])

    def loss(part: slice) -> tuple[float, int]:
        total, count = sequence_loss(decoder(features[part], tokens[part], lengths[part]), 0.1, 2.0)
        return total.item(), count

    whole, count = loss(slice(None))
    parts = [loss(part) for part in (slice(0, 1), slice(1, 4), slice(4, 5))]
    assert sum(number for _, number in parts) == count
    assert sum(value for value, _ in parts) == pytest.approx(whole, rel=1e-6)
    assert parts[-1] == (0.0, 0)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_processes_share_every_batch(size: int) -> None:
    whole = list(epoch_batches(25, 8, 3, epoch=1, mirror=True))
    shares = [list(epoch_batches(25, 8, 3, epoch=1, mirror=True, rank=rank, size=size)) for rank in range(size)]
    assert [[pick for share in shares for pick in share[step]] for step in range(4)] == whole
    assert sorted(pick.number for batch in whole for pick in batch) == list(range(25))
    assert whole != list(epoch_batches(25, 8, 3, epoch=2, mirror=True))
    assert whole[2:] == list(epoch_batches(25, 8, 3, epoch=1, mirror=True, start=2))
