"""Generated captions against references: which captions are compared, and by which metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from ..errors import SentikitError
from ..formats.coco import ImageId, read_captions
from ..plugin.interfaces import Metric, ResampledMetric
from ..plugin.kinds import reason
from .intervals import Interval, bootstrap, summed


@dataclass(frozen=True)
class CaptionEvaluation:
    """What came out of an evaluation.

    images: how many images were evaluated; a caption each.
    reference_images: how many images have references.
    references: how many references the evaluated images have.
    scores: by name.
    not_computed: metrics that could not be computed, with the reason.
    intervals: the 95 % bootstrap interval of each score whose metric is a `ResampledMetric`.
    """

    images: int
    reference_images: int
    references: int
    scores: dict[str, float]
    not_computed: dict[str, str]
    intervals: dict[str, Interval] = field(default_factory=dict)


def evaluate_captions(
    captions: Mapping[ImageId, str],
    references: Mapping[ImageId, Sequence[str]],
    metrics: Mapping[str, Metric],
    samples: int = 0,
    seed: int = 0,
) -> CaptionEvaluation:
    """Compute the metrics over the images that have a caption, as the COCO evaluation does.

    samples: how often images are drawn anew for the intervals; 0: no intervals.
    A metric that fails is left out with its reason; the others are computed. Raises SentikitError where captions are
    of images without references, or there are none.
    """
    if not captions:
        raise SentikitError("There are no captions to evaluate.")
    strangers = captions.keys() - references.keys()
    if strangers:
        raise SentikitError(f"{len(strangers):,} captions are of images without references.")
    used = {image: references[image] for image in captions}
    scores: dict[str, float] = {}
    intervals: dict[str, Interval] = {}
    not_computed: dict[str, str] = {}
    for name, metric in metrics.items():
        try:
            if isinstance(metric, ResampledMetric):
                rows = metric.per_image(captions, used)
                scores |= finite(metric.of_sums(summed(rows)))
                intervals |= bootstrap(rows, metric.of_sums, samples, seed)
            else:
                scores |= finite(metric.compute(captions, used))
        except Exception as error:  # a stranger's metric may raise anything
            not_computed[name] = reason(error)
    count = sum(map(len, used.values()))
    return CaptionEvaluation(len(captions), len(references), count, scores, not_computed, intervals)


def finite(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores as plain floats. Raises ValueError for one that is no number."""
    for name, score in scores.items():
        if not isfinite(score):
            raise ValueError(f"its score {name} is {score}")
    return {name: float(score) for name, score in scores.items()}


def read_references(path: Path, warn: Callable[[str], None]) -> dict[ImageId, list[str]]:
    """The captions of each image of a COCO caption file.

    warn: called with a sentence where a part of the file is left out.

    Raises SentikitError where it is something else, or an updated file.
    """
    file = read_captions(path)
    for sentence in file.warnings():
        warn(sentence)
    grouped: dict[ImageId, list[str]] = {}
    for _, annotation in file.usable():
        grouped.setdefault(annotation["image_id"], []).append(annotation["caption"])
    return grouped
