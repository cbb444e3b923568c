"""What people usually call a noun, for taggers that have seen few photographs of each ANP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from ..affect.ontology import Ontology
from ..anp import ANP
from ..errors import SentikitError
from .anp_scores import AnpList

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.batches import PackModel

_DOCUMENT = "prior"
_SMOOTHING = 1.0
"""Added to every count: an adjective that was counted once is not ten times as usual as one that never was."""


class AdjectivePrior:
    """Draws P(adjective | noun, image) towards P(adjective | noun), which is counted in what people wrote.

    Of the two the geometric mean is taken, with `weight` for the second. P(noun | image) stays what it was, and so do
    the ANPs that were not counted: those that were share among them what they had together.

    counts: of each of `anps`, None for one that was not counted.
    """

    def __init__(self, anps: Sequence[ANP], counts: Sequence[float | None], weight: float) -> None:
        """Raises ValueError where there is not a count for each ANP, or the weight is not from 0 to 1."""
        if len(counts) != len(anps) or not 0 <= weight <= 1:
            raise ValueError(f"{len(counts)} counts for {len(anps)} ANPs, with the weight {weight}")
        self._counts = list(counts)
        self._weight = weight
        rows = list(AnpList(anps).of_noun.values())
        shares = torch.tensor([float("nan") if count is None else count + _SMOOTHING for count in counts])
        for row in rows:
            shares[row] /= shares[row].nansum()
        self.logs = shares.log()
        """log P(adjective | noun) of each ANP ``(anps,)``, NaN for one that was not counted."""
        width = max(map(len, rows), default=0)
        self._by_noun = torch.tensor([row + [len(anps)] * (width - len(row)) for row in rows])

    @classmethod
    def of_ontology(cls, anps: Sequence[ANP], ontology: Ontology, weight: float) -> AdjectivePrior:
        """From an ontology's counts; ANPs that it does not hold are not counted."""
        entries = ontology.entries
        return cls(anps, [float(entries[anp].count) if anp in entries else None for anp in anps], weight)

    @classmethod
    def of_model(cls, anps: Sequence[ANP], stored: PackModel) -> AdjectivePrior | None:
        """That of a model in a pack, from its `documents`; None where it has none.

        Raises SentikitError where it does not fit the ANPs.
        """
        if (value := stored.documents.get(_DOCUMENT)) is None:
            return None
        try:
            return cls(anps, value["counts"], value["weight"])
        except (KeyError, TypeError, ValueError) as error:
            raise SentikitError(f"{stored.source} has a prior that does not fit its ANPs: {error}.") from None

    def documents(self) -> dict[str, Any]:
        """What a pack keeps of it, by the document's name."""
        return {_DOCUMENT: {"weight": self._weight, "counts": self._counts}}

    def of_table(self, table: Tensor) -> Tensor:
        """Log-probabilities of all ANPs ``(images, anps)``, drawn."""
        places = self._by_noun.to(table.device)
        logs = torch.cat([self.logs, torch.tensor([float("nan")])]).to(table.device)
        drawn = torch.cat([table, table.new_full((len(table), 1), float("-inf"))], dim=1)  # the last one fills up
        drawn[:, places.flatten()] = self.of_nouns(drawn[:, places], logs[places]).flatten(1)
        return drawn[:, :-1]

    def of_nouns(self, scores: Tensor, logs: Tensor) -> Tensor:
        """Log-probabilities of the ANPs of nouns ``(..., nouns, adjectives)``, shrunk towards `logs`, NaN for none."""
        counted = ~logs.isnan()
        nothing = scores.new_tensor(float("-inf"))
        mean = torch.where(counted, (1 - self._weight) * scores + self._weight * logs.nan_to_num(), nothing)
        together = torch.where(counted, scores, nothing).logsumexp(dim=-1, keepdim=True)
        return torch.where(counted, mean - mean.logsumexp(dim=-1, keepdim=True) + together, scores)
