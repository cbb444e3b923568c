"""Batches for image models, made here and now from images or feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL.Image import Image

from sentikit import Captioner, ImageBatch, Tagger
from sentikit.images import ImageRef
from sentikit.pipelines.image_models import encode_images
from sentikit.plugin.batches import NO_PHOTO


def refs_of(images: Sequence[Image]) -> list[ImageRef]:
    """Images under the names that files would have: ``1.png``, ``2.png`` and so on."""
    return [ImageRef(Path(f"{n}.png"), n, f"{n}.png", image) for n, image in enumerate(images, 1)]


def batches(models: Sequence[Captioner | Tagger], images: Sequence[Image]) -> list[ImageBatch]:
    """The batch of each model."""
    return encode_images(models, refs_of(images))


def of_features(features: Any) -> ImageBatch:
    """A batch of features alone."""
    return ImageBatch([NO_PHOTO] * len(features), features)
