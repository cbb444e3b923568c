"""The whole contract of a plugin. Everything is batched; the engine knows nothing else about a model or a rule.

That of metrics stands in `metric_interfaces`.

Text plugins (rewriters) never see an image. Image models get an `ImageBatch`: the photographs and, if the model has an
`Encoder`, the encoder's feature map ``(batch, pixels, dim)``. The engine runs each distinct encoder once per image,
however many models read it. A model with ``encoder = None`` works on the photographs and does its own preprocessing.

The pipeline filters tags (top-k, probability, polarity, denylist) before a plugin sees them, wraps a scorer the same
way, and limits the number of edits afterwards, so a plugin need not handle any of these. An edit records the
probability that its tag has in the image's list, whatever a combiner made of it. The engine checks what a
plugin returns (types, lengths, finite probabilities in [0, 1]) and names the plugin in the error.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias, runtime_checkable

from ..anp import ANP, Tag
from ..caption import Caption, Rewrite
from ..formats.interface import CaptionCopy, CaptionFormat, CaptionSource
from .batches import (
    CombinerItem,
    Example,
    ImageBatch,
    ImageFailure,
    PackModel,
    StoredEncoder,
    TrainingContext,
)
from .metric_interfaces import AffectMetric, ImageMetric, Metric, ResampledMetric

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image
    from torch import Tensor, nn

    from ..affect.ontology import Ontology

__all__ = [
    "AffectMetric",
    "AttendingCaptioner",
    "CaptionCopy",
    "CaptionFormat",
    "CaptionSource",
    "Captioner",
    "Combiner",
    "EditsPerSentence",
    "Encoder",
    "ImageMetric",
    "InformedTask",
    "Metric",
    "PriorCombiner",
    "ResampledMetric",
    "Rewriter",
    "Scorer",
    "ScorerNeed",
    "ScoringTagger",
    "StorableEncoder",
    "Tagger",
    "Task",
    "TunableEncoder",
]

ScorerNeed: TypeAlias = Literal["none", "tagger", "prior"]
"""Which scorer a combiner needs; see `Combiner.scorer`."""


@runtime_checkable
class Encoder(Protocol):
    """Photograph -> feature map. It brings its own preprocessing, so training and use cannot differ."""

    identity: str
    """Name, preprocessing and a hash of the weights. Models whose encoders have the same identity share one pass."""
    dim: int
    """Numbers per pixel. An option that makes it larger appends numbers: models made without it read the first."""
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
class StorableEncoder(Encoder, Protocol):
    """An encoder that can be put into a pack. It is registered with ``weights=True``, to come back from one."""

    def stored(self) -> StoredEncoder:
        """Everything that a pack keeps of it."""
        ...


@runtime_checkable
class TunableEncoder(StorableEncoder, Protocol):
    """An encoder whose last blocks can be fine-tuned (``sentikit train --fine-tune N``)."""

    def split(self, blocks: int) -> tuple[nn.Module, nn.Module]:
        """(frozen, tuned): images -> what can be cached, and that -> features ``(batch, pixels, dim)``.

        The tuned part holds the last `blocks` blocks and shares the encoder's own weights, so what it learns is in
        the encoder. Both are in eval mode. Raises UsageError for more blocks than there are.
        """
        ...


@runtime_checkable
class Scorer(Protocol):
    """A tagger's scores for given ANPs or nouns, for a batch of images that it has already seen."""

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

    def tag(self, batch: ImageBatch, top_k: int) -> Sequence[Sequence[Tag] | ImageFailure]:
        """The `top_k` most probable tags of each image, best first, or an `ImageFailure` in its place."""
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
    """Photograph -> captions."""

    encoder: Encoder | None

    def caption(self, batch: ImageBatch, n: int = 1) -> Sequence[Sequence[Caption] | ImageFailure]:
        """At least one and at most `n` captions of each image, best first, or an `ImageFailure` in their place."""
        ...

    def to(self, device: str) -> None:
        """Move to a torch device."""
        ...


@runtime_checkable
class PipelinedCaptioner(Captioner, Protocol):
    """A captioner that waits for answers from elsewhere, and that the engine gives batches ahead."""

    in_flight: int
    """The number of photographs that it works on at the same time."""

    def begin(self, batch: ImageBatch, n: int = 1) -> Callable[[], Sequence[Sequence[Caption] | ImageFailure]]:
        """Start on a batch without waiting. The function that it gives waits, and returns what `caption` would."""
        ...


