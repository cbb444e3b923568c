"""A model's image tower as an encoder of one vector per photograph, which the tagger and its scorer read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sentikit import PluginError

from .loading import ClipModel

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor


class ClipEmbedding:
    """See `sentikit.Encoder`: the image's unit vector as a map of one pixel ``(batch, 1, dim)``.

    As an encoder, its transform runs in the decode workers, and models with the same weights share one pass.
    """

    def __init__(self, clip: ClipModel) -> None:
        self._clip = clip
        self.grid: tuple[int, int] = (1, 1)
        self.dim: int = clip.embed_texts(["a photo"]).shape[1]
        settings = json.dumps(clip.preprocessing, sort_keys=True, default=str)
        self.identity = f"clip-embedding {clip.weights_hash[:16]} {clip.precision} {settings}"

    def preprocess(self, image: Image) -> Tensor:
        """The model's own transform: ``(3, height, width)``."""
        return self._clip.transform(image)

    def encode(self, images: Tensor) -> Tensor:
        """``(batch, 3, height, width)`` -> ``(batch, 1, dim)``, float32. Raises PluginError for damaged weights."""
        vectors = self._clip.embed_images(images)
        if not bool(vectors.isfinite().all()):
            raise PluginError(
                f"The CLIP model {self._clip.name} gave numbers that are not finite: get its weights again."
            )
        return vectors.unsqueeze(1)

    def to(self, device: str) -> None:
        """Move the model, with its text tower, to a torch device."""
        self._clip.model.to(device)
