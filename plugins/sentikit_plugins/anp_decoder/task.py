"""What the ANP decoder learns: one ANP of a photograph as a sequence of two words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sentikit import ANP, Example, PackModel
from sentikit.nn.decoder import DecoderSettings
from sentikit.nn.vocabulary import Vocabulary
from sentikit.training.anp_task import AnpTask
from sentikit.training.sequence_loss import sequence_loss
from sentikit.training.task import check_number

from .model import AnpDecoder
from .packing import pack_model, unpack


class AnpDecoderTask(AnpTask):
    """See `sentikit.training.task.Task`. The keywords are the trainer's options."""

    model = "anp-decoder"

    def __init__(
        self,
        noun_first: bool,
        alpha_c: float,
        dropout: float,
        size: int,
        project: bool,
        label_smoothing: float,
        min_count: int,
        draws: int,
        logit_adjustment: float,
        weights_count: bool,
        prior: Path | None,
        prior_weight: float,
    ) -> None:
        super().__init__(min_count, prior, prior_weight)
        check_number("alpha-c", alpha_c)
        check_number("dropout", dropout, below=1)
        check_number("size", size, low=1)
        check_number("label-smoothing", label_smoothing, below=1)
        self._noun_first = noun_first
        self._alpha_c = alpha_c
        self._dropout = dropout
        self._sizes: dict[str, Any] = {"embedding": size, "attention": size, "hidden": size, "project": project}
        check_number("draws", draws, low=1)
        check_number("logit-adjustment", logit_adjustment)
        self._label_smoothing = label_smoothing
        self._draws = draws
        self._logit_adjustment = logit_adjustment
        self._weights_count = weights_count
        self._log_prior: Tensor | None = None

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """See `AnpTask`. To be balanced, the model must know how common each second word is after a first one."""
        model = super().build(train, dim, init)
        assert isinstance(model, AnpDecoder)
        self._log_prior = _log_prior(model, train) * self._logit_adjustment if self._logit_adjustment else None
        return model

    def create(self, anps: Sequence[ANP], dim: int) -> AnpDecoder:
        """A new decoder over the words of `anps`."""
        vocabulary = Vocabulary(sorted({word for anp in anps for word in anp}))
        settings = DecoderSettings(len(vocabulary), dim, dropout=self._dropout, **self._sizes)
        return AnpDecoder(settings, vocabulary, anps, self._noun_first)

    def restore(self, stored: PackModel) -> AnpDecoder:
        """The pack's decoder with the dropout of this run."""
        model = unpack(stored)
        model.decoder.dropout.p = self._dropout
        return model

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> list[ANP]:
        """Some of the example's ANPs, drawn by weight in every epoch; none where none is in the list.

        Where weights count, their sum is how many are drawn, on average and up to the number of draws.
        """
        known = [(anp, weight) for anp, weight in example.label if anp in self.indices]
        if not known:
            return []
        anps, weights = zip(*known, strict=True)
        draws = self._draws
        if self._weights_count:
            draws = min(draws, int(sum(weights) + rng.random()))
        drawn: list[ANP] = rng.choices(anps, weights, k=draws)
        return drawn

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """Cross-entropy over the words and the end, and the doubly stochastic term.

        Balanced, the second word's scores are helped by what is common in the data, and so need not learn it (the
        logit-adjusted loss of Menon et al. 2021): what they learn is what the photograph adds.
        """
        assert isinstance(model, AnpDecoder)
        tokens = torch.full((len(targets), self._draws, 4), model.vocabulary.pad)
        lengths = torch.zeros(len(targets), self._draws, dtype=torch.long)
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
        return sequence_loss(prediction, self._label_smoothing, self._alpha_c)

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
