"""EfficientNet-Lite0 with a detector beside it: each pixel's features are followed by the objects that are there."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from sentikit import StoredEncoder
from sentikit.nn.preprocessing import Normalise, Preprocessing
from sentikit.packs.weights import load_weights, weights_bytes, weights_hash

from .efficientnet_lite import lite_encoder
from .ssd_mobilenet.anchors import anchors, decode
from .ssd_mobilenet.classes import CLASSES
from .ssd_mobilenet.detections import detections, paint
from .ssd_mobilenet.network import SIZE, SSDMobileNet
from .ssd_mobilenet.published import published_tensors

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = "lite0-objects"
_BACKBONE, _DETECTOR = "trunk.", "detector."
_HALF = (0.5, 0.5, 0.5)


class ObjectsEncoder:
    """A `sentikit.StorableEncoder`. A photograph is prepared once for each of the two networks, side by side."""

    def __init__(self, weights: StoredEncoder | str) -> None:
        """weights: from a pack, or "imagenet" or "random" for both networks."""
        own = _part(weights, _BACKBONE, "efficientnet-lite0") if isinstance(weights, StoredEncoder) else weights
        self._backbone = lite_encoder(0, 224, "squash", 0, True, own)
        with torch.device("meta" if isinstance(weights, StoredEncoder) else "cpu"):
            detector = SSDMobileNet()
        if isinstance(weights, StoredEncoder):
            detector.to_empty(device="cpu")
            load_weights(detector, _part(weights, _DETECTOR, NAME).tensors, weights.source)
        elif weights == "imagenet":
            detector.load_state_dict(published_tensors())
        self._detector = detector.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self._rule = Preprocessing(size=SIZE, resize="squash", interpolation="bilinear", mean=_HALF, std=_HALF)
        self._normalise = Normalise(self._rule)
        self._weights_hash = weights.weights_hash if isinstance(weights, StoredEncoder) else None
        self.grid = self._backbone.grid
        self.dim = self._backbone.dim + len(CLASSES)

    @property
    def identity(self) -> str:
        """The same for the same preprocessing and weights, as a pack stores them."""
        if self._weights_hash is None:
            self._weights_hash = self.stored().weights_hash
        parts = [NAME, self._backbone.preprocessing.to_json(), self._weights_hash]
        return f"{NAME}-{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]}"

    def preprocess(self, image: Image) -> Tensor:
        """Bytes ``(3, 300, 300 + size)``: the detector's input, and right of it the backbone's above nothing."""
        left, right = self._rule(image), self._backbone.preprocess(image)
        return torch.cat([left, nn.functional.pad(right, (0, 0, 0, SIZE - right.shape[1]))], dim=2)

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """``(batch, pixels, dim)``: the backbone's features, then the score of each class in each pixel."""
        size = images.shape[-1] - SIZE
        features = self._backbone.encode(images[:, :, :size, SIZE:])
        found = self._detector(self._normalise(images[..., :SIZE]))
        boxes = decode(found.boxes, anchors().to(images.device))
        rows = zip(found.logits.sigmoid(), boxes, strict=True)
        painted = torch.stack([paint(detections(*photo), self.grid[0]) for photo in rows])
        return torch.cat([features, painted.flatten(2).transpose(1, 2)], dim=2)

    def to(self, device: str) -> None:
        """Move to a torch device."""
        self._backbone.to(device)
        self._normalise.to(device)
        self._detector.to(device)

    def stored(self) -> StoredEncoder:
        """All that a pack keeps of it."""
        backbone = self._backbone.stored()
        tensors = {f"{_BACKBONE}{name}": tensor for name, tensor in backbone.tensors.items()}
        state = self._detector.state_dict()
        tensors |= {f"{_DETECTOR}{name}": tensor.detach().clone() for name, tensor in state.items()}
        hashed = weights_hash(weights_bytes(tensors))
        return StoredEncoder(NAME, {}, backbone.preprocessing, self.dim, self.grid, tensors, hashed, NAME)


def _part(weights: StoredEncoder, prefix: str, plugin: str) -> StoredEncoder:
    """The tensors of one of the networks."""
    tensors = {name.removeprefix(prefix): tensor for name, tensor in weights.tensors.items() if name.startswith(prefix)}
    options: dict[str, Any] = {"grid": 0, "texture": True} if prefix == _BACKBONE else {}
    dim = weights.dim - len(CLASSES)
    hashed = f"{weights.weights_hash} {prefix}"
    return StoredEncoder(plugin, options, weights.preprocessing, dim, weights.grid, tensors, hashed, weights.source)
