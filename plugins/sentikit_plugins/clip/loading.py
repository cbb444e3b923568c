"""open_clip models: found, checked and loaded, from safetensors alone."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentikit import MissingExtraError, SentikitError, UsageError
from sentikit.io.messages import show

from .settings import ModelSettings

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor, nn

_LOCAL, _HUB = "local-dir:", "hf-hub:"
_PREFERRED = ("open_clip_model.safetensors", "model.safetensors")
_TOKENIZER_OPTIONS = {"clean", "strip_sep_token", "language"}
"""What open_clip's own configurations say of a tokenizer."""
_HALVES = {"fp16": "float16", "bf16": "bfloat16"}


@dataclass(frozen=True, eq=False)
class ClipModel:
    """A loaded model with its own transform and tokenizer.

    name: as the user named it, with the weights: ``ViT-B-32 openai``.
    weights_hash: of the weights as they are used. resize: how photographs are fitted.
    version: open_clip's.
    """

    name: str
    model: nn.Module
    transform: Callable[[Image], Tensor]
    tokenizer: Callable[[Sequence[str]], Tensor]
    weights_hash: str
    preprocessing: dict[str, Any]
    precision: str
    version: str

    def embed_images(self, images: Tensor) -> Tensor:
        """``(batch, 3, height, width)`` -> unit vectors ``(batch, dim)``, float32.

        Two prompts' cosines with a photograph differ by some thousandths, which is as much as bfloat16 rounds by. So
        the engine's autocast is switched off, and what follows the tower is float32 whatever `precision` is.
        """
        import torch

        half = _HALVES.get(self.precision)
        kind = images.device.type
        with torch.autocast(kind, dtype=getattr(torch, half) if half else None, enabled=bool(half) and kind != "cpu"):
            return _unit(self.model.encode_image(images))  # type: ignore[operator]

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors ``(texts, dim)``, float32, on the model's device. Longer texts are cut off by the tokenizer."""
        import torch

        device = next(self.model.parameters()).device
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            return _unit(self.model.encode_text(self.tokenizer(list(texts)).to(device)))  # type: ignore[operator]


def load_model(settings: ModelSettings) -> ClipModel:
    """The model that the settings name, made anew: whoever has it may move it to a device.

    Raises SentikitError if open_clip is not installed or the model or its weights cannot be found or do not fit.
    """
    open_clip = import_open_clip("The CLIP models")
    name = settings.model
    # a folder and a model of the hub bring their weights
    weights = None if name.startswith((_LOCAL, _HUB)) else settings.pretrained
    with _explained(name):
        path, quick_gelu = _find_weights(open_clip, settings)
        safe = _tokenizer_options(open_clip.get_model_config(name) or {})
        # weights are loaded below from a file that is known to be safetensors: nothing is unpickled
        model = open_clip.create_model(
            name,
            None if _is_file(weights) else weights,
            load_weights=False,
            pretrained_text=False,
            force_preprocess_cfg={"resize_mode": settings.resize} if settings.resize else None,
            **({} if quick_gelu is None else {"quick_gelu": quick_gelu}),
        )
        open_clip.load_checkpoint(model, str(path))
        tokenizer = open_clip.get_tokenizer(name, **safe)
        preprocessing = dict(model.visual.preprocess_cfg)
        transform = open_clip.transform.image_transform_v2(
            open_clip.transform.PreprocessCfg(**preprocessing), is_train=False
        )
    model.eval().requires_grad_(False)
    shown_name = f"{name} {weights}" if weights else name
    return ClipModel(
        shown_name,
        model,
        transform,
        tokenizer,
        hash_of(model),
        preprocessing,
        settings.precision,
        open_clip.__version__,
    )


def import_open_clip(what: str) -> Any:
    """The package. Raises MissingExtraError if it is not installed."""
    try:
        import open_clip
    except ImportError:
        raise MissingExtraError(what, "clip") from None
    return open_clip


