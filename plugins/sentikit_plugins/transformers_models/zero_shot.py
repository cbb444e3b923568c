"""Tags photographs with transformers' zero-shot image classifiers, such as CLIP and SigLIP: any ANPs, no training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sentikit import Encoder, ImageBatch, ImageFailure, Scorer, SentikitError, Tag, read_ontology
from sentikit.english import article
from sentikit.nn.anp_scores import AnpList, TableScorer, top_tags

from .loading import check_installed, load
from .settings import ZeroShotSettings

if TYPE_CHECKING:
    from torch import Tensor

_TEXTS = 256
"""Texts at a time."""


class ZeroShotTagger:
    """Compares each photograph with a text for each ANP.

    The score of an ANP is the model's own: for CLIP a softmax over all ANPs, for SigLIP a sigmoid for each. Neither is
    calibrated.
    """

    encoder: Encoder | None = None

    def __init__(self, settings: ZeroShotSettings) -> None:
        """Raises MissingExtraError without transformers, and SentikitError if model or ontology cannot be used."""
        check_installed("The tagger 'zero-shot'")
        assert settings.ontology is not None
        self._known = AnpList(list(read_ontology(settings.ontology)))
        if not len(self._known):
            raise SentikitError(f"{settings.ontology} has no adjective-noun pairs.")
        self._model, self._processor = load(settings, "AutoModelForZeroShotImageClassification")
        self._alone = "siglip" in self._model.config.model_type
        if not hasattr(self._model, "get_text_features") or not hasattr(self._model, "logit_scale"):
            raise SentikitError(
                f"The model {settings.name!r} does not compare texts and images by their features: use one such as "
                "CLIP or SigLIP."
            )
        self._texts = [settings.template.format(f"{article(anp.adjective)} {anp}") for anp in self._known.anps]
        self._text_features: Tensor | None = None

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag] | ImageFailure]:
        """See `sentikit.Tagger`."""
        return list(top_tags(self._known, self._table(batch), top_k))

    def scorer(self, batch: ImageBatch) -> Scorer:
        """See `sentikit.ScoringTagger`; P(adjective | noun) compares the ANPs of the noun alone."""
        return TableScorer(self._known, self._table(batch))

    def to(self, device: str) -> None:
        """See `sentikit.Tagger`."""
        self._model.to(device)
        if self._text_features is not None:
            self._text_features = self._text_features.to(device)

    def _table(self, batch: ImageBatch) -> Tensor:
        """Log-probabilities ``(images, anps)``, in float32 on the processor."""
        import torch

        with torch.inference_mode():
            if self._text_features is None:
                self._text_features = self._encode_texts()
            inputs = self._processor(images=[photo.image for photo in batch.photos], return_tensors="pt")
            inputs = inputs.to(self._model.device, self._model.dtype)
            images = _unit(self._model.get_image_features(**inputs))
            logits: Tensor = images @ self._text_features.T * self._model.logit_scale.float().exp()
            if not self._alone:
                return logits.log_softmax(dim=-1).cpu()
            bias = getattr(self._model, "logit_bias", None)
            logits = logits if bias is None else logits + bias.float()
            scores: Tensor = torch.nn.functional.logsigmoid(logits)
            return scores.cpu()

    def _encode_texts(self) -> Tensor:
        """A unit vector for each ANP, in float32 ``(anps, dim)``."""
        import torch

        padding: dict[str, Any] = {"padding": "max_length", "max_length": 64} if self._alone else {"padding": True}
        found = []
        for start in range(0, len(self._texts), _TEXTS):
            texts: Sequence[str] = self._texts[start : start + _TEXTS]
            inputs = self._processor.tokenizer(list(texts), truncation=True, return_tensors="pt", **padding)
            found.append(_unit(self._model.get_text_features(**inputs.to(self._model.device))))
        return torch.cat(found)


def _unit(features: Any) -> Tensor:
    """The features of a model's answer as unit vectors in float32."""
    vectors: Tensor = getattr(features, "pooler_output", features).float()
    unit: Tensor = vectors / vectors.norm(dim=-1, keepdim=True)
    return unit
