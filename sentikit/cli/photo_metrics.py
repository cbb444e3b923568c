"""The part of `sentikit evaluate captions` that sees photographs, and what results say of each metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..commands.output import warn
from ..commands.progress import progress_bar

if TYPE_CHECKING:
    from ..evaluation.image_metrics import ImageEvaluation, Sampling
    from ..evaluation.predictions import Predictions
    from ..formats.coco import ImageId
    from ..plugin.interfaces import ImageMetric
    from ..plugin.kinds import Component


@dataclass(frozen=True)
class PhotoOptions:
    """Where the photographs are and how models see them. coco: the file with their names."""

    coco: Path
    images: Path
    allow_outside: bool
    device: str
    batch_size: int


def evaluate_photographs(
    predictions: Predictions,
    references: Mapping[ImageId, Sequence[str]],
    metrics: Mapping[str, ImageMetric],
    options: PhotoOptions,
    sampling: Sampling,
) -> ImageEvaluation:
    """Find the photographs of the captions and measure. Raises SentikitError if none is found."""
    from ..evaluation.image_metrics import evaluate_with_photos
    from ..formats.coco import read_captions
    from ..images import find_coco_images, missing_warning
    from ..nn.devices import pick_device

    device = pick_device(options.device)
    entries = [entry for entry in read_captions(options.coco).images.values() if entry["id"] in predictions]
    photos = find_coco_images(options.coco, entries, options.images, allow_outside=options.allow_outside)
    if missing := missing_warning(options.coco, photos):
        warn(missing)
    for metric in metrics.values():
        metric.to(device)
    with progress_bar("images", len(photos.refs)) as advance:
        return evaluate_with_photos(
            predictions,
            references,
            metrics,
            photos.refs,
            batch_size=options.batch_size,
            sampling=sampling,
            failed=lambda failure: warn(str(failure)),
            advance=advance,
        )


def described_metrics(
    components: Iterable[Component[Any]], options: Mapping[Component[Any], Mapping[str, str]]
) -> dict[str, Any]:
    """For the results: where each metric comes from, in which version, and the options given."""
    return {
        one.name: {
            "distribution": one.distribution,
            "version": _version(one.distribution),
            "options": dict(options[one]),
        }
        for one in components
    }


def _version(distribution: str) -> str | None:
    """None for a single-file plugin."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
