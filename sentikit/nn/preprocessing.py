"""From a photograph to an encoder's input: the rule is data, kept with the weights, so that no use can differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..errors import SentikitError, errors_name
from ..io.messages import show

if TYPE_CHECKING:
    from PIL.Image import Image

RESIZE_RULES = ("squash", "crop", "pad")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos")
LARGEST_SIZE = 1024
"""Pixels a side, so that no pack's encoder takes minutes or all memory for a photograph."""


@dataclass(frozen=True)
class Preprocessing:
    """How a photograph becomes a square of `size` pixels. Raises SentikitError where a value makes no sense."""

    size: int = 224
    resize: str = "squash"
    """squash: all of it, out of proportion; crop: its middle, in proportion; pad: all of it, in proportion, with
    bands of the mean colour."""
    crop_fraction: float = 1.0
    """crop: how much of the shorter side is kept."""
    interpolation: str = "bicubic"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    """Of red, green and blue from 0 to 1, as the encoder was trained."""
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    def __post_init__(self) -> None:
        for name, good in (
            ("size", type(self.size) is int and 0 < self.size <= LARGEST_SIZE),
            ("resize", self.resize in RESIZE_RULES),
            ("crop_fraction", _is_number(self.crop_fraction) and 0 < self.crop_fraction <= 1),
            ("interpolation", self.interpolation in INTERPOLATIONS),
            ("mean", len(self.mean) == 3 and all(_is_number(value) and abs(value) <= 1e3 for value in self.mean)),
            ("std", len(self.std) == 3 and all(_is_number(value) and 1e-6 <= value <= 1e6 for value in self.std)),
        ):
            if not good:
                raise SentikitError(f"The preprocessing's {name!r} cannot be {_shown(getattr(self, name))}.")

    def __call__(self, image: Image) -> Tensor:
        """An RGB image as bytes ``(3, size, size)``; `Normalise` does the rest, for a batch at a time."""
        return torch.from_numpy(np.array(self._fit(image))).permute(2, 0, 1).contiguous()

    def _fit(self, image: Image) -> Image:
        from PIL import Image as images

        size, method = self.size, images.Resampling[self.interpolation.upper()]
        if self.resize == "squash":
            return image.resize((size, size), method)
        if self.resize == "crop":
            side = min(image.size) * self.crop_fraction
            left, top = (image.width - side) / 2, (image.height - side) / 2
            return image.resize((size, size), method, box=(left, top, left + side, top + side))
        scale = size / max(image.size)
        inner = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), method)
        canvas = images.new("RGB", (size, size), tuple(round(value * 255) for value in self.mean))
        canvas.paste(inner, ((size - inner.width) // 2, (size - inner.height) // 2))
        return canvas

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"mean": list(self.mean), "std": list(self.std)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "The pack") -> Preprocessing:
        """What `to_json` gave, nothing left out. `source` names it in errors."""
        names = {field.name for field in fields(cls)}
        if odd := sorted(names ^ set(data)):
            what = "lacks the" if odd[0] in names else "has the unknown"
            raise SentikitError(f"{source}: the preprocessing {what} setting {show(odd[0])}.")
        for name in ("mean", "std"):
            if not isinstance(data[name], list):
                raise SentikitError(f"{source}: the preprocessing's {name!r} cannot be {show(data[name])}.")
        with errors_name(source):
            return cls(**{**data, "mean": tuple(data["mean"]), "std": tuple(data["std"])})


class Normalise(torch.nn.Module):
    """Bytes ``(batch, 3, height, width)`` -> numbers with the mean taken off, divided by std."""

    mean: Tensor
    std: Tensor

    def __init__(self, preprocessing: Preprocessing) -> None:
        super().__init__()
        for name in ("mean", "std"):
            value = torch.tensor(getattr(preprocessing, name)).reshape(3, 1, 1) * 255
            self.register_buffer(name, value, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """In channels-last order, which convolutions are faster in."""
        numbers = (images.to(self.mean.dtype) - self.mean) / self.std
        return numbers.contiguous(memory_format=torch.channels_last)


def _shown(value: Any) -> str:
    return f"({', '.join(map(show, value[:3]))})" if isinstance(value, tuple) else show(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
