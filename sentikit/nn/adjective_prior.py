"""P(adjective | noun) as a prior, for taggers that have seen few photographs of each ANP."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import torch

from ..affect.adjective_counts import AdjectiveCounts
from ..anp import ANP
from ..errors import SentikitError
from ..io.messages import show
from .anp_scores import AnpList

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.batches import PackModel

LARGEST_TABLE = 2**26
"""Entries of a table of nouns and adjectives."""
_DOCUMENT = "prior"
_SMOOTHING = 1.0
"""Laplace's: an adjective that was counted once is not ten times as common as one that never was."""


class AdjectivePrior:
    """Shrinks P(adjective | noun, image) towards P(adjective | noun) of counts.

    Of the two the geometric mean is taken, with `weight` for the second. P(noun | image) stays what it was, and so do
    the ANPs that were not counted: those that were share among them what they had together.

    counts: of the ANPs that were counted; those outside `anps` are passed over.
    """

    def __init__(self, anps: Sequence[ANP], counts: AdjectiveCounts, weight: float) -> None:
        """Raises ValueError where the weight is not from 0 to 1, or the ANPs are too many."""
        if not 0 <= weight <= 1:
            raise ValueError(f"the weight {weight} is not from 0 to 1")
        self._anps = tuple(anps)
        self._counts = AdjectiveCounts({anp: counts[anp] for anp in anps if anp in counts})
        self._weight = weight
        shares = [self._counts.given_noun(anp, _SMOOTHING) if anp in self._counts else float("nan") for anp in anps]
        self.logs = torch.tensor(shares).log()
        """log P(adjective | noun) of each ANP ``(anps,)``, NaN for one that was not counted."""
        rows = list(AnpList(anps).of_noun.values())
        width = max(map(len, rows), default=0)
        if len(rows) * width > LARGEST_TABLE:
            raise ValueError(f"{len(rows):,} nouns, one of them with {width:,} adjectives, are too many for a table")
        self._by_noun = torch.tensor([row + [len(anps)] * (width - len(row)) for row in rows])

    @classmethod
    def of_model(cls, anps: Sequence[ANP], stored: PackModel) -> AdjectivePrior | None:
        """That of a model in a pack, from its `documents`; None where it has none.

        Raises SentikitError where it does not fit the ANPs.
        """
        if (value := stored.documents.get(_DOCUMENT)) is None:
            return None
        try:
            counts = value["counts"]
            if len(counts) != len(anps):
                raise ValueError(f"{len(counts)} counts for {len(anps)} ANPs")
            if wrong := [count for count in counts if count is not None and not _is_count(count)]:
                raise ValueError(f"{show(wrong[0])} is not a count")
            counted = {anp: count for anp, count in zip(anps, counts, strict=True) if count is not None}
            return cls(anps, AdjectiveCounts(counted), value["weight"])
        except (KeyError, TypeError, ValueError) as error:
            source = stored.document_source(_DOCUMENT)
            raise SentikitError(f"{source} is a prior that does not fit its model's ANPs: {error}.") from None

    def over(self, anps: Sequence[ANP]) -> AdjectivePrior:
        """The same counts over another list of ANPs."""
        return AdjectivePrior(anps, self._counts, self._weight)

    def documents(self) -> dict[str, Any]:
        """What a pack keeps of it, by the document's name: a count for each ANP, None for one that was not counted."""
        counts = [float(self._counts[anp]) if anp in self._counts else None for anp in self._anps]
        return {_DOCUMENT: {"weight": self._weight, "counts": counts}}

    def of_table(self, table: Tensor) -> Tensor:
        """Log-probabilities of all ANPs ``(images, anps)``, shrunk."""
        indices = self._by_noun.to(table.device)
        logs = torch.cat([self.logs, torch.tensor([float("nan")])]).to(table.device)
        shrunk = torch.cat([table, table.new_full((len(table), 1), float("-inf"))], dim=1)  # the last one fills up
        shrunk[:, indices.flatten()] = self.of_nouns(shrunk[:, indices], logs[indices]).flatten(1)
        return shrunk[:, :-1]

    def of_nouns(self, scores: Tensor, logs: Tensor) -> Tensor:
        """Log-probabilities of the ANPs of nouns ``(..., nouns, adjectives)``, shrunk towards `logs`, NaN for none."""
        counted = ~logs.isnan()
        nothing = scores.new_tensor(float("-inf"))
        mean = torch.where(counted, (1 - self._weight) * scores + self._weight * logs.nan_to_num(), nothing)
        together = torch.where(counted, scores, nothing).logsumexp(dim=-1, keepdim=True)
        return torch.where(counted, mean - mean.logsumexp(dim=-1, keepdim=True) + together, scores)


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf
