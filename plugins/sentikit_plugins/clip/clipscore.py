"""CLIPScore and RefCLIPScore (Hessel et al., 2021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sentikit import EvaluatedCaption, Photo, SentikitError

from .loading import ClipModel, load_model
from .settings import MetricSettings

if TYPE_CHECKING:
    from torch import Tensor

WEIGHT = 2.5
PREFIX = "A photo depicts "
_TEXTS = 256


class ClipScore:
    """w max(cos(photo, caption), 0), w = 2.5, both the model's unit vectors; the caption's of the prefixed text.

    with_references: RefCLIPScore, the harmonic mean of that and the highest cosine with a reference, from 0 up. With a
    wrong photograph the references stay those of the caption.
    """

    def __init__(self, settings: MetricSettings, with_references: bool) -> None:
        self._settings = settings
        self._with_references = with_references
        self._device = "cpu"
        self.settings: Mapping[str, Any] = {}

    def to(self, device: str) -> None:
        """Remember the device; the model is loaded when the first photographs are seen."""
        self._device = device

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        """Raises SentikitError: without photographs there is no score."""
        raise SentikitError("it sees the photographs, so give their folder with --images")

    def see(self, photos: Sequence[Photo]) -> list[Tensor]:
        """The unit vector ``(dim,)`` of each photograph."""
        import torch

        clip = self._model()
        images = torch.stack([clip.transform(photo.image) for photo in photos])
        with torch.no_grad():
            return list(clip.embed_images(images.to(self._device)).cpu())

    def measure_seen(self, captions: Sequence[EvaluatedCaption], seen: Sequence[Tensor]) -> dict[str, list[float]]:
        """See `sentikit.ImageMetric`."""
        import torch

        texts = self._embedded([caption.text for caption in captions])
        found = WEIGHT * (texts * torch.stack(list(seen))).sum(dim=1).clamp(min=0)
        if not self._with_references:
            return {"CLIPScore": found.tolist()}
        if bare := [caption.image for caption in captions if not caption.references]:
            raise SentikitError(f"image {bare[0]!r} has no reference")
        references = self._embedded([text for caption in captions for text in caption.references])
        of_caption = torch.split(references, [len(caption.references) for caption in captions])
        best = torch.stack([(own @ text).max() for own, text in zip(of_caption, texts, strict=True)]).clamp(min=0)
        return {"RefCLIPScore": (2 * found * best / (found + best).clamp(min=1e-12)).tolist()}

    def _model(self) -> ClipModel:
        clip = _shared_model(self._settings)
        clip.model.to(self._device)
        self.settings = {
            "model": clip.name,
            "weights": clip.weights_hash[:16],
            "open_clip": clip.version,
            "resize": clip.preprocessing["resize_mode"],
            "precision": clip.precision,
            "w": WEIGHT,
            "prefix": PREFIX.strip(),
        }
        return clip

    def _embedded(self, texts: Sequence[str]) -> Tensor:
        """``(texts, dim)``, each distinct text once. What the model's context has no room for is cut off."""
        import torch

        clip = self._model()
        distinct = list(dict.fromkeys(texts))
        vectors = torch.cat(
            [
                clip.embed_texts([PREFIX + text for text in distinct[start : start + _TEXTS]]).cpu()
                for start in range(0, len(distinct), _TEXTS)
            ]
        )
        places = {text: place for place, text in enumerate(distinct)}
        return vectors[[places[text] for text in texts]]


@lru_cache(maxsize=1)
def _shared_model(settings: MetricSettings) -> ClipModel:
    """One model for both metrics, if their options are the same."""
    return load_model(settings)
