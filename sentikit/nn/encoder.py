"""The encoder that bundled plugins share: a backbone in stages, whose last ones can be tuned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..errors import UsageError
from ..packs.weights import load_weights, weights_bytes, weights_hash
from ..plugin.batches import StoredEncoder
from .preprocessing import Normalise, Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image


class BackboneEncoder:
    """A `sentikit.Encoder` that can be put into a pack and, in part, tuned."""

    def __init__(
        self,
        plugin: str,
        options: Mapping[str, Any],
        preprocessing: Preprocessing,
        stages: nn.Sequential,
        grid: int = 0,
        weights: StoredEncoder | str = "random",
        appended: int | None = None,
    ) -> None:
        """Frozen at first.

        plugin: the name it is registered by; a pack remembers it, with those of the plugin's `options` that the
            architecture depends on.
        stages: each ``(batch, channels, height, width)`` -> the same with other sizes, a block that can be tuned each.
        grid: average the last stage's output to so many pixels a side; 0 leaves it as it is.
        weights: an encoder from a pack; its weights and preprocessing take the place of those given. The stages may
            then be on torch's meta device, which saves filling them with random numbers. Text, such as "imagenet",
            stands for the weights that the stages have.
        appended: the index of an earlier stage, whose output is averaged to the size of the last one's and appended to
            each pixel's features: colours and textures, which the last stage has left behind.
        Raises SentikitError where its weights do not fit.
        """
        self.plugin = plugin
        self.options = dict(options)
        self._weights_hash: str | None = None
        if isinstance(weights, StoredEncoder):
            preprocessing = Preprocessing.from_json(weights.preprocessing, weights.config)
            if next(stages.parameters()).is_meta:
                stages.to_empty(device="cpu")
            load_weights(stages, weights.tensors, weights.source)
            self._weights_hash = weights.weights_hash
        self.preprocessing = preprocessing
        self._stages = stages.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self._normalise = Normalise(preprocessing)
        self._pixels = _Pixels(grid)
        self._appended = appended
        self._whole = self._stages if appended is None else _Appending(self._stages, appended)
        with torch.no_grad():
            probe = self._whole(self._normalise(torch.zeros(1, 3, preprocessing.size, preprocessing.size)))
        self.dim: int = probe.shape[1]
        self.grid: tuple[int, int] = (grid, grid) if grid else (probe.shape[2], probe.shape[3])

    @property
    def identity(self) -> str:
        """The same for the same plugin, options, preprocessing and weights (as a pack stores them)."""
        hashed = self._weights_hash or self.stored().weights_hash
        parts = [self.plugin, self.options, self.preprocessing.to_json(), hashed]
        return f"{self.plugin}-{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]}"

    def preprocess(self, image: Image) -> Tensor:
        """An RGB image as bytes ``(3, size, size)``."""
        return self.preprocessing(image)

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """``(batch, 3, size, size)`` -> ``(batch, pixels, dim)``."""
        features: Tensor = self._pixels(self._whole(self._normalise(images)))
        return features

    def to(self, device: str) -> None:
        """Move to a torch device."""
        for part in (self._normalise, self._stages):
            part.to(device)

    def split(self, blocks: int) -> tuple[nn.Module, nn.Module]:
        """(frozen, tuned): images -> what can be cached, and that -> features ``(batch, pixels, dim)``.

        The tuned part holds the last `blocks` stages, which become trainable. They are this encoder's
        own stages: what is learnt is learnt here. Both are in eval mode, so batch norm keeps its statistics until a
        trainer decides otherwise. Raises UsageError for more blocks than there are, and for some but not all of those
        behind a stage whose output is appended.
        """
        stages = list(self._stages)
        if not 0 <= blocks <= len(stages):
            raise UsageError(f"The encoder {self.plugin!r} has {len(stages)} blocks that can be tuned, not {blocks}.")
        cut = len(stages) - blocks
        first, last = stages[:cut], stages[cut:]
        if self._appended is not None:
            behind = len(stages) - 1 - self._appended
            if 0 < blocks < behind:
                raise UsageError(
                    f"What comes before the last {behind} blocks of this encoder is among its features, so that all "
                    f"of the {behind} or none can be tuned, not {blocks}."
                )
            if blocks:
                last = [_Appending(last, self._appended - cut)]
            else:
                first = [self._whole]
        frozen, tuned = nn.Sequential(self._normalise, *first), nn.Sequential(*last, self._pixels)
        self._stages.requires_grad_(False)
        tuned.requires_grad_(True)
        if blocks:
            self._weights_hash = None
        return frozen.eval(), tuned.eval()

    def stored(self) -> StoredEncoder:
        """All that a pack keeps of it."""
        tensors = {name: tensor.detach().clone() for name, tensor in self._stages.state_dict().items()}
        hashed = weights_hash(weights_bytes(tensors))
        return StoredEncoder(
            self.plugin, self.options, self.preprocessing.to_json(), self.dim, self.grid, tensors, hashed, self.plugin
        )


class _Appending(nn.Sequential):
    """Stages whose output ``(batch, channels, height, width)`` has that of an earlier one, averaged, behind it."""

    def __init__(self, stages: Iterable[nn.Module], appended: int) -> None:
        """`appended`: the index of the earlier stage; -1 for what comes in."""
        super().__init__(*stages)
        self._appended = appended

    def forward(self, images: Tensor) -> Tensor:
        kept = images
        for index, stage in enumerate(self):
            images = stage(images)
            if index == self._appended:
                kept = images
        averaged = nn.functional.adaptive_avg_pool2d(kept, (images.shape[-2], images.shape[-1]))
        return torch.cat([images, averaged], dim=1)


class _Pixels(nn.Module):
    """``(batch, dim, height, width)`` -> ``(batch, pixels, dim)``, averaged to a grid where one is given."""

    def __init__(self, grid: int) -> None:
        super().__init__()
        self._grid = grid

    def forward(self, features: Tensor) -> Tensor:
        if self._grid:
            features = nn.functional.adaptive_avg_pool2d(features, self._grid)
        return features.flatten(2).transpose(1, 2).contiguous()
