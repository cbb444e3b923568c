"""The state of a run on disk: tensors as safetensors, the rest as JSON. Nothing is pickled."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SentikitError

if TYPE_CHECKING:
    from torch import Tensor

_TENSORS, _PROGRESS = "state.safetensors", "progress.json"


@dataclass
class Progress:
    """How far a run is. `step` counts the batches done in the epoch at hand."""

    epoch: int = 0
    step: int = 0
    updates: int = 0
    lr_scale: float = 1.0
    best: float | None = None
    best_epoch: int = -1
    epochs_without_improvement: int = 0
    """Epochs since the best one."""
    since_cut: int = 0
    """Epochs without improvement since the rate was last cut."""
    loss_sum: float = 0.0
    loss_count: float = 0
    """The number of terms of `loss_sum`."""
    seconds: float = 0.0
    """Spent on the epoch at hand."""
    record: dict[str, Any] = field(default_factory=dict)
    """The settings and inputs that a resumed run must share."""

    def should_stop(self, patience: int) -> bool:
        """Whether `patience` epochs have passed without improvement; a patience of 0 never stops."""
        return 0 < patience <= self.epochs_without_improvement

    def start_epoch(self) -> None:
        """Begin the next epoch's counts."""
        self.epoch += 1
        self.step = 0
        self.loss_sum = self.loss_count = self.seconds = 0.0


def has_checkpoint(folder: Path) -> bool:
    """Whether there is something that `load_checkpoint` would read."""
    return folder.exists() or _old(folder).exists()


def save_checkpoint(folder: Path, progress: Progress, tensors: Mapping[str, Tensor]) -> None:
    """Write to a new folder beside `folder` and put it in its place. Raises SentikitError where that cannot be done."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    fresh, old = folder.with_name(folder.name + ".new"), _old(folder)
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        save_file(copies, fresh / _TENSORS)
        (fresh / _PROGRESS).write_text(json.dumps(asdict(progress), indent=1), "utf-8")
        for name in (_TENSORS, _PROGRESS):
            _to_disk(fresh / name)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
            os.replace(folder, old)
        os.replace(fresh, folder)
    except FileNotFoundError:
        raise SentikitError(f"Cannot write the checkpoint {folder}: its folder was deleted during the run.") from None
    except (OSError, SafetensorError) as error:
        raise SentikitError(
            f"Cannot write the checkpoint {folder} ({getattr(error, 'strerror', None) or error}): "
            "make room, then go on with --resume."
        ) from error
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path) -> tuple[Progress, dict[str, Tensor]] | None:
    """What `save_checkpoint` wrote, or None where there is nothing. Raises SentikitError where it is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    progress = load_progress(folder)
    if progress is None:
        return None
    try:
        return progress, load_file(_written(folder) / _TENSORS)
    except (OSError, ValueError, SafetensorError) as error:
        raise damaged(folder, error) from error


def load_progress(folder: Path) -> Progress | None:
    """The part of `load_checkpoint` that needs no weights."""
    if not has_checkpoint(folder):
        return None
    try:
        return Progress(**json.loads((_written(folder) / _PROGRESS).read_text("utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise damaged(folder, error) from error


def _written(folder: Path) -> Path:
    """Where the checkpoint is: the run may have been killed between the two renames."""
    return folder if folder.exists() else _old(folder)


def damaged(folder: Path, error: Exception) -> SentikitError:
    """What is said of a checkpoint that cannot be used."""
    reason = " ".join(str(error).split())[:200]
    return SentikitError(f"The checkpoint {folder} is damaged ({reason}): start again in another output folder.")


def _old(folder: Path) -> Path:
    return folder.with_name(folder.name + ".old")


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
