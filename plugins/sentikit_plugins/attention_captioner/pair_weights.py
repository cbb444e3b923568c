"""How much each adjective before a noun is learnt: by how alike the two models' attention at the noun is (4.2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sentikit import Tag
from sentikit.nn.attention_maps import DISTANCES, Maps, blurred, divided_by_mean, normalised
from sentikit.nn.decoder import Prediction

from .pairs import Pair

LARGEST = 5.0
"""What the weight of a pair is clipped at; their mean is 1."""
_LEAST = 1e-12
"""The closeness of maps that are far apart, so that all of a batch may be."""
_FLOOR = 1e-3
"""Added to the mean map before maps are divided by it."""


@dataclass(frozen=True)
class Weighting:
    """What a pair weighs.

    kind: attention; or a control of the same total weight: shuffled (attention's, dealt out at random over the
        batch), noun (the same for all) and one (the same for all nouns, whether or not a tag agrees, which the pairs
        must then be made for).
    distance: of the maps, by its name in `sentikit.nn.attention_maps`.
    closeness: exponential, exp(-distance^2 / tau); or linear, the paper's 1 - distance.
    debias: divide the maps by the mean map of their model over the batch.
    """

    kind: str
    distance: str
    closeness: str
    tau: float
    debias: bool

    @torch.no_grad()
    def __call__(self, pairs: Sequence[Pair], prediction: Prediction, tagged: Maps, mean: Maps) -> Tensor:
        """The weights of `pairs`, without a gradient. They sum to the number of pairs whose noun agrees.

        prediction: of the captions without adjectives, whose attention is taken.
        tagged: where the tagger looked for the noun of each pair ``(pairs, height, width)``.
        mean: where it looked for the nouns of all tags, on average ``(height, width)``.
        """
        total = sum(pair.agrees for pair in pairs)
        attention = prediction.attention.float()
        maps = attention.reshape(*attention.shape[:-1], *mean.shape)
        if self.kind in ("noun", "one"):
            return maps.new_full((len(pairs),), total / len(pairs))
        at_nouns = maps[
            [pair.image for pair in pairs], [pair.caption for pair in pairs], [pair.word_index for pair in pairs]
        ]
        own, own_mean = at_nouns.cpu().numpy(), maps[prediction.mask].mean(dim=0).cpu().numpy()
        close = torch.from_numpy(self._closeness(own, tagged, own_mean, mean)).to(maps)
        weights = with_total(close, total)
        return weights[torch.randperm(len(pairs), device=weights.device)] if self.kind == "shuffled" else weights

    def _closeness(self, own: Maps, tagged: Maps, own_mean: Maps, mean: Maps) -> Maps:
        own, tagged = normalised(own), normalised(tagged)
        if self.debias:
            own = divided_by_mean(own, normalised(own_mean), _FLOOR)
            tagged = divided_by_mean(tagged, normalised(mean), _FLOOR)
        distance = DISTANCES[self.distance](blurred(own), blurred(tagged))
        return 1 - distance if self.closeness == "linear" else np.exp(-np.square(distance) / self.tau)


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


def noun_maps(tags: Iterable[Tag]) -> Maps:
    """Where the tagger looked for the nouns of tags that have attention: ``(tags, height, width)``."""
    return np.stack([tag.attention[1] for tag in tags if tag.attention is not None])
