"""What the ANP decoder learns: one ANP of a photograph as a sequence of two words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sentikit import ANP, Example, PackModel
from sentikit.nn.decoder import DecoderSettings
from sentikit.nn.vocabulary import Vocabulary
from sentikit.training.anp_task import AnpTask
from sentikit.training.sequence_loss import sequence_loss

from .model import AnpDecoder
from .packing import pack_model, unpack
from .settings import AnpDecoderSettings


class AnpDecoderTask(AnpTask[AnpDecoderSettings]):
    """See `sentikit.training.task.Task`."""

    model = "anp-decoder"
    _log_prior: Tensor | None = None

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """See `AnpTask`. To be balanced, the model must know how common each second word is after a first one."""
        model = super().build(train, dim, init)
        assert isinstance(model, AnpDecoder)
        strength = self.settings.logit_adjustment
        self._log_prior = _log_prior(model, train) * strength if strength else None
        return model

    def create(self, anps: Sequence[ANP], dim: int) -> AnpDecoder:
        """A new decoder over the words of `anps`."""
        vocabulary = Vocabulary(sorted({word for anp in anps for word in anp}))
        own = self.settings
        sizes: dict[str, Any] = dict.fromkeys(("embedding", "attention", "hidden"), own.size)
        decoder = DecoderSettings(len(vocabulary), dim, dropout=own.dropout, project=own.project, **sizes)
        return AnpDecoder(decoder, vocabulary, anps, own.noun_first)

    def restore(self, stored: PackModel) -> AnpDecoder:
        """The pack's decoder with the dropout of this run."""
        model = unpack(stored)
        model.decoder.dropout.p = self.settings.dropout
        return model

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> list[ANP]:
        """Some of the example's ANPs, drawn by weight in every epoch; none where none is in the list.

        Where weights count, their sum is how many are drawn, on average and up to the number of draws.
        """
        known = [(anp, weight) for anp, weight in example.label if anp in self.indices]
        if not known:
            return []
        anps, weights = zip(*known, strict=True)
        draws = self.settings.draws
        if self.settings.weights_count:
            draws = min(draws, int(sum(weights) + rng.random()))
        drawn: list[ANP] = rng.choices(anps, weights, k=draws)
        return drawn

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """Cross-entropy over the words and the end, and the doubly stochastic term.

        Balanced, the second word's scores are helped by what is common in the data, and so need not learn it (the
        logit-adjusted loss of Menon et al. 2021): what they learn is what the photograph adds.
        """
        assert isinstance(model, AnpDecoder)
        shape = (len(targets), self.settings.draws)
        tokens = torch.full((*shape, 4), model.vocabulary.pad)
        lengths = torch.zeros(shape, dtype=torch.long)
        for row, anps in enumerate(targets):
            for index, anp in enumerate(anps):
                tokens[row, index] = torch.tensor(model.vocabulary.encode(model.ordered(anp)))
                lengths[row, index] = 4
        tokens, lengths = tokens.to(features.device), lengths.to(features.device)
        prediction = model.decoder(features, tokens, lengths)
        if self._log_prior is not None:
            second = torch.zeros_like(prediction.mask)
            second[..., 1] = True
            log_prior = self._log_prior.to(features.device)[tokens[..., 1][lengths > 0]]
            helped = prediction.logits.float().clone()
            helped[second[prediction.mask]] += log_prior
            prediction = prediction._replace(logits=helped)
        return sequence_loss(prediction, self.settings.label_smoothing, self.settings.alpha_c)

    def to_pack(self, model: nn.Module) -> PackModel:
        """The decoder, its words and its ANPs."""
        assert isinstance(model, AnpDecoder)
        return pack_model(model)


def _log_prior(model: AnpDecoder, train: Sequence[Example]) -> Tensor:
    """log P(second word | first) in the training data ``(vocabulary, vocabulary)``; 0 for all other words."""
    known = set(model.anps)
    weights = torch.zeros(len(model.vocabulary), len(model.vocabulary))
    for example in train:
        for anp, weight in example.label:
            if anp in known:
                first, second = map(model.vocabulary.id, model.ordered(anp))
                weights[first, second] += weight
    share = weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
    return torch.where(weights > 0, share.clamp(min=1e-6).log(), 0.0)
