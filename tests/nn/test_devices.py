"""Choosing where models run."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from sentikit import SentikitError, UsageError
from sentikit.nn.devices import autocast, explain_out_of_memory, pick_device


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """Pretends that there are so many CUDA GPUs, and an Apple one or none."""

    def pretend(gpus: int, mps: bool = False) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return pretend


@pytest.mark.parametrize(
    ("gpus", "mps", "asked", "device"),
    [
        (0, False, "auto", "cpu"),
        (0, True, "auto", "mps"),
        (2, True, "auto", "cuda"),
        (2, True, "cpu", "cpu"),
        (2, False, "cuda:1", "cuda:1"),
        (1, False, "cuda", "cuda"),
        (0, True, "mps", "mps"),
    ],
)
def test_what_is_there(machine, gpus: int, mps: bool, asked: str, device: str) -> None:
    machine(gpus, mps)
    assert pick_device(asked) == device


@pytest.mark.parametrize(
    ("gpus", "asked", "message"),
    [
        (0, "cuda", r"There is no CUDA device \(.*\): choose --device auto or cpu\."),
        (0, "cuda:0", "There is no CUDA device"),
        (1, "cuda:1", "There is no device cuda:1: there is only cuda:0."),
        (4, "cuda:7", "There is no device cuda:7: there is cuda:0 to cuda:3."),
        (1, "mps", "There is no Apple GPU"),
    ],
)
def test_what_is_not_there(machine, gpus: int, asked: str, message: str) -> None:
    machine(gpus)
    with pytest.raises(SentikitError, match=message):
        pick_device(asked)


@pytest.mark.parametrize("asked", ["", "gpu", "CUDA", "cuda:", "cuda:x", "cpu:1", "cuda:0\n"])
def test_what_means_nothing(asked: str) -> None:
    with pytest.raises(UsageError, match="There is no device"):
        pick_device(asked)


def test_the_processor_needs_no_torch() -> None:
    code = "import sys; from sentikit.nn.devices import *; pick_device('cpu'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_autocast_on_the_processor() -> None:
    with autocast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:73] . DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"),
        RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
)
def test_out_of_memory_says_what_to_do(error: Exception) -> None:
    with pytest.raises(SentikitError, match=r"smaller --batch-size \(it is 64\)"), explain_out_of_memory(64):
        raise error
    with pytest.raises(SentikitError, match="--device cpu"), explain_out_of_memory(1):
        raise error


def test_torch_really_says_so() -> None:
    with pytest.raises(SentikitError, match="--batch-size"), explain_out_of_memory(8):
        torch.empty(1 << 62, dtype=torch.uint8)


def test_other_errors_pass() -> None:
    with pytest.raises(RuntimeError, match="shapes"), explain_out_of_memory(8):
        raise RuntimeError("shapes do not match")
