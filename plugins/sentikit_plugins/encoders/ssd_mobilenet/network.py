"""SSD-MobileNet v2 (Liu et al. 2016, Sandler et al. 2018) as a plain torch module, without batch norm.

The layers are those of the TensorFlow model zoo's ``ssd_mobilenet_v2_coco_2018_03_29``. Its batch norms are folded into
the convolutions, and of its outputs those of COCO's 80 classes are kept (`scripts/bundled/convert_ssd.py`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .anchors import ANCHORS_EACH

CLASSES = 80
SIZE = 300
"""Pixels a side of the input."""

# expansion, channels, repeats, stride
_STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
_STEM, _HEAD = 32, 1280
_FIRST_MAP = 13
"""The block whose expanded channels are the first of the six maps that boxes are read from."""
_RARE = -5.0
"""The logit of each class before training."""
_EXTRA = [(256, 512), (128, 256), (128, 256), (64, 128)]
"""Channels within and out of the four stages behind the backbone; each halves the map."""


class Predictions(NamedTuple):
    """What is read from the six maps, for each anchor."""

    boxes: Tensor
    """``(batch, anchors, 4)``: encoded, as y, x, height and width."""
    logits: Tensor
    """``(batch, anchors, classes)``: independent of each other; there is no background class."""
    features: Tensor
    """``(batch, 1280, 10, 10)``: the last map of the backbone."""


class SSDMobileNet(nn.Module):
    """Images ``(batch, 3, 300, 300)`` with values in [-1, 1] -> `Predictions`."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[Block] = []
        channels = _STEM
        for expansion, out, repeats, stride in _STAGES:
            for index in range(repeats):
                blocks.append(Block(channels, out, stride if index == 0 else 1, expansion))
                channels = out
        self.stem = Conv(3, _STEM, 3, stride=2)
        self.blocks = nn.ModuleList(blocks)
        self.head = Conv(channels, _HEAD, 1)
        maps = [channels_of_expansion(blocks[_FIRST_MAP]), _HEAD]
        extra = []
        for inner, out in _EXTRA:
            reduce, spread = Conv(maps[-1], inner, 1), Conv(inner, inner, 3, stride=2, groups=inner)
            extra.append(nn.Sequential(reduce, spread, Conv(inner, out, 1)))
            maps.append(out)
        self.extra = nn.ModuleList(extra)
        counts = zip(maps, ANCHORS_EACH, strict=True)
        self.boxes = nn.ModuleList(nn.Conv2d(size, count * 4, 3, padding=1) for size, count in counts)
        counts = zip(maps, ANCHORS_EACH, strict=True)
        classes = [nn.Conv2d(size, count * CLASSES, 3, padding=1) for size, count in counts]
        for layer in classes:
            nn.init.constant_(layer.bias, _RARE)  # type: ignore[arg-type]  # a new network finds nothing
        self.classes = nn.ModuleList(classes)

    def forward(self, images: Tensor) -> Predictions:
        maps = []
        features = self.stem(images)
        for index, block in enumerate(self.blocks):
            features, expanded = block(features)
            if index == _FIRST_MAP:
                maps.append(expanded)
        maps.append(self.head(features))
        for stage in self.extra:
            maps.append(stage(maps[-1]))
        boxes = [_by_anchor(layer(found), 4) for layer, found in zip(self.boxes, maps, strict=True)]
        logits = [_by_anchor(layer(found), CLASSES) for layer, found in zip(self.classes, maps, strict=True)]
        return Predictions(torch.cat(boxes, dim=1), torch.cat(logits, dim=1), maps[1])


class Conv(nn.Module):
    """A convolution that pads as TensorFlow does (the odd pixel goes right and below), and ReLU6."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, act: bool = True
    ) -> None:
        super().__init__()
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)
        self._act = act

    def forward(self, images: Tensor) -> Tensor:
        stride, kernel = self.conv.stride[0], self.conv.kernel_size[0]
        if stride > 1:
            down, across = (
                max((math.ceil(side / stride) - 1) * stride + kernel - side, 0) for side in images.shape[-2:]
            )
            images = nn.functional.pad(images, (across // 2, across - across // 2, down // 2, down - down // 2))
        out: Tensor = self.conv(images)
        return nn.functional.relu6(out, inplace=True) if self._act else out


class Block(nn.Module):
    """An inverted bottleneck."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand: nn.Module = Conv(inputs, inner, 1) if expansion > 1 else nn.Identity()
        self.depthwise = Conv(inner, inner, 3, stride=stride, groups=inner)
        self.project = Conv(inner, outputs, 1, act=False)
        self._skip = stride == 1 and inputs == outputs

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The output, and what the first convolution made of the images."""
        expanded: Tensor = self.expand(images)
        out: Tensor = self.project(self.depthwise(expanded))
        return (out + images if self._skip else out), expanded


def channels_of_expansion(block: Block) -> int:
    """The channels between a block's expansion and its projection."""
    return block.depthwise.conv.in_channels


def _by_anchor(found: Tensor, size: int) -> Tensor:
    """``(batch, anchors * size, height, width)`` -> ``(batch, height * width * anchors, size)``."""
    return found.permute(0, 2, 3, 1).reshape(found.shape[0], -1, size)
