"""The whole contract of a plugin. Everything is batched; the engine knows nothing else of a model or a rule.

Text plugins (rewriters) never see an image. Image models come in two kinds, told apart by their `encoder`:

* with an `Encoder`, a model's batch is the feature map ``(batch, pixels, dim)``. The engine runs each distinct
  encoder once for each image, however many models read it;
* with ``encoder = None``, a model's batch is a list of RGB PIL images and it does its own preprocessing.

The flow filters tags (top-k, probability, polarity, denylist) before a plugin sees them, wraps a scorer the same
way, and enforces the number of edits afterwards, so a plugin need not know of any of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, Union, runtime_checkable

from ..anp import ANP, Tag
from ..caption import Caption, Edit, Rewrite

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from ..affect.ontology import Ontology

ImageBatch: TypeAlias = Union["Tensor", "list[Image]"]
"""A feature map ``(batch, pixels, dim)`` for a model with an encoder, a list of RGB images for one without."""


@runtime_checkable
class Encoder(Protocol):
    """Photograph -> feature map. It brings its own preprocessing, so training and use cannot differ."""

    identity: str
    """Name, preprocessing and a hash of the weights. Models whose encoders have the same identity share one pass."""
    dim: int
    """Numbers for each pixel. An option that makes it larger appends numbers: models made without it read the first."""
    grid: tuple[int, int]
    """Height and width of the feature map: ``pixels == height * width``."""

    def preprocess(self, image: Image) -> Tensor:
        """An RGB image as ``(3, height, width)``. Called in decode workers, so it must not touch a device."""
        ...

    def encode(self, images: Tensor) -> Tensor:
        """``(batch, 3, height, width)`` -> ``(batch, pixels, dim)``."""
        ...

    def to(self, device: str) -> None:
        """Move to a torch device."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """What a tagger thinks of given ANPs or nouns, for a batch of images it has already seen."""

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """Log-probabilities of the ANPs given for each image; ``-inf`` for one outside the model's ontology."""
        ...

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """For each image and each noun given, its tags by P(adjective | noun, image), best first.

        A noun that the model does not know gets an empty list.
        """
        ...


@runtime_checkable
class Tagger(Protocol):
    """Photograph -> tags."""

    encoder: Encoder | None

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        """The `top_k` most probable tags of each image, best first."""
        ...

    def to(self, device: str) -> None:
        """Move to a torch device."""
        ...


@runtime_checkable
class ScoringTagger(Tagger, Protocol):
    """A tagger that can also score ANPs it was not asked to generate."""

    def scorer(self, batch: ImageBatch) -> Scorer:
        """A scorer bound to the images of `batch`."""
        ...


@runtime_checkable
class Captioner(Protocol):
    """Photograph -> caption."""

    encoder: Encoder | None

    def caption(self, batch: ImageBatch) -> list[Caption]:
        """One caption for each image."""
        ...

    def to(self, device: str) -> None:
        """Move to a torch device."""
        ...


@runtime_checkable
class AttendingCaptioner(Captioner, Protocol):
    """A captioner that says where it looks for the words of a text that it is given, for `sentikit evaluate`."""

    def attend(self, batch: ImageBatch, texts: Sequence[str]) -> list[Caption]:
        """The text given for each image, with the words it was read as and their attention."""
        ...


@runtime_checkable
class Rewriter(Protocol):
    """(caption, tags) -> rewrite, for whole datasets. Its options must be picklable: workers get their own copy."""

    default_max_edits: int | None
    """How many edits a caption gets where the user does not say; None: as many as the rewriter makes."""

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order. Tags come best first."""
        ...


@runtime_checkable
class Combiner(Protocol):
    """(caption, tags, scorer) -> rewrite, for two models' outputs on the same images."""

    needs_scorer: bool
    """True: only a `ScoringTagger` will do, and `combine` always gets a scorer."""
    default_max_edits: int | None

    def combine(self, items: Sequence[tuple[Caption, Sequence[Tag]]], scorer: Scorer | None) -> list[Rewrite]:
        """One rewrite for each image, in order. Row i of the scorer belongs to item i."""
        ...


@runtime_checkable
class PriorCombiner(Combiner, Protocol):
    """A combiner that goes by how common ANPs are, whatever the image: its scorer answers from an ontology's counts.

    It needs no tagger's scorer, and `combine` always gets one.
    """

    prior: Ontology | None
    """The ontology; None: the one that the flow filters by, of the user or of the tagger's pack."""


@runtime_checkable
class Metric(Protocol):
    """Scores of captions against references, for `sentikit evaluate captions`."""

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        """The scores by the names they are printed under, over all images.

        Both mappings have the same image ids; every image has a caption and at least one reference, as people wrote
        them (`sentikit.english.tokenizer` cuts them into the field's tokens). Raises SentikitError, with the
        reason, where the scores cannot be computed.
        """
        ...


class EvaluatedCaption(NamedTuple):
    """A caption that is evaluated, with all that is known of it.

    references: what people wrote of the image; for a caption that is itself one of these, the others.
    plain: the caption before adjectives were put in, or None where it is not known.
    edits: what put them in, or None where that is not known; () where nothing was changed.
    """

    image: int | str
    text: str
    references: Sequence[str]
    plain: str | None = None
    edits: Sequence[Edit] | None = None


@runtime_checkable
class AffectMetric(Metric, Protocol):
    """A metric that sees the plain captions and the edits too, for the second table of `sentikit evaluate captions`.

    The engine asks it of the captions, of the plain captions where they are known, and of what people wrote.
    """

    notes: Sequence[str]
    """What a reader must know of the figures, a sentence each without its stop; read after measuring."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        """The figures by the names they are printed under, over captions of different images, one of each.

        Raises SentikitError, with the reason, where they cannot be computed of these.
        """
        ...
