"""The paper's softmax ANP classifier (sections 4.1.1, 5.1): a linear layer over pooled features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sentikit import ANP, Encoder, Tag
from sentikit.nn.anp_scores import AnpList, TableScorer, top_tags


class SoftmaxClassifier(nn.Module):
    """Features ``(images, pixels, dim)`` -> a score for each ANP.

    pooling: mean is the paper's; mean-max also takes the largest value of each feature.
    """

    def __init__(self, dim: int, anps: Sequence[ANP], pooling: str = "mean", dropout: float = 0.0) -> None:
        super().__init__()
        self.anps = tuple(anps)
        self.pooling = pooling
        self.dim = dim
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(dim * (2 if pooling == "mean-max" else 1), len(self.anps))

    def forward(self, features: Tensor) -> Tensor:
        """Scores ``(images, anps)``, not normalised."""
        pooled = features.mean(dim=1)
        if self.pooling == "mean-max":
            pooled = torch.cat([pooled, features.amax(dim=1)], dim=-1)
        scores: Tensor = self.output(self.dropout(pooled))
        return scores


class SoftmaxTagger:
    """See `sentikit.ScoringTagger`. Probabilities are the softmax's, over the whole list."""

    def __init__(self, model: SoftmaxClassifier, encoder: Encoder) -> None:
        self.encoder: Encoder | None = encoder
        self._model = model.eval()
        self._known = AnpList(model.anps)

    def to(self, device: str) -> None:
        """Move to a torch device."""
        self._model.to(device)

    @torch.inference_mode()
    def tag(self, batch: Tensor, top_k: int) -> list[list[Tag]]:
        """The `top_k` most probable ANPs of each image, best first."""
        return top_tags(self._known, self._table(batch), top_k)

    @torch.inference_mode()
    def scorer(self, batch: Tensor) -> TableScorer:
        """A scorer bound to the images of `batch`: P(adjective | noun) by marginalising the classes."""
        return TableScorer(self._known, self._table(batch))

    def _table(self, batch: Tensor) -> Tensor:
        scores: Tensor = self._model(batch)
        return scores.float().log_softmax(dim=-1).cpu()