def hash_of(module: nn.Module) -> str:
    """SHA-256 of a module's tensors and their names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(name.encode())
        digest.update(memoryview(tensor.detach().cpu().contiguous().flatten().float().numpy()))
    return digest.hexdigest()


def _unit(vectors: Tensor) -> Tensor:
    from torch.nn.functional import normalize

    return normalize(vectors.float(), dim=-1)


def _tokenizer_options(config: Any) -> dict[str, Any]:
    """What keeps a tokenizer from running code. Raises SentikitError for options that could undo it.

    open_clip hands a configuration's `tokenizer_kwargs` to transformers, which takes a `trust_remote_code` from there.
    """
    text = config.get("text_cfg") or {}
    if unknown := set(text.get("tokenizer_kwargs") or {}) - _TOKENIZER_OPTIONS:
        raise SentikitError(
            f"The model's configuration has options of the tokenizer that are not taken, as they could run code: "
            f"{', '.join(map(show, sorted(unknown)))}."
        )
    return {"trust_remote_code": False} if text.get("hf_tokenizer_name") else {}


def _find_weights(open_clip: Any, settings: ModelSettings) -> tuple[Path, bool | None]:
    """The safetensors file with the weights, and whether QuickGELU must be on or off for them; None: as the model."""
    name, weights = settings.model, settings.pretrained
    if name.startswith((_LOCAL, _HUB)):
        if name.startswith(_LOCAL):
            return _in_folder(Path(name.removeprefix(_LOCAL))), settings.quick_gelu
        return _safe(
            Path(open_clip.pretrained.download_pretrained_from_hf(name.removeprefix(_HUB)))
        ), settings.quick_gelu
    if name not in open_clip.list_models():
        raise UsageError(f"open_clip has no model {name!r}{_near(name, open_clip.list_models())}.")
    tags = open_clip.list_pretrained_tags_by_model(name)
    if not weights:
        raise UsageError(f"The model {name} needs -O pretrained=TAG or a safetensors file{_some(tags)}.")
    if _is_file(weights):
        return _safe(Path(weights)), settings.quick_gelu
    tag = open_clip.get_pretrained_cfg(name, weights)
    if not tag:
        raise UsageError(f"The model {name} has no weights {weights!r}, and there is no such file{_some(tags)}.")
    quick_gelu = tag.get("quick_gelu", False) if settings.quick_gelu is None else settings.quick_gelu
    return _safe(Path(open_clip.download_pretrained(tag))), quick_gelu


def _in_folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}: local-dir: needs one with open_clip_config.json and weights.")
    if not (folder / "open_clip_config.json").is_file():
        raise UsageError(f"The folder {folder} has no open_clip_config.json, so it is no open_clip model.")
    found = [folder / name for name in _PREFERRED if (folder / name).is_file()] or sorted(folder.glob("*.safetensors"))
    if not found:
        raise UsageError(f"The folder {folder} has no weights in safetensors format (such as {_PREFERRED[0]}).")
    return found[0]


def _safe(path: Path) -> Path:
    if path.suffix != ".safetensors":
        raise UsageError(
            f"{path} is not in safetensors format, and pickled weights could run code when they are read: use other "
            "weights, or convert them once with open_clip and safetensors.torch.save_file."
        )
    return path


def _is_file(weights: str | None) -> bool:
    return bool(weights) and os.path.isfile(str(weights))


def _near(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, names, 3)
    return f"; near are {', '.join(near)}" if near else ""


def _some(tags: Sequence[str]) -> str:
    return f"; its tags are {', '.join(tags[:8])}{' and others' if len(tags) > 8 else ''}" if tags else ""


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes one sentence: open_clip and the libraries below it raise anything."""
    import logging

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.CRITICAL)  # open_clip logs to the root logger, also that weights come later
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SentikitError:
        raise
    except Exception as error:
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise SentikitError(
            f"The CLIP model {name} could not be loaded ({why}): check -O model and -O pretrained, and that this "
            "machine can reach the network if the weights are to be downloaded."
        ) from error
    finally:
        root.setLevel(level)
