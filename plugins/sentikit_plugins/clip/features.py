"""The encoder `clip`: the feature map of an open_clip model's image tower, for training the paper's systems on it."""

from __future__ import annotations

import json
import math
from typing import Any

import torch
from torch import Tensor, nn

from sentikit import SentikitError, StoredEncoder, UsageError
from sentikit.nn.encoder import BackboneEncoder
from sentikit.nn.preprocessing import Preprocessing
from sentikit.packs.weights import check_shapes

from .loading import import_open_clip, load_model
from .settings import ModelSettings

_RESIZE = {"squash": "squash", "shortest": "crop", "longest": "pad"}
_NO_TEXT = {"context_length": 4, "vocab_size": 4, "width": 8, "heads": 1, "layers": 1}
"""The text tower that open_clip's models must have, as small as may be; it is thrown away."""


def clip_encoder(
    model: str,
    pretrained: str | None,
    resize: str | None,
    quick_gelu: bool | None,
    grid: int,
    tower: str | None,
    weights: StoredEncoder | str,
) -> BackboneEncoder:
    """The map before pooling: a ViT's patch tokens after the last norm, or a ResNet's last stage.

    tower: the configuration of the image tower as a pack keeps it, so that it needs nothing beside its own files.
    A ViT's last blocks can be tuned one by one, and a ResNet's stages; any other tower as a whole.
    Raises SentikitError if the model cannot be loaded.
    """
    if isinstance(weights, StoredEncoder):
        config = _read(tower or weights.options.get("tower"), weights)
        with torch.device("meta"):  # a pack may name a tower that is larger than the memory
            check_shapes(_stages(_built(config)), weights.tensors, weights.source)
        return BackboneEncoder("clip", weights.options, Preprocessing(), _stages(_built(config)), grid, weights)
    settings = ModelSettings(model, pretrained, resize, quick_gelu)
    config = _config(settings)
    if weights == "random":
        visual, preprocessing = _built(config), _of_config(config, resize)
    else:
        clip = load_model(settings)
        visual, preprocessing = clip.model.get_submodule("visual"), _preprocessing(clip.preprocessing)
    options = {"grid": grid, "tower": json.dumps(config, sort_keys=True)}
    return BackboneEncoder("clip", options, preprocessing, _stages(visual), grid)


def _read(tower: Any, stored: StoredEncoder) -> Any:
    try:
        return json.loads(str(tower))
    except ValueError:
        raise SentikitError(f"{stored.config}: the encoder's option 'tower' is not JSON: get the pack again.") from None


def _config(settings: ModelSettings) -> dict[str, Any]:
    """What the tower is built from. Raises UsageError for a model that open_clip does not know."""
    open_clip = import_open_clip("The encoder 'clip'")
    name, quick_gelu = settings.model, settings.quick_gelu
    try:
        config = open_clip.get_model_config(name)
    except (OSError, ValueError) as error:
        raise UsageError(f"The configuration of the model {name} cannot be read ({error}).") from None
    if config is None:
        raise UsageError(f"open_clip has no model {name!r}; open_clip.list_models() lists them.")
    tag = open_clip.get_pretrained_cfg(name, settings.pretrained) if settings.pretrained else None
    if quick_gelu is None:  # as in `load_model`: a tag knows how it was trained
        quick_gelu = bool((tag or config).get("quick_gelu", False))
    vision = {**config["vision_cfg"], "timm_model_pretrained": False}
    return {"embed_dim": config["embed_dim"], "vision_cfg": vision, "quick_gelu": quick_gelu}


def _built(config: Any) -> nn.Module:
    """A tower with random weights. Raises SentikitError for a configuration that open_clip does not accept."""
    open_clip = import_open_clip("The encoder 'clip'")
    try:
        vision = {**config["vision_cfg"], "timm_model_pretrained": False}
        if ":" in str(vision.get("timm_model_name")):
            raise ValueError("a timm model by its name alone is taken, not one of a hub or a folder")
        made: nn.Module = open_clip.CLIP(config["embed_dim"], vision, _NO_TEXT, quick_gelu=config["quick_gelu"])
    except Exception as error:  # it and timm raise anything
        raise SentikitError(f"open_clip cannot build the image tower ({type(error).__name__}: {error}).") from error
    return made.get_submodule("visual")


