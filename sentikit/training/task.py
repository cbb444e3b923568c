"""What a trainer plugin provides: the data, the model and the loss. The loop, the schedule and resuming are ours."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .distributed import leads

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..packs.reading import PackModel
    from ..plugin.interfaces import Encoder, Metric
    from ..plugin.loader import Plugins


_log = logging.getLogger("sentikit.training")


@dataclass(frozen=True)
class Example:
    """A photograph and what is to be learnt of it; what `label` is, only the task knows."""

    image: Path
    label: Any


@runtime_checkable
class Task(Protocol):
    """What is learnt. Made by a trainer's factory from its options; `sentikit train NAME` runs it.

    The calls come in the order they stand here: `read` for the training and the validation data, `build` once, then
    `target` and `loss` for every batch and `validate` after every epoch.
    """

    model: str
    """The name its model has in a pack: that of the component that uses it."""
    monitor: str
    """The validation score that selects the best epoch; higher is better."""
    metrics: tuple[str, ...]
    """The registered metrics that `validate` wants."""

    def read(self, path: Path, images: Path | None, split: str) -> list[Example]:
        """The examples of a data file or folder. Raises SentikitError.

        images: where the photographs are; None: near `path`.
        split: "train" or "val", for files that hold both.
        """
        ...

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """The model over features of `dim`, its vocabulary from the training examples or, with its weights, `init`."""
        ...

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> Any:
        """What the loss wants of an example in this epoch: `rng` for sampling, `mirrored` where the photo is."""
        ...

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """The summed loss of features ``(batch, pixels, dim)``, and the number of terms it is to be divided by."""
        ...

    def validate(
        self, model: nn.Module, batches: Iterable[tuple[Tensor, list[Example]]], metrics: Mapping[str, Metric]
    ) -> Mapping[str, float]:
        """Scores on real decoding, `monitor` among them. `metrics`: those named above."""
        ...

    def to_pack(self, model: nn.Module) -> PackModel:
        """The model as it goes into a pack."""
        ...


@dataclass(frozen=True)
class TrainingContext:
    """What a run has beside its task."""

    encoder: Encoder
    tuned_blocks: int
    """How many of the encoder's last blocks are tuned."""
    device: str
    plugins: Plugins


@runtime_checkable
class InformedTask(Task, Protocol):
    """A task that is also told, before `build`, what it runs among: one that learns from another model, say."""

    def begin(self, context: TrainingContext) -> Mapping[str, str]:
        """What a run that resumes this one must share with it, by names that complete "another ...".

        Raises SentikitError where the task cannot be done there.
        """
        ...


def say(sentence: str) -> None:
    """Log a message of the run, in one process alone where torchrun started several."""
    if leads():
        _log.info("%s", sentence)
