"""What a training run is told, apart from what is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_FREE_ON_RESUME = {"workers", "device", "early_stopping_patience", "epochs"}
"""What may change when a run is resumed, since the weights of an epoch do not depend on it."""


@dataclass(frozen=True)
class Settings:
    """Defaults are the paper's decoder settings where it has them (section 5; Xu et al. 2015 for the rest)."""

    epochs: int = 20
    batch_size: int = 32
    """Photographs a step, over all processes."""
    lr: float = 4e-4
    encoder_lr: float = 1e-4
    fine_tune: int = 0
    """How many of the encoder's last blocks are tuned."""
    grad_clip: float = 5.0
    """Largest absolute value of a gradient; 0: none."""
    schedule: str = "plateau"
    """plateau: the paper's adaptive rate; cosine: to a fiftieth over the run; constant."""
    patience: int = 2
    """Epochs without improvement before the rate is cut (plateau)."""
    lr_factor: float = 0.5
    """What the rate is multiplied by then."""
    early_stopping_patience: int = 0
    """Epochs without improvement before training ends; 0: never."""
    ema: float = 0.0
    """Decay of the moving average of the weights, which is then what is validated and saved; 0: none."""
    augment: str = "none"
    """none; flip: mirror half of the photographs; crop: mirror, and crop to 80-100 % of the area."""
    batch_norm: str = "auto"
    """frozen: keep the encoder's statistics; train: learn them; auto: train where the encoder starts at random."""
    cache_features: bool = False
    workers: int = 2
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    """bfloat16: compute in it, twice as fast on processors that have it; full: float32; auto: bfloat16 on GPUs that
    have it."""
    limit: int | None = None
    """Train and validate on so many examples, drawn at random."""

    def fixed(self) -> dict[str, Any]:
        """What a resumed run must share with its beginning: all that the weights depend on."""
        fixed = {name: value for name, value in asdict(self).items() if name not in _FREE_ON_RESUME}
        return fixed | ({"epochs": self.epochs} if self.schedule == "cosine" else {})


@dataclass(frozen=True)
class Start:
    """Where the encoder comes from."""

    encoder: str | None = None
    """``NAME`` or ``NAME:MODEL``; None: the pack's or, without one, the paper's."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The encoder's, as text."""
    init: str = "imagenet"
    """imagenet, random, or the folder of a pack."""


@dataclass(frozen=True)
class Inputs:
    """Where a run reads from and writes to."""

    train: Path
    validation: Path
    images: Path | None
    output: Path
    cache: Path | None = None
    """Where features are cached; None: in the output folder."""
