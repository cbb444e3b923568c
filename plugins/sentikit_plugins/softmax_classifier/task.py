"""What the softmax classifier learns: the ANPs of a photograph, by their weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from sentikit import ANP, Example, PackModel
from sentikit.affect.ontology import read_ontology
from sentikit.training.anp_task import AnpTask

from .model import SoftmaxClassifier
from .packing import pack_model, unpack
from .settings import SoftmaxSettings


class SoftmaxTask(AnpTask[SoftmaxSettings]):
    """See `sentikit.training.task.Task`."""

    model = "softmax"
    _log_prior: Tensor | None = None

    def __init__(self, settings: SoftmaxSettings) -> None:
        super().__init__(settings)
        only = settings.logit_adjustment_only
        self._balanced = None if only is None else set(read_ontology(only))

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """See `AnpTask`. To be balanced, the model must know how common each class is."""
        model = super().build(train, dim, init)
        if strength := self.settings.logit_adjustment:
            weights = torch.zeros(len(self.indices))
            for example in train:
                for index, weight in self.target(example, random.Random(0), False).items():
                    weights[index] += weight
            self._log_prior = strength * self._log_shares(weights / weights.sum())
        return model

    def _log_shares(self, shares: Tensor) -> Tensor:
        """How common each class is, of those that are balanced, around their mean; 0 for the others."""
        logs = shares.clamp(min=1e-6).log()
        if self._balanced is None:
            return logs
        balanced = torch.tensor([anp in self._balanced for anp in self.indices])
        mean = (shares * logs)[balanced].sum() / shares[balanced].sum().clamp(min=1e-6)
        return torch.where(balanced, logs - mean, 0.0)

    def create(self, anps: Sequence[ANP], dim: int) -> SoftmaxClassifier:
        """A new layer."""
        own = self.settings
        return SoftmaxClassifier(dim, anps, own.pooling, own.dropout, own.share_words)

    def restore(self, stored: PackModel) -> SoftmaxClassifier:
        """The pack's layer with the dropout of this run."""
        model = unpack(stored)
        model.dropout.p = self.settings.dropout
        return model

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> dict[int, float]:
        """The weights of the example's ANPs that are classes, by index; they sum to 1, unless weights count."""
        known = {self.indices[anp]: weight for anp, weight in example.label if anp in self.indices}
        total = 1.0 if self.settings.weights_count else sum(known.values())
        return {index: weight / total for index, weight in known.items()}

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """Over the photographs with a class: cross-entropy to their weights, or the multi-label soft margin."""
        scores = model(features).float()
        wanted = torch.zeros(scores.shape)
        for row, weights in enumerate(targets):
            for index, weight in weights.items():
                wanted[row, index] = weight
        labelled = wanted.sum(dim=1) > 0
        scores, wanted = scores[labelled.to(scores.device)], wanted[labelled].to(scores.device)
        if self.settings.loss == "multilabel-soft-margin":
            # torch takes the mean over the classes first, as the paper does.
            loss = functional.multilabel_soft_margin_loss(scores, (wanted > 0).float(), reduction="sum")
        else:
            if self._log_prior is not None:  # the logit-adjusted loss of Menon et al. 2021
                scores = scores + self._log_prior.to(scores.device)
            smoothing = self.settings.label_smoothing
            loss = functional.cross_entropy(scores, wanted, reduction="sum", label_smoothing=smoothing)
        return loss, len(scores)

    def to_pack(self, model: nn.Module) -> PackModel:
        """The layer and its ANPs."""
        assert isinstance(model, SoftmaxClassifier)
        return pack_model(model)
