"""Several image models on the same photographs: each distinct encoder preprocesses and encodes an image once.

An ensemble counts as all its members; its batch is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..plugin.interfaces import Captioner, Combiner, Encoder, ImageBatch, ScoringTagger, Tagger
from .ensembles import Ensemble, MemberBatches

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor


@dataclass(frozen=True)
class Prepared:
    """What a set of models needs of one image.

    image: for the models that do their own preprocessing; None where there are none.
    inputs: ``(3, height, width)`` for each distinct encoder, by its identity.
    """

    image: Image | None
    inputs: Mapping[str, Tensor]


def distinct_encoders(models: Sequence[Captioner | Tagger]) -> dict[str, Encoder]:
    """The encoders of `models` by identity: of several with the same, the first."""
    encoders: dict[str, Encoder] = {}
    for model in _members(models):
        if model.encoder is not None:
            encoders.setdefault(model.encoder.identity, model.encoder)
    return encoders


def prepare_for(models: Sequence[Captioner | Tagger]) -> Callable[[Image], Prepared]:
    """The function that preprocesses an RGB image for `models`, to be called in decode workers."""
    encoders = distinct_encoders(models)
    keep_image = any(model.encoder is None for model in _members(models))

    def prepare(image: Image) -> Prepared:
        inputs = {identity: encoder.preprocess(image) for identity, encoder in encoders.items()}
        return Prepared(image if keep_image else None, inputs)

    return prepare


def encode_batch(models: Sequence[Captioner | Tagger], prepared: Sequence[Prepared]) -> list[ImageBatch]:
    """The batch of each model: the feature map of its encoder, the images themselves, or the batches of its members.

    `prepared` comes from the function that `prepare_for` made for the same models. Models that share an encoder get the
    same feature map, and must not change it.
    """
    maps = {identity: _encode(encoder, prepared) for identity, encoder in distinct_encoders(models).items()}

    def batch(model: Captioner | Tagger) -> Any:
        if isinstance(model, Ensemble):
            return MemberBatches([batch(member) for member in model.members])
        return _images(prepared) if model.encoder is None else maps[model.encoder.identity]

    return [batch(model) for model in models]


def encode_images(models: Sequence[Captioner | Tagger], images: Sequence[Image]) -> list[ImageBatch]:
    """Preprocess and encode a few RGB images here and now: the batch of each model, as for `encode_batch`."""
    prepare = prepare_for(models)
    return encode_batch(models, [prepare(image) for image in images])


def check_scorer(combiner: Combiner, combiner_name: str, tagger: Tagger, tagger_name: str) -> None:
    """Raises UsageError where `combiner` needs a scorer and `tagger` has none."""
    if combiner.needs_scorer and not isinstance(tagger, ScoringTagger):
        raise UsageError(
            f"The combiner {combiner_name!r} needs a tagger that can score given adjectives, and {tagger_name!r} "
            "cannot: choose another combiner or another tagger."
        )


def _members(models: Sequence[Captioner | Tagger]) -> Iterator[Captioner | Tagger]:
    for model in models:
        yield from _members(model.members) if isinstance(model, Ensemble) else (model,)


def _encode(encoder: Encoder, prepared: Sequence[Prepared]) -> Tensor:
    import torch

    with torch.no_grad():
        return encoder.encode(torch.stack([item.inputs[encoder.identity] for item in prepared]))


def _images(prepared: Sequence[Prepared]) -> list[Image]:
    return [item.image for item in prepared if item.image is not None]
