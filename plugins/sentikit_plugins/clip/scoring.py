"""The score of an adjective given a noun: pure functions over tensors.

d = mean over templates of cos(photo, "adjective noun") - cos(photo, "noun"), in float32. A pair's d means nothing by
itself: "old house" may lie nearer to every photograph of a house than "cosy house" does. So it is standardised over
background photographs of the noun, z = (d - mean) / sd, and the score is

    sigmoid(alpha z + beta + gamma log P(adjective | noun)),   *no adjective* being at 0.

The model's own logit scale and bias are not used. CLIP's scale of 100 makes softmaxes overconfident, and SigLIP's bias
belongs to whole captions among thousands of others; both would only pretend to be probabilities here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LEAST_SD = 1e-4
"""Cosines are not known better than that."""


@dataclass(frozen=True)
class Coefficients:
    """What turns standardised differences into scores. The defaults were chosen by hand, not fitted to anything:

    an adjective must stand two standard deviations above its background before it beats *no adjective*, and a noun
    that is no likelier than in any photograph scores .27.
    """

    alpha: float = 1.0
    beta: float = -2.0
    gamma: float = 0.0
    noun_alpha: float = 1.0
    noun_beta: float = -1.0


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and standard deviation of each pair's d or each noun's cosine, ``(pairs,)`` or ``(nouns,)``."""

    mean: Tensor
    sd: Tensor

    def standardise(self, values: Tensor) -> Tensor:
        """``(..., pairs)`` -> z."""
        return (values - self.mean) / self.sd

    def at(self, indices: Tensor) -> Moments:
        """Those of some pairs."""
        return Moments(self.mean[..., indices], self.sd[..., indices])


@dataclass(frozen=True, eq=False)
class Counted:
    """What was seen in background photographs: how many, their sum and their sum of squares, float64 ``(pairs,)``."""

    count: Tensor
    total: Tensor
    squares: Tensor

    def shrunk(self, groups: Tensor, strength: float) -> Moments:
        """Moments of each pair, shrunk towards those of its group (its adjective), and these towards those of all.

        groups: the group's number of each pair. strength: a pair with so many photographs is shrunk by half.
        """
        import torch

        ones = torch.ones(1, dtype=torch.float64)
        everything = Counted(*(part.sum().reshape(1) for part in (self.count, self.total, self.squares)))
        mean, var = everything._shrunk(0 * ones, ones, 0.0)
        number = int(groups.max()) + 1 if len(groups) else 0
        grouped = Counted(*(_sums(part, groups, number) for part in (self.count, self.total, self.squares)))
        mean, var = grouped._shrunk(mean.expand(number), var.expand(number), strength)
        mean, var = self._shrunk(mean[groups], var[groups], strength)
        return Moments(mean.float(), var.sqrt().clamp(min=LEAST_SD).float())

    def _shrunk(self, mean: Tensor, var: Tensor, strength: float) -> tuple[Tensor, Tensor]:
        seen = self.count.clamp(min=1)
        own = self.total / seen
        own_var = (self.squares / seen - own**2).clamp(min=0)
        weight = self.count / (self.count + strength) if strength else (self.count > 0).double()
        return weight * own + (1 - weight) * mean, weight * own_var + (1 - weight) * var


def within_photo(values: Tensor) -> Moments:
    """Without background photographs: mean and sd over the list in the same photograph, ``(batch, 1)``.

    Scores then only compare what the list says about one photograph.
    """
    mean = values.mean(dim=-1, keepdim=True)
    sd = (values - mean).square().mean(dim=-1, keepdim=True).sqrt()
    return Moments(mean, sd.clamp(min=LEAST_SD))


def adjective_logits(z: Tensor, log_prior: Tensor, by: Coefficients) -> Tensor:
    """The log-odds of adjectives against *no adjective*, which is at 0."""
    return by.alpha * z + by.beta + by.gamma * log_prior


def noun_logits(z: Tensor, by: Coefficients) -> Tensor:
    """The log-odds that the noun is in the photograph."""
    return by.noun_alpha * z + by.noun_beta


def _sums(values: Tensor, groups: Tensor, number: int) -> Tensor:
    import torch

    return torch.zeros(number, dtype=torch.float64).index_add_(0, groups, values.double())
