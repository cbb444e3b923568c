"""The paper's softmax ANP classifier (sections 4.1.1, 5.1): a linear layer over pooled features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sentikit import ANP, Encoder, ImageBatch, Tag
from sentikit.nn.anp_model import AnpModel
from sentikit.nn.anp_scores import AnpList, TableScorer, top_tags
from sentikit.nn.decoder import with_mean_rows

POOLINGS = ("mean", "mean-max")


class SoftmaxClassifier(AnpModel):
    """Features ``(images, pixels, dim)`` -> a score for each ANP.

    pooling: mean is the paper's; mean-max also takes the largest value of each feature.
    share_words: an ANP's score is a sum of its own, its adjective's and its noun's, these two so many times, so that
        ANPs learn from others with one of their words. What is learnt is one linear layer all the same: `folded`.
    """

    def __init__(
        self,
        dim: int,
        anps: Sequence[ANP],
        pooling: str = "mean",
        dropout: float = 0.0,
        share_words: float = 0.0,
    ) -> None:
        super().__init__(anps)
        self.pooling = pooling
        self.dim = dim
        self.dropout = nn.Dropout(dropout)
        pooled = dim * (2 if pooling == "mean-max" else 1)
        self.output = nn.Linear(pooled, len(self.anps))
        self.words = SharedWords(pooled, anps, share_words) if share_words else None

    def forward(self, features: Tensor) -> Tensor:
        """Scores ``(images, anps)``, not normalised."""
        features = features[..., : self.dim]
        pooled = features.mean(dim=1)
        if self.pooling == "mean-max":
            pooled = torch.cat([pooled, features.amax(dim=1)], dim=-1)
        pooled = self.dropout(pooled)
        scores: Tensor = self.output(pooled)
        return scores if self.words is None else scores + self.words(pooled)

    def table(self, features: Tensor) -> Tensor:
        """log P(ANP | image) over the whole list ``(images, anps)``, without the prior."""
        scores: Tensor = self(features)
        return scores.float().log_softmax(dim=-1)

    def shrunk_table(self, features: Tensor) -> Tensor:
        """See `AnpModel`."""
        logs = self.table(features)
        return logs if self.prior is None else self.prior.of_table(logs)

    @torch.no_grad()
    def with_anps(self, anps: Sequence[ANP]) -> SoftmaxClassifier:
        """See `AnpModel`."""
        own = self.folded()
        grown = SoftmaxClassifier(self.dim, [*self.anps, *anps], self.pooling, self.dropout.p)
        grown.output.weight.copy_(with_mean_rows(own.output.weight, len(anps)))
        grown.output.bias.copy_(with_mean_rows(own.output.bias, len(anps)))
        if self.prior:
            grown.shrink_towards(self.prior.over(grown.anps))
        return grown

    def folded(self) -> SoftmaxClassifier:
        """The same scores from one layer, with nothing shared; itself where that is so already."""
        if self.words is None:
            return self
        plain = SoftmaxClassifier(self.dim, self.anps, self.pooling)
        plain.prior = self.prior
        weight, bias = self.words.by_anp()
        plain.output.weight.data = self.output.weight.data + weight
        plain.output.bias.data = self.output.bias.data + bias
        return plain


class SharedWords(nn.Module):
    """Pooled features ``(images, dim)`` -> the score of each ANP's adjective and noun together ``(images, anps)``.

    share: what the scores are multiplied by; the smaller, the slower the words learn.
    """

    adjective_of: Tensor
    noun_of: Tensor

    def __init__(self, dim: int, anps: Sequence[ANP], share: float) -> None:
        super().__init__()
        self.share = share
        self.adjectives, adjective_of = _layer_of(dim, [anp.adjective for anp in anps])
        self.nouns, noun_of = _layer_of(dim, [anp.noun for anp in anps])
        # Not in the state: they follow from the list.
        self.register_buffer("adjective_of", adjective_of, persistent=False)
        self.register_buffer("noun_of", noun_of, persistent=False)

    def forward(self, pooled: Tensor) -> Tensor:
        """See the class."""
        scores: Tensor = self.adjectives(pooled)[:, self.adjective_of] + self.nouns(pooled)[:, self.noun_of]
        return self.share * scores

    def by_anp(self) -> tuple[Tensor, Tensor]:
        """The weight ``(anps, dim)`` and the bias ``(anps,)`` of the layer that does the same."""
        weight = self.adjectives.weight[self.adjective_of] + self.nouns.weight[self.noun_of]
        bias = self.adjectives.bias[self.adjective_of] + self.nouns.bias[self.noun_of]
        return self.share * weight.detach(), self.share * bias.detach()


def _layer_of(dim: int, words: Sequence[str]) -> tuple[nn.Linear, Tensor]:
    """A layer of zeros over the distinct words, and the index of each word in it."""
    indices = {word: index for index, word in enumerate(sorted(set(words)))}
    layer = nn.Linear(dim, len(indices))
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer, torch.tensor([indices[word] for word in words])


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
    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        """The `top_k` most probable ANPs of each image, best first."""
        return top_tags(self._known, self._model.shrunk_table(batch.encoded).cpu(), top_k)

    @torch.inference_mode()
    def scorer(self, batch: ImageBatch) -> TableScorer:
        """A scorer bound to the images of `batch`: P(adjective | noun) by marginalising the classes."""
        return TableScorer(self._known, self._model.table(batch.encoded).cpu())
