"""What the trainers of taggers share: reading photographs with ANPs, and the scores of `sentikit evaluate tagger`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
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
from ..io.messages import count, first, verb_for
from ..nn.adjective_prior import AdjectivePrior
from ..nn.anp_model import AnpModel
from ..plugin.batches import Example
from .anp_examples import common_anps, count_anps, read_anp_examples
from .anp_settings import AnpSettings
from .task import say

if TYPE_CHECKING:
    from ..plugin.batches import PackModel
    from ..plugin.interfaces import Metric

S = TypeVar("S", bound=AnpSettings)

_TOP = (1, 5, 10, 20)
_SHOWN = 10
"""ANPs that a message names."""


class AnpTask(ABC, Generic[S]):
    """The part of a `Task` that reads the data and validates, for models over a closed list of ANPs."""

    monitor = "macro_recall@5"
    metrics: tuple[str, ...] = ()

    def __init__(self, settings: S) -> None:
        """Raises SentikitError where the ontology of the prior cannot be read."""
        self.settings = settings
        self._prior = None if settings.prior is None else read_ontology(settings.prior)
        self._to_select_on: Counter[ANP] = Counter()
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
            self._to_select_on = count_anps(examples)
        return examples

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """A model over the training data's ANPs, or that of `init` with its own ANPs and those.

        ANPs that are not learnt are named. Raises SentikitError where the validation data have no other.
        """
        counts = count_anps(train)
        if init:
            model = self.restore(init)
            init.check_dim(model.dim, dim)
            model = self._with_new(model, counts)
        else:
            model = self.create(common_anps(counts, self.settings.min_count), dim)
        anps = model.anps
        self._name_left_out(set(anps), counts)
        self._choose_monitor(len(anps))
        if self._prior is not None:
            prior = AdjectivePrior(anps, AdjectiveCounts.of_ontology(self._prior), self.settings.prior_weight)
            model.shrink_towards(prior)
        self.indices = {anp: index for index, anp in enumerate(anps)}
        for what, found in (("training", counts), ("validation", self._to_select_on or counts)):
            if found.keys().isdisjoint(anps):
                raise SentikitError(
                    f"The {what} photographs have none of the {len(anps):,} adjective-noun pairs to learn, such as "
                    f"{anps[0]}."
                )
        return model

    def _with_new(self, model: AnpModel, counts: Counter[ANP]) -> AnpModel:
        """A pack's model with the ANPs of the training data that it does not know yet, if there are any."""
        known = set(model.anps)
        new = sorted(anp for anp, number in counts.items() if number >= self.settings.min_count and anp not in known)
        if not new:
            return model
        say(
            f"{count(len(new), 'adjective-noun pair')} of the training photographs {verb_for(len(new), 'is', 'are')} "
            f"new to the pack's {len(known):,} and {verb_for(len(new), 'is', 'are')} added: {_named(new, counts)}."
        )
        return model.with_anps(new)

    def _name_left_out(self, learnt: set[ANP], counts: Counter[ANP]) -> None:
        """Say which ANPs of the data are not learnt, and why."""
        if rare := sorted(counts.keys() - learnt):
            say(
                f"{count(len(rare), 'adjective-noun pair')} with fewer than {self.settings.min_count} training "
                f"photographs {verb_for(len(rare), 'is', 'are')} left out (--min-count): {_named(rare, counts)}."
            )
        if unseen := sorted(self._to_select_on.keys() - learnt - counts.keys()):
            say(
                f"{count(len(unseen), 'adjective-noun pair')} of the validation photographs cannot be learnt, as no "
                f"training photograph has {verb_for(len(unseen), 'it', 'them')}: {_named(unseen, self._to_select_on)}."
            )

    def _choose_monitor(self, anps: int) -> None:
        """Select the best epoch by a score that is not 1 whatever the model does."""
        self.monitor = type(self).monitor
        name, _, k = self.monitor.partition("@")
        if not k.isdecimal() or int(k) < anps:
            return
        self.monitor = f"{name}@{max((top for top in _TOP if top < anps), default=1)}"
        then = f"so the best epoch is selected by {self.monitor}" if anps > 1 else "so the first epoch is the best"
        say(f"With {count(anps, 'adjective-noun pair')}, {type(self).monitor} is always 1, {then}.")

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
        if any(np.isnan(table).any() for table in rows):
            raise SentikitError("The model's scores are no longer numbers: lower --lr.")
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


def _named(anps: Sequence[ANP], counts: Counter[ANP]) -> str:
    """``misty morning (3 photographs), ...``"""
    return first([f"{anp} ({count(counts[anp], 'photograph')})" for anp in anps], _SHOWN, ", ")
