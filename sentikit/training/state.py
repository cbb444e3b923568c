"""All that changes while a model trains, and how it is kept on disk."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.optim import Adam

from ..errors import SentikitError
from .checkpoint import Progress, damaged, load_checkpoint, load_progress, save_checkpoint
from .learner import Learner, MovingAverage
from .settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

CHECKPOINT = "checkpoint"
"""The name of its folder in that of the run."""


@dataclass
class State:
    """The weights, the optimizer, the moving average and the counts."""

    learner: Learner
    optimizer: Adam
    average: MovingAverage | None
    progress: Progress

    @classmethod
    def fresh(cls, learner: Learner, settings: Settings, record: Mapping[str, Any]) -> State:
        """The beginning of a run. `record`: what it must share with those that resume it."""
        optimizer = Adam(_parameter_groups(learner, settings))
        average = MovingAverage(learner, settings.ema) if settings.ema else None
        return cls(learner, optimizer, average, Progress(record=dict(record)))

    def averaged(self) -> AbstractContextManager[None]:
        """Inside, the learner has the weights that are validated and saved."""
        return self.average.in_place_of(self.learner) if self.average else nullcontext()

    def set_rate(self, scale: float) -> float:
        """Multiply every group's first learning rate by `scale`; returns the model's."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * scale
        rate: float = self.optimizer.param_groups[0]["lr"]
        return rate

    def save(self, run: Path) -> None:
        """Into the checkpoint of the run's folder."""
        tensors = {f"learner.{name}": tensor for name, tensor in self.learner.state_dict().items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": torch.as_tensor(value) for name, value in state.items()}
        if self.average:
            tensors |= {f"average.{name}": tensor for name, tensor in self.average.weights.items()}
        save_checkpoint(run / CHECKPOINT, self.progress, tensors)

    def restore(self, run: Path) -> None:
        """From the checkpoint of the run's folder, where there is one.

        Raises SentikitError where it is damaged, or begun with another record.
        """
        found = load_checkpoint(run / CHECKPOINT)
        if found is None:
            return
        progress, tensors = found
        _check_record(run, progress.record, self.progress.record)
        try:
            self.learner.load_state_dict(_part(tensors, "learner."))
            self._restore_optimizer(_part(tensors, "optimizer."))
            if self.average:
                self.average.load(_part(tensors, "average."))
        except (RuntimeError, KeyError, ValueError) as error:
            raise damaged(run / CHECKPOINT, error) from error
        self.progress = progress

    def _restore_optimizer(self, tensors: Mapping[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            number, name = key.split(".", 1)
            state.setdefault(int(number), {})[name] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def _parameter_groups(learner: Learner, settings: Settings) -> list[dict[str, Any]]:
    tuned = [parameter for parameter in learner.tuned.parameters() if parameter.requires_grad]
    groups = [{"params": list(learner.model.parameters()), "lr": settings.lr, "base": settings.lr}]
    if tuned:
        groups.append({"params": tuned, "lr": settings.encoder_lr, "base": settings.encoder_lr})
    return groups


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def check_begun_alike(run: Path, record: Mapping[str, Any]) -> None:
    """Raises SentikitError where the run's folder holds a run that was begun with other options than those of `record`.

    It tells before the data and the encoder are read, which may have to be downloaded.
    """
    progress = load_progress(run / CHECKPOINT)
    if progress is not None:
        begun = {name: value for name, value in progress.record.items() if name in record or name.startswith("-")}
        _check_record(run, begun, record)


def _check_record(run: Path, begun: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name in {**now, **begun}:
        if begun.get(name) == now.get(name):
            continue
        what = f"another {name}"
        if name.startswith("-"):
            what = f"{name} {_shown(begun.get(name))}, and now it is {_shown(now.get(name))}"
        raise SentikitError(f"{run} was begun with {what}: give the same, or name another output folder.")


def _shown(value: Any) -> str:
    return "not given" if value is None else str(value)
