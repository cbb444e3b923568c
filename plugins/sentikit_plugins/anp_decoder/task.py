"""What the ANP decoder learns: one ANP of a photograph as a sequence of two words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sentikit import ANP
from sentikit.nn.decoder import DecoderSettings
from sentikit.nn.vocabulary import Vocabulary
from sentikit.pack import PackModel
from sentikit.training.anp_task import AnpTask
from sentikit.training.sequence_loss import sequence_loss
from sentikit.training.task import Example, check_number

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
    ) -> None:
        super().__init__(min_count)
        check_number("alpha-c", alpha_c)
        check_number("dropout", dropout, below=1)
        check_number("size", size, low=1)
        check_number("label-smoothing", label_smoothing, below=1)
        self._noun_first = noun_first
        self._alpha_c = alpha_c
        self._dropout = dropout
        self._sizes: dict[str, Any] = {"embedding": size, "attention": size, "hidden": size, "project": project}
        self._label_smoothing = label_smoothing

    def create(self, anps: Sequence[ANP], dim: int) -> AnpDecoder:
        """A new decoder over the words of `anps`."""
        vocabulary = Vocabulary(sorted({word for anp in anps for word in anp}))
        settings = DecoderSettings(len(vocabulary), dim, dropout=self._dropout, **self._sizes)
        return AnpDecoder(settings, vocabulary, anps, self._noun_first)

    def restore(self, stored: PackModel) -> tuple[AnpDecoder, Sequence[ANP]]:
        """The pack's decoder with the dropout of this run."""
        model = unpack(stored)
        model.decoder.dropout.p = self._dropout
        return model, model.anps

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> ANP | None:
        """One of the example's ANPs, drawn by weight in every epoch; None where none is in the list."""
        known = [(anp, weight) for anp, weight in example.label if anp in self.places]
        if not known:
            return None
        anps, weights = zip(*known, strict=True)
        drawn: ANP = rng.choices(anps, weights)[0]
        return drawn

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """Cross-entropy over the words and the end, and the doubly stochastic term."""
        assert isinstance(model, AnpDecoder)
        tokens = torch.full((len(targets), 4), model.vocabulary.pad)
        for row, anp in enumerate(targets):
            if anp is not None:
                tokens[row] = torch.tensor(model.vocabulary.encode(model.ordered(anp)))
        lengths = torch.tensor([0 if anp is None else 4 for anp in targets])
        prediction = model.decoder(features, tokens.to(features.device), lengths.to(features.device))
        return sequence_loss(prediction, self._label_smoothing, self._alpha_c)

    def log_probabilities(self, model: nn.Module, features: Tensor) -> Tensor:
        """The decoder's whole table."""
        assert isinstance(model, AnpDecoder)
        return model.table(features)

    def entry(self, model: nn.Module) -> PackModel:
        """The decoder, its words and its ANPs."""
        assert isinstance(model, AnpDecoder)
        return pack_model(model)
