"""What the trainers of taggers share: reading photographs with ANPs, and the scores of `sentikit evaluate tagger`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ..affect.adjective_counts import AdjectiveCounts
from ..affect.ontology import read_ontology
from ..anp import ANP
from ..errors import SentikitError
from ..evaluation.anp_scores import scores_of_distribution
from ..evaluation.tagger_metrics import hit_at_k, macro_recall, pair_top_k, token_accuracy
from ..nn.adjective_prior import AdjectivePrior
from ..nn.anp_model import AnpModel
from ..plugin.batches import Example
from .anp_examples import count_anps, read_anp_examples
from .anp_settings import AnpSettings

if TYPE_CHECKING:
    from ..plugin.batches import PackModel
    from ..plugin.interfaces import Metric

S = TypeVar("S", bound=AnpSettings)

_TOP = (1, 5, 10, 20)


class AnpTask(ABC, Generic[S]):
    """The part of a `Task` that reads the data and validates, for models over a closed list of ANPs."""

    monitor = "macro_recall@5"
    metrics: tuple[str, ...] = ()

    def __init__(self, settings: S) -> None:
        """Raises SentikitError where the ontology of the prior cannot be read."""
        self.settings = settings
        self._prior = None if settings.prior is None else read_ontology(settings.prior)
        self._to_select_on: set[ANP] = set()
        self.indices: dict[ANP, int] = {}
        """Of the ANPs in the model's list."""

    @abstractmethod
    def create(self, anps: Sequence[ANP], dim: int) -> AnpModel:
        """A new model of features of `dim`, without a prior."""

    @abstractmethod
    def restore(self, stored: PackModel) -> AnpModel:
        """The model of a pack, with its prior if it has one."""

    def read(self, path: Path, images: Path | None, split: str) -> list[Example]:
        """Photographs with ANPs: a folder tree, a manifest or a tag file."""
        examples = read_anp_examples(path, images, split)
        if split != "train":
            self._to_select_on = {anp for example in examples for anp, _ in example.label}
        return examples

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """A model over the training data's ANPs, or that of `init` with its ANPs.

        Raises SentikitError where the validation data have none of them.
        """
        model = self.restore(init) if init else self.create(count_anps(train, self.settings.min_count), dim)
        anps = model.anps
        if self._prior is not None:
            counts = AdjectiveCounts.of_ontology(self._prior)
            model.shrink_towards(AdjectivePrior(anps, counts, self.settings.prior_weight))
        self.indices = {anp: index for index, anp in enumerate(anps)}
        learnt = {anp for example in train for anp, _ in example.label}
        for what, found in (("training", learnt), ("validation", self._to_select_on or learnt)):
            if found.isdisjoint(anps):
                raise SentikitError(
                    f"The {what} photographs have none of the {len(anps):,} adjective-noun pairs to learn, such as "
                    f"{anps[0]}."
                )
        return model

    @torch.no_grad()
    def validate(
        self, model: nn.Module, batches: Iterable[tuple[Tensor, list[Example]]], metrics: Mapping[str, Metric]
    ) -> Mapping[str, float]:
        """The pair metric, hits, macro recall (all free-running), and the paper's token metric (teacher-forced)."""
        assert isinstance(model, AnpModel)
        rows: list[np.ndarray] = []
        truth: list[set[ANP]] = []
        for features, examples in batches:
            rows.append(model.shrunk_table(features).double().cpu().numpy())
            truth += [{anp for anp, _ in example.label} for example in examples]
        scores = scores_of_distribution(list(self.indices), np.concatenate(rows), truth)
        if not len(scores.truth):
            raise SentikitError("No validation photograph that can be read has an adjective-noun pair that is learnt.")
        found: dict[str, float] = {}
        for k in _TOP:
            found[f"pair@{k}"] = pair_top_k(scores, k).value
            found[f"hit@{k}"] = hit_at_k(scores, k).value
            found[f"macro_recall@{k}"] = macro_recall(scores, k).value
            found[f"token@{k}"] = token_accuracy(scores, k).tokens
        return found
