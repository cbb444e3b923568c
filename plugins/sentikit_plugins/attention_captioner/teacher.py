"""A tagger out of a pack, from which a task learns while it trains another model over the same features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from sentikit import (
    ANP,
    Encoder,
    ImageBatch,
    ImageFailure,
    Pack,
    SentikitError,
    Tag,
    Tagger,
    TrainingContext,
    UsageError,
    open_pack,
)
from sentikit.io.paths import shown
from sentikit.packs.finding import pack_folder
from sentikit.pipelines.tag_filter import TagFilter
from sentikit.plugin.batches import NO_PHOTO
from sentikit.plugin.kinds import TAGGER

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Teacher:
    """The tagger. What it says is filtered as for any plugin: nothing of the denylist, only what is insertable."""

    name: str
    anps: Sequence[ANP]
    """Of its list, those that may be used."""
    identity: str
    """Of its pack."""
    _tagger: Tagger
    _filter: TagFilter

    def tag(self, features: Tensor) -> list[list[Tag]]:
        """The tags of each image of ``(images, pixels, dim)`` that may be used, best first, with attention."""
        with torch.no_grad(), torch.autocast(features.device.type, enabled=False):
            found = _tags(self._tagger, features.detach().float(), self._filter.top_k)
        return [self._filter.apply(tags) for tags in found]


def open_teacher(named: str, context: TrainingContext, top_k: int) -> Teacher:
    """The first tagger of a pack that says where it looked.

    named: the pack's folder, the name it is registered by, or its name on the hub.
    top_k: how many tags of an image are asked for.
    Raises SentikitError where there is none, and where it does not see what the run's encoder makes.
    """
    if context.tuned_blocks:
        raise UsageError("A tagger reads its encoder's features as they were learnt: leave out --fine-tune.")
    plugins = context.plugins
    pack = open_pack(pack_folder(plugins, named), plugins)
    names = [name for name, model in pack.models.items() if model["kind"] == "tagger"]
    for name in names:
        tagger = plugins.get(TAGGER, name).create(weights=pack)
        _check_encoder(pack, name, tagger.encoder, context.encoder)
        tagger.to(context.device)
        if _looks(tagger, context):
            tag_filter = TagFilter(top_k, ontology=pack.ontology())
            anps = [anp for anp in _list_of(pack, name) if tag_filter.allows(anp)]
            context.sources.append(pack)
            return Teacher(name, anps, pack.identity, tagger, tag_filter)
    if not names:
        raise SentikitError(f"The pack {shown(pack.path)} has no tagger: name the pack of one.")
    raise SentikitError(
        f"The pack {shown(pack.path)} has no tagger that says where it looks, only {', '.join(names)}: name the pack "
        "of an attention decoder."
    )


def _check_encoder(pack: Pack, name: str, own: Encoder | None, of_run: Encoder) -> None:
    if own is None or own.identity != of_run.identity:
        what = "reads photographs itself" if own is None else f"has the encoder {own.identity}"
        raise SentikitError(
            f"The tagger {name!r} of the pack {shown(pack.path)} {what}, and this run's encoder is "
            f"{of_run.identity}: train both over the same one, which --init with a pack does."
        )


def _looks(tagger: Tagger, context: TrainingContext) -> bool:
    """Whether its tags have attention maps on the encoder's grid, tried on features of nothing."""
    encoder = context.encoder
    height, width = encoder.grid
    tags = _tags(tagger, torch.zeros(1, height * width, encoder.dim, device=context.device), 1)[0]
    return all(tag.attention is not None and tag.attention.shape == (2, height, width) for tag in tags)


def _tags(tagger: Tagger, features: Tensor, top_k: int) -> list[Sequence[Tag]]:
    """The tags of features without photographs; a tagger over an encoder needs no more, and cannot fail on one."""
    batch = ImageBatch([NO_PHOTO] * len(features), features)
    return [() if isinstance(found, ImageFailure) else found for found in tagger.tag(batch, top_k)]


def _list_of(pack: Pack, name: str) -> list[ANP]:
    """The ANPs that a tagger knows: its document of that name or, without one, the pack's ontology."""
    if pairs := pack.model(name).documents.get("anps"):
        return [ANP(*pair) for pair in pairs]
    if ontology := pack.ontology():
        return list(ontology)
    raise SentikitError(f"The tagger {name!r} of the pack {shown(pack.path)} does not say which pairs it knows.")
