"""Whether a model gives attention maps, found out before it sees a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import SentikitError
from ..plugin.batches import NO_PHOTO, ImageBatch
from ..plugin.interfaces import Captioner, Tagger
from ..plugin.kinds import Kind
from ..plugin.loader import Plugins
from .ensembles import Ensemble
from .image_models import Named
from .model_choice import ModelChoice


def gives_attention(model: Captioner | Tagger) -> bool | None:
    """Whether its answers have attention maps, tried on features of nothing; None where that tells nothing."""
    if isinstance(model, Ensemble):
        found = [gives_attention(member) for member in model.members]
        return True if True in found else None if None in found else False
    if model.encoder is None:
        return None
    import torch

    height, width = model.encoder.grid
    batch = ImageBatch([NO_PHOTO], torch.zeros(1, height * width, model.encoder.dim))
    try:
        answer: Any = (model.tag(batch, 1) if isinstance(model, Tagger) else model.caption(batch, 1))[0]
        return any(found.attention is not None for found in answer) if answer else None
    except Exception:  # it wants more than features; what it says of a photograph will be seen
        return None


def check_gives_attention(
    made: Named[Captioner] | Named[Tagger], choices: Sequence[ModelChoice[Any]], plugins: Plugins
) -> None:
    """Raises SentikitError if the model has no attention maps; it names one of the same packs that has.

    choices: what was chosen to make it.
    """
    if gives_attention(made.model) is not False:
        return
    kind: Kind[Any] = choices[0].component.kind
    others = {
        name: choice.pack
        for choice in choices
        if choice.pack
        for name, entry in choice.pack.models.items()
        if entry["kind"] == kind.name and name in plugins.names(kind)
    }
    for name, pack in others.items():
        if gives_attention(plugins.get(kind, name).create(weights=pack)):
            raise SentikitError(
                f"{made.label} does not say where it looks, so there is nothing to draw: choose --{kind.name} {name}, "
                "which does."
            )
    raise SentikitError(
        f"{made.label} does not say where it looks, so there is nothing to draw: leave --explain out, or choose "
        f"another {kind.name}."
    )
