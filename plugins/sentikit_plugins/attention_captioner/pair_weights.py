"""How much each adjective before a noun is learnt: by how alike the two models' attention at the noun is (4.2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sentikit.evaluation.attention import DISTANCES, blurred, position_debiased
from sentikit.nn.decoder import Prediction

from .pairs import Pair

LARGEST = 5.0
"""What the weight of a pair is clipped at; their mean is 1."""
_LEAST = 1e-12
"""The closeness of maps that are far apart, so that all of a batch may be."""


@dataclass(frozen=True)
class Weighting:
    """What a pair weighs.

    kind: attention; or a control of the same total weight: shuffled (attention's, dealt out at random over the
        batch), noun (the same for all) and one (the same for all nouns, whether or not a tag agrees, which the pairs
        must then be made for).
    distance: of the maps, by its name in `sentikit.evaluation.attention`.
    closeness: exponential, exp(-distance^2 / tau); or linear, the paper's 1 - distance.
    debias: divide the maps by the mean map of their model over the batch.
    """

    kind: str
    distance: str
    closeness: str
    tau: float
    debias: bool

    @torch.no_grad()
    def __call__(
        self, pairs: Sequence[Pair], prediction: Prediction, tagged: Tensor, mean: Tensor, grid: tuple[int, int]
    ) -> Tensor:
        """The weights of `pairs`, without a gradient. They sum to the number of pairs whose noun agrees.

        prediction: of the captions without adjectives, whose attention is taken.
        tagged: where the tagger looked for the noun of each pair ``(pairs, pixels)``; mean: for those of all tags.
        """
        total = sum(pair.agrees for pair in pairs)
        if self.kind in ("noun", "one"):
            return torch.full_like(tagged[:, 0], total / len(pairs))
        maps = prediction.attention.float()
        at_nouns = maps[
            [pair.image for pair in pairs], [pair.caption for pair in pairs], [pair.word_index for pair in pairs]
        ]
        close = self._closeness(at_nouns, tagged, maps[prediction.mask].mean(dim=0), mean, grid)
        weights = with_total(close, total)
        return weights[torch.randperm(len(pairs), device=weights.device)] if self.kind == "shuffled" else weights

    def _closeness(self, own: Tensor, tagged: Tensor, own_mean: Tensor, mean: Tensor, grid: tuple[int, int]) -> Tensor:
        if self.debias:
            own, tagged = position_debiased(own, own_mean), position_debiased(tagged, mean)
        distance = DISTANCES[self.distance](blurred(own, grid), blurred(tagged, grid))
        return 1 - distance if self.closeness == "linear" else torch.exp(-distance.square() / self.tau)


def with_total(weights: Tensor, total: float) -> Tensor:
    """Weights in the same proportions that sum to `total`, at most their number times `LARGEST`.

    None is above `LARGEST`: what that cuts off goes to the others.
    """
    free = weights.float().clamp(min=_LEAST)
    cut = torch.zeros_like(free, dtype=torch.bool)
    while True:
        share = free * ((total - LARGEST * cut.sum()) / free[~cut].sum())
        scaled = torch.where(cut, LARGEST, share)
        if not (scaled > LARGEST).any():
            return scaled.to(weights.dtype)
        cut |= scaled > LARGEST


def noun_maps(maps: Sequence[np.ndarray], device: torch.device) -> Tensor:
    """Where tags were looked at for their nouns: ``(2, height, width)`` each -> ``(tags, pixels)``."""
    return torch.from_numpy(np.stack([attention[1] for attention in maps])).flatten(1).float().to(device)