def _of_config(config: dict[str, Any], resize: str | None) -> Preprocessing:
    """The preprocessing of a model that was never trained."""
    size = config["vision_cfg"]["image_size"]
    return Preprocessing(size=size if isinstance(size, int) else max(size), resize=_RESIZE[resize or "shortest"])


def _preprocessing(config: dict[str, Any]) -> Preprocessing:
    """open_clip's own transform as a pack keeps it; `longest` pads with the mean colour instead of black."""
    size = config["size"]
    across, down = (size, size) if isinstance(size, int) else size
    if across != down:
        raise UsageError(f"The encoder 'clip' reads square photographs, and this model {across} x {down} pixels.")
    return Preprocessing(
        size=across,
        resize=_RESIZE[config["resize_mode"]],
        interpolation=config["interpolation"],
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
    )


def _stages(visual: Any) -> nn.Sequential:
    """A stage for what comes before the blocks, for each block, and for what comes after them."""
    kind = type(visual).__name__
    if kind == "ModifiedResNet":
        return nn.Sequential(_Stem(visual), visual.layer1, visual.layer2, visual.layer3, visual.layer4)
    if kind == "VisionTransformer" and visual.attn_pool is None:
        return nn.Sequential(_Embedded(visual), *visual.transformer.resblocks, _Grid(visual))
    return nn.Sequential(_Trunk(visual.trunk) if kind == "TimmModel" else _Whole(visual))


class _Stem(nn.Module):
    """``(batch, 3, height, width)`` -> what a ResNet's first stage reads."""

    def __init__(self, visual: Any) -> None:
        super().__init__()
        parts = [getattr(visual, f"{part}{number}") for number in (1, 2, 3) for part in ("conv", "bn", "act")]
        self.parts = nn.Sequential(*parts, visual.avgpool)

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.parts(images)
        return out


class _Embedded(nn.Module):
    """``(batch, 3, height, width)`` -> tokens ``(batch, 1 + patches, width)``, the class token first."""

    def __init__(self, visual: Any) -> None:
        super().__init__()
        self.conv1, self.ln_pre = visual.conv1, visual.ln_pre
        self.class_embedding, self.positional_embedding = visual.class_embedding, visual.positional_embedding

    def forward(self, images: Tensor) -> Tensor:
        patches: Tensor = self.conv1(images).flatten(2).transpose(1, 2)
        first = self.class_embedding.to(patches.dtype).expand(len(patches), 1, -1)
        tokens = torch.cat([first, patches], dim=1) + self.positional_embedding.to(patches.dtype)
        out: Tensor = self.ln_pre(tokens)
        return out


class _Grid(nn.Module):
    """Tokens ``(batch, 1 + patches, width)`` -> the patches' ``(batch, width, height, width)``, normalised."""

    def __init__(self, visual: Any) -> None:
        super().__init__()
        self.ln_post = visual.ln_post
        self._grid = visual.grid_size

    def forward(self, tokens: Tensor) -> Tensor:
        patches: Tensor = self.ln_post(tokens[:, 1:])
        return torch.unflatten(patches.transpose(1, 2), 2, self._grid)


class _Trunk(nn.Module):
    """A timm tower, such as SigLIP's, whose features may be tokens or have the channels last."""

    def __init__(self, trunk: Any) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.trunk.forward_features(images)
        if features.dim() == 3:
            patches = features[:, getattr(self.trunk, "num_prefix_tokens", 0) :]
            side = math.isqrt(patches.shape[1])
            return torch.unflatten(patches.transpose(1, 2), 2, (side, side))
        return features if features.shape[1] == self.trunk.num_features else features.permute(0, 3, 1, 2)


class _Whole(nn.Module):
    """A tower with attentional pooling, such as CoCa's: what its last block gives."""

    def __init__(self, visual: Any) -> None:
        super().__init__()
        self.visual = visual

    def forward(self, images: Tensor) -> Tensor:
        found = self.visual.forward_intermediates(images, indices=1, intermediates_only=True)
        last: Tensor = found["image_intermediates"][-1]
        return last
