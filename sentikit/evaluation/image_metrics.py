"""Metrics that see the photograph, with the wrong-photograph control beside every score."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from statistics import fmean
from typing import Any, NamedTuple

from ..formats.coco import ImageId
from ..images import ImageRef, stream_batches
from ..images.failures import Failure
from ..plugin.batches import EvaluatedCaption, Photo
from ..plugin.interfaces import ImageMetric
from ..plugin.kinds import reason
from .intervals import mean_estimate, shown_estimate
from .predictions import Predictions
from .tables import Estimate, Table, not_computed

SCORES, PLAIN, WRONG = "scores", "plain_scores", "wrong_photograph"
_HEADERS = {SCORES: "score", PLAIN: "plain", WRONG: "wrong photograph"}


class Sampling(NamedTuple):
    """The bootstrap's samples (0: no intervals), and the seed of it and of the wrong photographs."""

    samples: int = 1000
    seed: int = 0


@dataclass
class ImageEvaluation:
    """What came out.

    images: how many photographs were seen.
    columns: by column (`scores`, `plain_scores`, `wrong_photograph`) and name; one that could not be made is not there.
    failed: metrics that could not be computed, with the reason. settings: those of each metric.
    """

    images: int = 0
    columns: dict[str, dict[str, Estimate]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        columns: dict[str, Any] = {}
        for column, scores in self.columns.items():
            columns[column] = {name: estimate.value for name, estimate in scores.items()}
            bounds = {name: [one.low, one.high] for name, one in scores.items() if one.low is not None}
            if bounds:
                columns[f"{column}_intervals"] = bounds
        return {"images": self.images, **columns, "settings": self.settings, "not_computed": self.failed}

    def table(self) -> Table:
        """It as a table with a column each."""
        shown = [column for column in _HEADERS if column in self.columns]
        rows = [
            [name, *(_shown(self.columns[column].get(name)) for column in shown)]
            for name in self.columns.get(SCORES, {})
        ]
        notes = [not_computed(name, why) for name, why in self.failed.items()]
        for name, settings in self.settings.items():
            listed = ", ".join(f"{key} {value}" for key, value in settings.items())
            notes.append(f"settings of {name}: {listed or 'none'}")
        if WRONG in self.columns:
            notes.append("wrong photograph: the same captions, each with the photograph of another one")
        title = f"with the photographs, {self.images:,} images"
        return Table(title, ["metric", *(_HEADERS[column] for column in shown)], rows, notes)


def evaluate_with_photos(
    predictions: Predictions,
    references: Mapping[ImageId, Sequence[str]],
    metrics: Mapping[str, ImageMetric],
    refs: Sequence[ImageRef],
    *,
    batch_size: int = 16,
    sampling: Sampling = Sampling(),  # noqa: B008
    failed: Callable[[Failure], None] = lambda failure: None,
    advance: Callable[[int], None] = lambda count: None,
) -> ImageEvaluation:
    """Compute the metrics of all captions whose photograph is among `refs`.

    A metric that fails is left out with its reason; the others are computed. failed: called with each photograph that
    cannot be read. advance: called with how many photographs a batch had.
    """
    found = ImageEvaluation()
    images, seen = _seen(metrics, refs, batch_size, found.failed, failed, advance)
    found.images = len(images)
    if not images:
        found.failed |= dict.fromkeys(metrics, "no photograph could be read")
        return found
    own = {image: image for image in images}
    columns = {SCORES: own}
    if all(one.plain is not None for image in images for one in predictions[image]):
        columns[PLAIN] = own
    if wrong := _deranged(images, sampling.seed):
        columns[WRONG] = wrong
    for name, metric in metrics.items():
        if name in found.failed:
            continue
        try:
            for column, photos in columns.items():
                rows = _captions(column, predictions, references, images)
                scores = _measure(metric, rows, {image: seen[name][photos[image]] for image in images})
                estimates = {label: mean_estimate(values, *sampling) for label, values in scores.items()}
                found.columns.setdefault(column, {}).update(estimates)
            found.settings[name] = dict(metric.settings)
        except Exception as error:  # a stranger's metric may raise anything
            found.failed[name] = reason(error)
    return found


def _seen(
    metrics: Mapping[str, ImageMetric],
    refs: Sequence[ImageRef],
    batch_size: int,
    not_computed: dict[str, str],
    failed: Callable[[Failure], None],
    advance: Callable[[int], None],
) -> tuple[list[ImageId], dict[str, dict[ImageId, Any]]]:
    """The images that could be read, and what each metric keeps of them. A photograph is decoded once for all."""
    images: list[ImageId] = []
    seen: dict[str, dict[ImageId, Any]] = {name: {} for name in metrics}
    for batch in stream_batches(refs, batch_size, _as_it_is):
        for failure in batch.failures:
            failed(failure)
        ids = [ref.image_id for ref in batch.refs]
        images += ids
        for name, metric in metrics.items():
            if name in not_computed or not ids:
                continue
            try:
                seen[name].update(zip(ids, metric.see(batch.prepared), strict=True))
            except Exception as error:  # a stranger's metric may raise anything
                not_computed[name] = reason(error)
        advance(len(batch))
        if len(not_computed) == len(metrics):
            break
    return images, seen


def _as_it_is(photo: Photo, ref: ImageRef) -> Photo:
    return photo


def _captions(
    column: str, predictions: Predictions, references: Mapping[ImageId, Sequence[str]], images: Iterable[ImageId]
) -> list[EvaluatedCaption]:
    return [
        EvaluatedCaption(image, (one.plain or "") if column == PLAIN else one.text, references[image], *one[1:])
        for image in images
        for one in predictions[image]
    ]


def _measure(
    metric: ImageMetric, captions: Sequence[EvaluatedCaption], seen: Mapping[ImageId, Any]
) -> dict[str, list[float]]:
    """The mean score of each image's captions, by name."""
    scores = metric.measure_seen(captions, [seen[caption.image] for caption in captions])
    found: dict[str, list[float]] = {}
    for name, values in scores.items():
        if len(values) != len(captions) or not all(map(isfinite, values)):
            raise ValueError(f"its scores {name} are not {len(captions)} finite numbers")
        of_image: dict[ImageId, list[float]] = {}
        for caption, value in zip(captions, values, strict=True):
            of_image.setdefault(caption.image, []).append(float(value))
        found[name] = [fmean(row) for row in of_image.values()]
    return found


def _deranged(images: Sequence[ImageId], seed: int) -> dict[ImageId, ImageId]:
    """For each image another one, each used once; nothing for a single image."""
    if len(images) < 2:
        return {}
    order = list(images)
    random.Random(seed).shuffle(order)
    return dict(zip(order, [*order[1:], order[0]], strict=True))


def _shown(estimate: Estimate | None) -> str:
    return "-" if estimate is None else shown_estimate(estimate.value, estimate[1:])
