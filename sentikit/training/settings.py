"""What a training run is told, apart from what is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..nn.devices import MOST_IN_BATCH, MOST_WORKERS
from ..plugin.options import check_options, option

_FREE_ON_RESUME = {"workers", "device", "early_stopping_patience", "epochs"}
"""What may change when a run is resumed, since the weights of an epoch do not depend on it."""


@dataclass(frozen=True)
class Settings:
    """How to train. The defaults are the paper's where it has them (section 5; Xu et al. 2015 for the rest).

    Each field is an option of `sentikit train`. Raises UsageError for a value that is not allowed.
    """

    epochs: int = option(20, "Maximum number of epochs.", at_least=1)
    batch_size: int = option(32, "Photographs per step, over all processes.", at_least=1, at_most=MOST_IN_BATCH)
    lr: float = option(4e-4, "Learning rate of the model.", above=0, at_most=1000)
    encoder_lr: float = option(1e-4, "Learning rate of the tuned encoder blocks.", above=0, at_most=1000)
    fine_tune: int = option(0, "Number of encoder blocks to tune, counted from the last.", at_least=0)
    grad_clip: float = option(5.0, "Clip gradients to this absolute value; 0 disables clipping.", at_least=0)
    schedule: str = option(
        "plateau",
        "Learning rate schedule. plateau cuts the rate when the score stops improving, as in the paper; cosine lowers "
        "it to 1/50 over the run.",
        choices=("plateau", "cosine", "constant"),
    )
    patience: int = option(2, "Epochs without improvement before the plateau schedule cuts the rate.", at_least=0)
    lr_factor: float = option(0.5, "Factor by which the plateau schedule cuts the rate.", above=0, at_most=1)
    early_stopping_patience: int = option(
        0, "Epochs without improvement before training stops; 0 disables early stopping.", at_least=0
    )
    ema: float = option(
        0.0,
        "Decay of an exponential moving average of the weights, such as 0.999. The average is what is validated and "
        "saved; 0 disables it.",
        at_least=0,
        below=1,
    )
    augment: str = option(
        "none",
        "Data augmentation. flip mirrors half of the photographs; crop also crops them to 80-100 % of their area.",
        choices=("none", "flip", "crop"),
    )
    batch_norm: str = option(
        "auto",
        "Batch norm statistics of the tuned blocks: frozen keeps them, train updates them. auto is train if the "
        "encoder starts from random weights, else frozen.",
        choices=("auto", "frozen", "train"),
    )
    cache_features: bool = option(False, "Compute the output of the frozen encoder blocks once and cache it on disk.")
    workers: int = option(2, "Number of threads that decode photographs.", at_least=0, at_most=MOST_WORKERS)
    seed: int = option(0, "Random seed.")
    device: str = option("auto", "Device to train on: auto, cpu, cuda or mps.")
    precision: str = option(
        "auto",
        "Number format for computation. auto is bfloat16 on GPUs that support it, else full (float32).",
        choices=("auto", "bfloat16", "full"),
    )
    limit: int | None = option(
        None, "Use only this many photographs, drawn at random, of the training and of the validation data.", at_least=1
    )

    def __post_init__(self) -> None:
        check_options(self)

    def fixed(self) -> dict[str, Any]:
        """What a resumed run must share with its beginning: all that the weights depend on."""
        fixed = {name: value for name, value in asdict(self).items() if name not in _FREE_ON_RESUME}
        return fixed | ({"epochs": self.epochs} if self.schedule == "cosine" else {})


@dataclass(frozen=True)
class Start:
    """Where the encoder and the first weights come from."""

    encoder: str | None = option(
        None,
        "Encoder: NAME, timm:MODEL or PACK; 'sentikit models' lists the names. A pack gives its encoder with its "
        "weights and nothing else. [default: the starting pack's, or resnet101]",
    )
    options: Mapping[str, str] = field(default_factory=dict)
    """The encoder's, as text."""
    init: str = option(
        "imagenet",
        "Initial weights: imagenet, random, or the name or folder of a pack. A pack brings its encoder and, if it has "
        "one of this kind, its model with that model's sizes, words and classes; those of your data are added.",
    )

    def __post_init__(self) -> None:
        for name, value in (("--encoder", self.encoder), ("--init", self.init)):
            if value == "":
                raise UsageError(f"{name} is empty: name what it is to be, or leave it out.")


@dataclass(frozen=True)
class Inputs:
    """Where a run reads from and writes to."""

    train: Path
    validation: Path
    images: Path | None
    output: Path
    cache: Path | None = None
    """Where features are cached; None: in the output folder."""
    allow_outside: bool = False
    """Whether photographs are also read from outside their folder, if a file name or a link leads there."""
