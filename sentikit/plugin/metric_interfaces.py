"""The contract of metrics, a part of `interfaces`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from .batches import EvaluatedCaption, Photo


@runtime_checkable
class Metric(Protocol):
    """Scores of captions against references, for `sentikit evaluate captions`."""

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        """The scores by the names they are printed under, over all images.

        Both mappings have the same image ids; every image has a caption and at least one reference, as people wrote
        them (`sentikit.english.tokenizer` gives the field's tokens). Raises SentikitError, with the reason, if the
        scores cannot be computed.
        """
        ...


@runtime_checkable
class AffectMetric(Metric, Protocol):
    """A metric that also sees the plain captions and the edits, for the second table of `sentikit evaluate captions`.

    The engine asks it about the captions, about the plain captions if they are known, and about the human captions.
    """

    notes: Sequence[str]
    """What a reader must know about the figures, one sentence each without a full stop; read after measuring."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        """The figures by the names they are printed under, over one caption each of different images.

        Raises SentikitError, with the reason, if they cannot be computed from these.
        """
        ...


@runtime_checkable
class ResampledMetric(Metric, Protocol):
    """A metric that is a function of sums over the images, so that its bootstrap intervals cost next to nothing.

    `compute` must give ``of_sums`` of the sums of what `per_image` gives.
    """

    def per_image(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> Sequence[Sequence[float]]:
        """What each image adds to the sums, in the order of `captions`: as many numbers for each."""
        ...

    def of_sums(self, sums: Sequence[float]) -> dict[str, float]:
        """The scores by name, from the sums over the images."""
        ...


@runtime_checkable
class ImageMetric(Metric, Protocol):
    """A metric that also sees the photographs, for `sentikit evaluate captions --images`.

    Its `compute` raises SentikitError. The engine asks it about the captions, about the plain captions if they are
    known, and about the captions with a wrong photograph each: what they score there is what the metric gives for
    nothing.
    """

    settings: Mapping[str, Any]
    """What the scores depend on, as JSON: model, weights, versions, constants. Read after measuring."""

    def see(self, photos: Sequence[Photo]) -> Sequence[Any]:
        """What the metric keeps of each photograph of a batch. It is held for all photographs, so it must be small."""
        ...

    def measure_seen(self, captions: Sequence[EvaluatedCaption], seen: Sequence[Any]) -> Mapping[str, Sequence[float]]:
        """The scores of each caption by the names they are printed under. `seen`: of the photograph of each caption.

        Raises SentikitError, with the reason, if they cannot be computed.
        """
        ...

    def to(self, device: str) -> None:
        """Move to a torch device."""
        ...
