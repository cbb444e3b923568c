"""Several image models on the same photographs: each distinct encoder preprocesses and encodes an image once.

An ensemble counts as all its members; its batch is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..images import ImageRef, load_photo, without_pixels
from ..plugin.batches import ImageBatch, Photo
from ..plugin.interfaces import Captioner, Encoder, Tagger
from .checks import check_features
from .ensembles import Ensemble, EnsembleBatch

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True)
class Named(Generic[T]):
    """A component that was made, and how sentences about it begin: ``The tagger 'softmax'``."""

    label: str
    model: T


@dataclass(frozen=True)
class Prepared:
    """What a set of models needs of one photograph.

    photo: with its pixels only if a model does its own preprocessing.
    inputs: ``(3, height, width)`` for each distinct encoder, by its identity.
    """

    photo: Photo
    inputs: Mapping[str, Tensor]


def distinct_encoders(models: Sequence[Captioner | Tagger]) -> dict[str, Encoder]:
    """The encoders of `models` by identity: of several with the same, the first."""
    encoders: dict[str, Encoder] = {}
    for model in _members(models):
        if model.encoder is not None:
            encoders.setdefault(model.encoder.identity, model.encoder)
    return encoders


def prepare_for(models: Sequence[Captioner | Tagger]) -> Callable[[Photo, ImageRef], Prepared]:
    """The function that preprocesses a photograph for `models`, to be called in decode workers."""
    encoders = distinct_encoders(models)
    keep_pixels = any(model.encoder is None for model in _members(models))

    def prepare(photo: Photo, ref: ImageRef) -> Prepared:
        image = photo.image
        inputs = {identity: encoder.preprocess(image) for identity, encoder in encoders.items()}
        return Prepared(photo if keep_pixels else without_pixels(photo, ref), inputs)

    return prepare


def encode_batch(models: Sequence[Captioner | Tagger], prepared: Sequence[Prepared]) -> list[ImageBatch]:
    """The batch of each model, with the feature map of its encoder or, for an ensemble, the batches of its members.

    `prepared` comes from the function that `prepare_for` made for the same models. Models that share an encoder get the
    same feature map, and must not change it. Raises PluginError if an encoder breaks its contract.
    """
    maps = {identity: _encode(encoder, prepared) for identity, encoder in distinct_encoders(models).items()}
    photos = [item.photo for item in prepared]

    def batch(model: Captioner | Tagger) -> Any:
        if isinstance(model, Ensemble):
            return EnsembleBatch(photos, None, tuple(batch(member) for member in model.members))
        return ImageBatch(photos, None if model.encoder is None else maps[model.encoder.identity])

    return [batch(model) for model in models]


def encode_images(models: Sequence[Captioner | Tagger], refs: Sequence[ImageRef]) -> list[ImageBatch]:
    """Decode, preprocess and encode a few images here and now: the batch of each model, as for `encode_batch`."""
    prepare = prepare_for(models)
    return encode_batch(models, [prepare(load_photo(ref), ref) for ref in refs])


def _members(models: Sequence[Captioner | Tagger]) -> Iterator[Captioner | Tagger]:
    for model in models:
        yield from _members(model.members) if isinstance(model, Ensemble) else (model,)


def _encode(encoder: Encoder, prepared: Sequence[Prepared]) -> Tensor:
    import torch

    with torch.no_grad():
        features = encoder.encode(torch.stack([item.inputs[encoder.identity] for item in prepared]))
    check_features(f"The encoder {encoder.identity!r}", encoder, features, len(prepared))
    return features
