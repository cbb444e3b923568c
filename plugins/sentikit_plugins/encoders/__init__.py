"""encoders: torchvision's ResNets (the paper's), any timm backbone, EfficientNet-Lite, small and fast on a CPU, and
SSD-MobileNet, a detector that tells which objects are where.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sentikit import Option, Register, hookimpl

_GRID_HELP = "grid size of the feature map; 0: the backbone's own"
_RESIZE_HELP = "squash the photo to a square, crop its centre, or pad it with bands"


def _resnet(name: str, **options: Any) -> Any:
    from .resnet import resnet_encoder

    return resnet_encoder(name, **options)


def _lite(number: int, **options: Any) -> Any:
    from .efficientnet_lite import lite_encoder

    return lite_encoder(number, **options)


def _ssd(**options: Any) -> Any:
    from .ssd_mobilenet.encoder import ssd_encoder

    return ssd_encoder(**options)


def _with_objects(**options: Any) -> Any:
    from .with_objects import ObjectsEncoder

    return ObjectsEncoder(**options)


def _timm(**options: Any) -> Any:
    from .timm_backbone import timm_encoder

    return timm_encoder(**options)


@hookimpl
def register_encoders(register: Register) -> None:
    """Register the encoders."""
    resize = Option("resize", str, "squash", _RESIZE_HELP, choices=("squash", "crop", "pad"))
    for depth in (18, 34, 50, 101, 152):
        register(
            f"resnet{depth}",
            partial(_resnet, f"resnet{depth}"),
            summary=f"torchvision's ResNet-{depth}" + (", the paper's encoder" if depth == 101 else ""),
            options=[
                Option("size", int, 224, "input size in pixels", at_least=1, at_most=1024),
                resize,
                Option("grid", int, 14, _GRID_HELP, at_least=0, at_most=128),
            ],
            weights=True,
        )
    for number, size in enumerate((224, 240, 260)):
        register(
            f"efficientnet-lite{number}",
            partial(_lite, number),
            summary=f"EfficientNet-Lite{number}, small and fast on a CPU",
            options=[
                Option("size", int, size, "input size in pixels", at_least=1, at_most=1024),
                resize,
                Option("grid", int, 0, _GRID_HELP, at_least=0, at_most=128),
                Option("texture", bool, False, "append an earlier stage's features, for colours and textures"),
            ],
            weights=True,
        )
    register(
        "timm",
        _timm,
        summary="any timm backbone, by its timm name",
        options=[
            Option("model", str, "resnet50", "timm model name"),
            Option("size", int, None, "input size in pixels; by default the model's", at_least=1, at_most=1024),
            Option("resize", str, None, f"{_RESIZE_HELP}; by default the model's", choices=("squash", "crop", "pad")),
            Option("grid", int, 0, _GRID_HELP, at_least=0, at_most=128),
        ],
        weights=True,
    )
    register(
        "ssd-mobilenet",
        _ssd,
        summary="SSD-MobileNet v2 trained on COCO: 10x10 features, with the objects found in each pixel",
        options=[Option("objects", bool, True, "append the scores of COCO's 80 classes in each pixel")],
        weights=True,
    )
    register(
        "lite0-objects",
        _with_objects,
        summary="EfficientNet-Lite0 with textures, and the objects that SSD-MobileNet finds in each pixel",
        weights=True,
    )
