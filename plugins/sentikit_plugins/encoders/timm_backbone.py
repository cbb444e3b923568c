"""Any image model of timm as an encoder: its features before pooling."""

from __future__ import annotations

import math
from difflib import get_close_matches
from typing import Any

import timm
import torch
from timm.data.config import resolve_model_data_config
from torch import Tensor, nn

from sentikit import StoredEncoder, UsageError
from sentikit.nn.encoder import BackboneEncoder
from sentikit.nn.preprocessing import Preprocessing
from sentikit.packs.weights import check_shapes

from .download import explain_failed_download

_RESIZE = {"center": "crop", "squash": "squash", "border": "pad"}
# In these architectures the features are these parts, one after the other; a part that is a sequence is its blocks.
_PARTS = {
    "ResNet": ("conv1", "bn1", "act1", "maxpool", "layer1", "layer2", "layer3", "layer4"),
    "EfficientNet": ("conv_stem", "bn1", "blocks", "conv_head", "bn2"),
    "MobileNetV3": ("conv_stem", "bn1", "blocks"),
    "ConvNeXt": ("stem", "stages", "norm_pre"),
}


def timm_encoder(
    model: str, size: int | None, resize: str | None, grid: int, weights: StoredEncoder | str
) -> BackboneEncoder:
    """The backbone with its own mean, std, size and resize rule. Where its parts are unknown it is tuned as a whole."""
    if not timm.is_model(model):
        near = get_close_matches(model.partition(".")[0], timm.list_models(), 3)
        raise UsageError(
            f"timm has no model {model!r}; "
            + (f"near are {', '.join(near)}." if near else "timm.list_models() lists them.")
        )
    if weights == "imagenet":
        with explain_failed_download(model):
            backbone = timm.create_model(model, pretrained=True, num_classes=0)
    else:
        if isinstance(weights, StoredEncoder):  # a pack may name a model that is larger than the memory
            with torch.device("meta"):
                empty = _stages(timm.create_model(model, pretrained=False, num_classes=0))
            check_shapes(empty, weights.tensors, weights.source)
        backbone = timm.create_model(model, pretrained=False, num_classes=0)
    config: dict[str, Any] = resolve_model_data_config(backbone)  # type: ignore[no-untyped-call]
    preprocessing = Preprocessing(
        size=size or max(config["input_size"][1:]),
        resize=resize or _RESIZE[config["crop_mode"]],
        crop_fraction=config["crop_pct"],
        interpolation=config["interpolation"],
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
    )
    return BackboneEncoder("timm", {"model": model, "grid": grid}, preprocessing, _stages(backbone), grid, weights)


def _stages(backbone: nn.Module) -> nn.Sequential:
    """A stage for the stem, for each block, and for what comes after the blocks."""
    names = _PARTS.get(type(backbone).__name__)
    if names is None:
        return nn.Sequential(_Whole(backbone))
    before: list[nn.Module] = []
    stages: list[nn.Module] = []
    after: list[nn.Module] = []
    for name in names:
        part = getattr(backbone, name)
        if name.startswith("layer"):
            stages.append(part)
        elif name in ("blocks", "stages"):
            stages += list(part)
        else:
            (after if stages else before).append(part)
    return nn.Sequential(nn.Sequential(*before), *stages, *([nn.Sequential(*after)] if after else []))


class _Whole(nn.Module):
    """A backbone whose features may be a list of tokens or have the channels last."""

    def __init__(self, backbone: Any) -> None:
        super().__init__()
        self._backbone = backbone

    def forward(self, images: Tensor) -> Tensor:
        """``(batch, channels, height, width)``"""
        features: Tensor = self._backbone.forward_features(images)
        if features.dim() == 3:  # tokens, of which the first may stand for no place in the image
            places = features[:, getattr(self._backbone, "num_prefix_tokens", 0) :]
            side = math.isqrt(places.shape[1])
            return torch.unflatten(places.transpose(1, 2), 2, (side, side))
        return features if features.shape[1] == self._backbone.num_features else features.permute(0, 3, 1, 2)
