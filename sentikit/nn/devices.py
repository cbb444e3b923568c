"""Where models run: choosing the device, its fast number format, and a plain word where its memory is too small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from ..errors import SentikitError, UsageError

if TYPE_CHECKING:
    import torch

MOST_IN_BATCH = 2**16
MOST_WORKERS = 1024
"""Photographs at a time, and threads that decode them: more is a slip of the keyboard."""
_NAME = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory|ALLOC_FAILED", re.IGNORECASE)
"""What torch's backends say in RuntimeErrors; only some have a class of their own."""


def pick_device(name: str) -> str:
    """The torch device that `name` means: ``auto`` (a CUDA GPU, else Apple's, else the processor), or itself.

    Raises UsageError for a name that means nothing, and SentikitError for a device that is not here.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"There is no device {name!r}: choose auto, cpu, cuda, cuda:1 or mps.")
    if name == "cpu":
        return name
    import torch

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    mps = torch.backends.mps.is_available()
    if name == "auto":
        return "cuda" if gpus else "mps" if mps else "cpu"
    if name == "mps" and not mps:
        raise SentikitError("There is no Apple GPU that torch can use: choose --device auto or cpu.")
    if name.startswith("cuda") and not gpus:
        why = "this torch is built without CUDA" if torch.version.cuda is None else "torch sees no GPU"
        raise SentikitError(f"There is no CUDA device ({why}): choose --device auto or cpu.")
    if name.startswith("cuda:") and int(name[5:]) >= gpus:
        there = "only cuda:0" if gpus == 1 else f"cuda:0 to cuda:{gpus - 1}"
        raise SentikitError(f"There is no device {name}: there is {there}.")
    return name


def autocast(device: str) -> AbstractContextManager[object]:
    """Half precision where it is faster: bfloat16 or float16 on GPUs, nothing on the processor."""
    if device == "cpu":
        return nullcontext()
    import torch

    kind = device.partition(":")[0]
    return torch.autocast(kind, dtype=_half(kind))


def _half(kind: str) -> torch.dtype:
    import torch

    return torch.bfloat16 if kind == "cuda" and torch.cuda.is_bf16_supported() else torch.float16


@contextmanager
def explain_out_of_memory(batch_size: int) -> Iterator[None]:
    """Turn an out-of-memory error of the block into a SentikitError that says what to change."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not _OUT_OF_MEMORY.search(str(error)):
            raise
        todo = f"use a smaller --batch-size (it is {batch_size})" if batch_size > 1 else "use --device cpu"
        raise SentikitError(f"The memory is too small for this: {todo}.") from error