@runtime_checkable
class AttendingCaptioner(Captioner, Protocol):
    """A captioner that also tells where it looks for the words of a given text."""

    def attend(self, batch: ImageBatch, texts: Sequence[str]) -> list[Caption]:
        """The text given for each image, with the words it was read as and their attention."""
        ...


@runtime_checkable
class Rewriter(Protocol):
    """(caption, tags) -> rewrite, for whole datasets. Its options must be picklable: workers get their own copy.

    Every rewriter also serves as a combiner (``sentikit caption --combiner NAME``).
    """

    default_max_edits: int | None
    """How many edits a caption gets unless the user says otherwise; None: as many as the rewriter makes."""

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order. Tags come best first."""
        ...


@runtime_checkable
class EditsPerSentence(Protocol):
    """A rewriter or combiner for captions of several sentences, whose edits the pipeline spreads over them.

    `default_max_edits` then counts a whole caption: with 3 and 1 a sentence, a caption of one sentence gets one edit,
    and no noun and no adjective is served twice. If the user sets a maximum, every sentence gets one before any gets
    a second.
    """

    default_edits_per_sentence: int


@runtime_checkable
class Combiner(Protocol):
    """(caption, tags, scorer) -> rewrite, for two models' outputs on the same images."""

    scorer: ScorerNeed
    """What `combine` gets as its scorer. "none": nothing. "tagger": the tagger's own; only a `ScoringTagger` will do.
    "prior": one that answers from an ontology's counts, whatever the image; see `PriorCombiner`."""
    default_max_edits: int | None
    """As for `Rewriter`."""

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """One rewrite for each item, in order. Row i of the scorer belongs to item i."""
        ...


@runtime_checkable
class PriorCombiner(Combiner, Protocol):
    """A combiner with ``scorer = "prior"`` that brings its own ontology."""

    prior: Ontology | None
    """The ontology with the counts; None: the one that the pipeline filters by."""


class TagRules(Protocol):
    """What the user wants of the adjectives that are inserted."""

    @property
    def polarity(self) -> str:
        """positive, negative or any."""
        ...

    def allows(self, anp: ANP) -> bool:
        """Whether polarity, denylist and ontology let an ANP pass."""
        ...


@runtime_checkable
class RuledWriter(Protocol):
    """A `Rewriter` or `Combiner` that also inserts adjectives of its own, which no filter has seen."""

    def with_rules(self, rules: TagRules) -> Self:
        """The same for a run with these rules. Called before the first caption; it must obey them."""
        ...


@runtime_checkable
class Counting(Protocol):
    """A captioner, tagger, rewriter or combiner that counts what its user should know, such as tokens."""

    counts: Counter[str]
    """By the names they are printed under. The engine reads it and prints the numbers at the end of a run."""


@runtime_checkable
class Task(Protocol):
    """What a model learns. A trainer's factory makes one from its options; `sentikit train NAME` runs it.

    The calls come in the order they stand here: `read` for the training and the validation data, `build` once, then
    `target` and `loss` for every batch and `validate` after every epoch. The loop, the schedule, checkpoints and
    resuming are the engine's.
    """

    model: str
    """The name its model has in a pack: that of the component that uses it."""
    monitor: str
    """The validation score that selects the best epoch; higher is better."""
    metrics: tuple[str, ...]
    """The registered metrics that `validate` needs."""

    def read(self, path: Path, images: Path | None, split: str) -> list[Example]:
        """The examples of a data file or folder. Raises SentikitError.

        images: the folder of the photographs; None: near `path`.
        split: "train" or "val", for files that hold both.
        """
        ...

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """The model over features of `dim`, its vocabulary from the training examples or, with its weights, `init`."""
        ...

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> Any:
        """The loss's target for an example in this epoch: `rng` for sampling, `mirrored` if the photo is."""
        ...

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """The summed loss of features ``(batch, pixels, dim)``, and the number of terms to divide it by."""
        ...

    def validate(
        self, model: nn.Module, batches: Iterable[tuple[Tensor, list[Example]]], metrics: Mapping[str, Metric]
    ) -> Mapping[str, float]:
        """Scores on real decoding, `monitor` among them. `metrics`: those named above."""
        ...

    def to_pack(self, model: nn.Module) -> PackModel:
        """The model as it goes into a pack."""
        ...


@runtime_checkable
class InformedTask(Task, Protocol):
    """A task that is also told about its run before `build`: for example, one that learns from another model."""

    def begin(self, context: TrainingContext) -> Mapping[str, str]:
        """What a run that resumes this one must share with it, by names that complete "another ...".

        Raises SentikitError if the task cannot be done there.
        """
        ...
