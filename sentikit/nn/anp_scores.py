"""Scores over a closed list of ANPs: what a tagger that knows them all at once answers a scorer's questions with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..anp import ANP, Tag

if TYPE_CHECKING:
    from torch import Tensor


class AnpList:
    """A closed list of ANPs, with the indices of each noun's."""

    def __init__(self, anps: Sequence[ANP]) -> None:
        self.anps = tuple(anps)
        self.indices: Mapping[ANP, int] = {anp: index for index, anp in enumerate(self.anps)}
        self.of_noun: dict[str, list[int]] = {}
        for index, anp in enumerate(self.anps):
            self.of_noun.setdefault(anp.noun, []).append(index)

    def __len__(self) -> int:
        return len(self.anps)


class TableScorer:
    """A `Scorer` over log-probabilities ``(images, anps)``: P(adjective | noun) by renormalising over the noun's."""

    def __init__(self, known: AnpList, table: Tensor) -> None:
        self._known = known
        self._table = table

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`."""
        indices = self._known.indices
        return [
            [row[indices[anp]] if anp in indices else float("-inf") for anp in wanted]
            for row, wanted in zip(self._table.tolist(), anps, strict=True)
        ]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`."""
        return [[self._ranked(row, noun) for noun in wanted] for row, wanted in zip(self._table, nouns, strict=True)]

    def _ranked(self, row: Tensor, noun: str) -> list[Tag]:
        indices = self._known.of_noun.get(noun, [])
        if not indices:
            return []
        probabilities = row[indices].softmax(dim=0).tolist()
        tags = [Tag(self._known.anps[index], value) for index, value in zip(indices, probabilities, strict=True)]
        return sorted(tags, key=lambda tag: -(tag.probability or 0.0))


def top_tags(known: AnpList, table: Tensor, top_k: int) -> list[list[Tag]]:
    """The `top_k` most probable tags of log-probabilities ``(images, anps)``, best first; NaN stays NaN."""
    values, indices = table.topk(min(top_k, len(known)), dim=-1)
    return [
        [Tag(known.anps[index], min(value, 1.0)) for index, value in zip(*row, strict=True)]
        for row in zip(indices.tolist(), values.exp().tolist(), strict=True)
    ]
