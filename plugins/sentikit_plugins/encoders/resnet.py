"""torchvision's ResNets, cut into the blocks that the paper tunes (sections 4.1.3, 5)."""

from __future__ import annotations

import torch
from torch import nn

from sentikit import StoredEncoder
from sentikit.nn.encoder import BackboneEncoder
from sentikit.nn.preprocessing import Preprocessing

from .download import explain_failed_download


def resnet_encoder(name: str, size: int, resize: str, grid: int, weights: StoredEncoder | str) -> BackboneEncoder:
    """The last feature map, averaged to `grid` pixels a side. The ImageNet weights are those of the first release."""
    import torchvision

    if weights == "imagenet":
        with explain_failed_download(name):
            model = torchvision.models.get_model(name, weights="IMAGENET1K_V1")
    else:
        with torch.device("meta" if isinstance(weights, StoredEncoder) else "cpu"):
            model = torchvision.models.get_model(name, weights=None)
    stem = nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool)
    stages = nn.Sequential(stem, model.layer1, model.layer2, model.layer3, model.layer4)
    preprocessing = Preprocessing(size=size, resize=resize, interpolation="bilinear")
    return BackboneEncoder(name, {"grid": grid}, preprocessing, stages, grid, weights)
