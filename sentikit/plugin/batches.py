"""What image plugins get and what training plugins exchange with the engine: plain data, without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..anp import Tag
from ..caption import Caption, Edit
from ..errors import SentikitError
from ..io.messages import show

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor, nn

    from ..packs.reading import Pack
    from .interfaces import Encoder
    from .loader import Plugins

M = TypeVar("M", bound="nn.Module")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph as an image plugin gets it.

    name: the file name, or the name that the caller gave it.
    path: the file, or None if the photograph did not come from one.
    size: width and height in pixels, upright.
    metadata: `exif` (tag number -> value) and whatever else the file's header holds, by Pillow's names.
    """

    name: str
    size: tuple[int, int]
    load: Callable[[], Image] = field(repr=False)
    path: Path | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def image(self) -> Image:
        """The photograph, upright RGB. Already decoded for a model without an encoder; otherwise decoded again."""
        return self.load()


def _no_pixels() -> Image:
    raise ValueError("this photograph stands for features alone and has no pixels")


NO_PHOTO = Photo("", (0, 0), _no_pixels)
"""Stands for the photograph in a batch of features alone, as in training."""


@dataclass(frozen=True, eq=False)
class ImageBatch:
    """A batch for one model.

    features: the feature map of the model's encoder ``(batch, pixels, dim)``; None for a model without an encoder.
        Models with the same encoder share it and must not change it.
    """

    photos: Sequence[Photo]
    features: Tensor | None = None

    @property
    def encoded(self) -> Tensor:
        """`features`, for a model with an encoder."""
        if self.features is None:
            raise ValueError("a batch for a model without an encoder has no features")
        return self.features

    def single(self, index: int) -> ImageBatch:
        """The batch of one of its photographs."""
        features = None if self.features is None else self.features[index : index + 1]
        return ImageBatch(self.photos[index : index + 1], features)

    def __len__(self) -> int:
        return len(self.photos)


class ImageFailure(NamedTuple):
    """Stands in the place of a photograph's results when a model cannot process it. The run goes on.

    reason: the end of a sentence, without a full stop: "the endpoint gave no answer within 60 s".
    """

    reason: str


class CombinerItem(NamedTuple):
    """What a combiner gets for each caption: the caption, the image's tags, best first, and the photograph."""

    caption: Caption
    tags: Sequence[Tag]
    photo: Photo | None = None


class EvaluatedCaption(NamedTuple):
    """A caption under evaluation, with all that is known about it.

    references: the human captions of the image; for a caption that is itself human, the others.
    plain: the caption before adjectives were inserted, or None if unknown.
    edits: the insertions, or None if unknown; () if nothing was changed.
    """

    image: int | str
    text: str
    references: Sequence[str]
    plain: str | None = None
    edits: Sequence[Edit] | None = None


@dataclass(frozen=True)
class PackModel:
    """A model as a trainer hands it to a pack and as its plugin gets it back."""

    kind: str
    """captioner or tagger"""
    settings: Mapping[str, Any]
    """Whatever the model is built from, as JSON."""
    tensors: Mapping[str, Tensor]
    """Its `state_dict`."""
    documents: Mapping[str, Any] = field(default_factory=dict)
    """JSON documents by name, such as the vocabulary."""
    scores: Mapping[str, Any] = field(default_factory=dict)
    """Measured scores, as JSON."""
    source: str = "The model"
    """Names its weights in errors."""
    config: str = "The model"
    """Names its settings in errors."""
    document_sources: Mapping[str, str] = field(default_factory=dict)
    """Names its documents in errors."""

    def load_into(self, module: nn.Module) -> None:
        """Load the weights into a module built from the settings. Raises SentikitError if they do not fit."""
        from ..packs.weights import load_weights

        load_weights(module, self.tensors, self.source)

    def build(self, make: Callable[[], M]) -> M:
        """The module that `make` builds from the settings, with the weights; it is called twice.

        Settings that claim more than there are weights for take no memory. Raises SentikitError if they do not fit.
        """
        from ..packs.weights import build_with_weights

        return build_with_weights(make, self.tensors, self.source)

    def setting(self, name: str, kind: type[T]) -> T:
        """A setting, which must be of that type. Raises SentikitError if it is not."""
        value = self.settings.get(name)
        if type(value) is not kind:
            what = f"cannot be {show(value)}" if name in self.settings else "is missing"
            raise SentikitError(f"{self.config}: the setting {name!r} of the model {what}.")
        return value

    def check_dim(self, needed: int, dim: int) -> None:
        """Raises SentikitError if an encoder whose features have `dim` numbers gives less than the model reads."""
        if needed > dim:
            raise SentikitError(
                f"{self.config}: the model reads {needed:,} numbers of each pixel, and its encoder gives {dim:,}: use "
                "the encoder, with the options, that it was made with."
            )

    def document(self, name: str) -> Any:
        """A document. Raises SentikitError if there is none of that name."""
        if name not in self.documents:
            raise SentikitError(f"{self.config}: the model has no document {name!r}.")
        return self.documents[name]

    def document_source(self, name: str) -> str:
        """What names a document in errors."""
        return self.document_sources.get(name, self.source)


@dataclass(frozen=True)
class StoredEncoder:
    """An encoder as a pack keeps it."""

    plugin: str
    """The name it is registered by."""
    options: Mapping[str, Any]
    """The plugin's options that its architecture depends on."""
    preprocessing: Mapping[str, Any]
    dim: int
    grid: tuple[int, int]
    tensors: Mapping[str, Tensor]
    weights_hash: str
    """Hash of the weights as they are stored, in fp16."""
    source: str = "The encoder"
    """Names its weights in errors."""
    config: str = "The encoder"
    """Names its settings in errors."""


@dataclass(frozen=True)
class Example:
    """A training photograph and its label; only the task knows what `label` is."""

    image: Path
    label: Any


@dataclass(frozen=True)
class TrainingContext:
    """What a run has beside its task.

    tuned_blocks: how many of the encoder's last blocks are tuned.
    sources: the packs that the run's weights are made from, whose licences and model cards go into its own pack; a
        task that learns from another one adds it.
    """

    encoder: Encoder
    tuned_blocks: int
    device: str
    plugins: Plugins
    sources: list[Pack] = field(default_factory=list)
