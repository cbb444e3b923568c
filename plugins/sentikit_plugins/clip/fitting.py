"""Fits what the score has: background statistics from photographs of a noun, and coefficients where labels exist."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sentikit import ANP

from .scoring import LEAST_SD, Coefficients, Counted, Moments
from .tagger import PairList
from .text_cache import TextVectors

if TYPE_CHECKING:
    from torch import Tensor

_LEAST_LABELS = 20
"""True pairs, below which three coefficients would be fitted to chance."""
_MOST_ROWS = 500_000
"""Untrue examples that a fit looks at; of more, a random sample stands for all by its weight."""
_RIDGE = 1e-3
_STEPS = 50
_FOLDS = 5


@dataclass(frozen=True, eq=False)
class SeenPhoto:
    """A background photograph.

    vector: its unit vector ``(dim,)``. boxes: those of nouns' boxes, by the noun's number.
    nouns: the numbers of the nouns that its captions name. stated: the pairs that they state.
    """

    vector: Tensor
    boxes: Mapping[int, Tensor]
    nouns: frozenset[int]
    stated: frozenset[ANP]


class Rows(NamedTuple):
    """Examples for a fit: ``(rows, features)`` without the constant; labels, weights and photographs ``(rows,)``."""

    features: Tensor
    labels: Tensor
    weights: Tensor
    photos: Tensor


class Fitted(NamedTuple):
    """Statistics, coefficients (None if there are too few labels), and a report as JSON."""

    of_anps: Counted
    of_nouns: Counted
    by: Coefficients | None
    report: dict[str, Any]


def fit(known: PairList, texts: TextVectors, photos: Sequence[SeenPhoto], strength: float, seed: int) -> Fitted:
    """Statistics of all pairs and nouns over the photographs, and coefficients for what their captions state.

    What is fitted is how probable it is that people who describe the noun use that adjective.
    """
    import torch

    vectors = torch.stack([photo.vector for photo in photos])
    holders: dict[int, list[int]] = {}
    for number, photo in enumerate(photos):
        for noun in photo.nouns:
            holders.setdefault(noun, []).append(number)
    differences = {noun: _differences(known, texts, photos, vectors, noun, rows) for noun, rows in holders.items()}
    of_anps = _count_pairs(known, differences)
    cosines, of_nouns = _count_nouns(texts, vectors)
    report: dict[str, Any] = {"photographs": len(photos), "pairs_seen": int((of_anps.count > 0).sum())}
    rows = _pair_rows(known, photos, holders, differences, of_anps, strength, seed)
    noun_rows = _noun_rows(cosines, of_nouns, holders, strength, seed)
    true = int(rows.labels.sum()) if rows else 0
    report["true_pairs"] = true
    if rows is None or noun_rows is None or true < _LEAST_LABELS or true == len(rows.labels):
        return Fitted(of_anps, of_nouns, None, report)
    alpha, gamma, beta = logistic_regression(rows).tolist()
    noun_alpha, noun_beta = logistic_regression(noun_rows).tolist()
    report |= _held_out(rows)
    return Fitted(of_anps, of_nouns, Coefficients(alpha, beta, gamma, noun_alpha, noun_beta), report)


def logistic_regression(rows: Rows) -> Tensor:
    """The weights of the features and the constant ``(features + 1,)`` by Newton's method, float64."""
    import torch

    inputs = torch.cat([rows.features, torch.ones(len(rows.features), 1, dtype=torch.float64)], dim=1)
    found = torch.zeros(inputs.shape[1], dtype=torch.float64)
    ridge = _RIDGE * torch.eye(len(found), dtype=torch.float64)
    for _ in range(_STEPS):
        likely = (inputs @ found).sigmoid()
        slope = inputs.T @ (rows.weights * (likely - rows.labels)) + ridge @ found
        curve = (inputs.T * (rows.weights * likely * (1 - likely))) @ inputs + ridge
        step = torch.linalg.solve(curve, slope)
        found = found - step.clamp(-2, 2)  # the first step may overshoot where labels are rare
        if float(step.abs().max()) < 1e-8:
            break
    return found


def _differences(
    known: PairList, texts: TextVectors, photos: Sequence[SeenPhoto], vectors: Tensor, noun: int, rows: Sequence[int]
) -> Tensor:
    """d of a noun's pairs in the photographs that hold it ``(photographs, pairs)``, in its boxes if there are any."""
    import torch

    seen = torch.stack([photos[row].boxes.get(noun, vectors[row]) for row in rows])
    return seen @ texts.differences[known.of_noun[noun]].cpu().T


def _count_pairs(known: PairList, differences: Mapping[int, Tensor]) -> Counted:
    import torch

    count, total, squares = (torch.zeros(len(known.anps), dtype=torch.float64) for _ in range(3))
    for noun, table in differences.items():
        own = known.of_noun[noun]
        count[own] = float(len(table))
        total[own] = table.double().sum(dim=0)
        squares[own] = table.double().square().sum(dim=0)
    return Counted(count, total, squares)


def _count_nouns(texts: TextVectors, vectors: Tensor) -> tuple[Tensor, Counted]:
    """The cosines ``(photographs, nouns)`` and their statistics over all photographs."""
    import torch

    cosines = vectors @ texts.nouns.cpu().T
    wide = cosines.double()
    return cosines, Counted(torch.full((wide.shape[1],), float(len(wide))).double(), wide.sum(0), wide.square().sum(0))


def _pair_rows(
    known: PairList,
    photos: Sequence[SeenPhoto],
    holders: Mapping[int, Sequence[int]],
    differences: Mapping[int, Tensor],
    counted: Counted,
    strength: float,
    seed: int,
) -> Rows | None:
    """z and log P(adjective | noun) of the pairs of each noun that a photograph's captions describe.

    Labels: whether a pair is stated. If captions give a noun none of its adjectives, nobody said that these are untrue.
    """
    import torch

    names = sorted({anp.adjective for anp in known.anps})
    place = {name: number for number, name in enumerate(names)}
    groups = torch.tensor([place[anp.adjective] for anp in known.anps])
    moments = counted.shrunk(groups, strength)
    features, labels, owners = [], [], []
    for noun, table in differences.items():
        own = known.of_noun[noun]
        stated = torch.tensor(
            [[known.anps[index] in photos[row].stated for index in own.tolist()] for row in holders[noun]]
        )
        described = stated.any(dim=1)
        z = _leave_one_out(table, counted.count[own], moments.at(own), strength)[described]
        features.append(torch.stack([z, known.log_prior[own].double().expand_as(z)], dim=-1).reshape(-1, 2))
        labels.append(stated[described].double().reshape(-1))
        owners.append(torch.tensor(holders[noun])[described].repeat_interleave(len(own)))
    if not features:
        return None
    return _sampled(torch.cat(features), torch.cat(labels), torch.cat(owners), seed)


def _leave_one_out(table: Tensor, count: Tensor, moments: Moments, strength: float) -> Tensor:
    """z of each photograph against the others: with few of them, a photograph would be its own background.

    The mean without a photograph, shrunk as `moments` are, moves away from it by its share of them.
    """
    share = 1 / (count + strength - 1).clamp(min=1)
    mean = moments.mean.double() + (moments.mean.double() - table.double()) * share
    return (table.double() - mean) / moments.sd.double().clamp(min=LEAST_SD)


def _noun_rows(
    cosines: Tensor, counted: Counted, holders: Mapping[int, Sequence[int]], strength: float, seed: int
) -> Rows | None:
    """z of each noun's cosine in each photograph; labels: whether its captions name the noun."""
    import torch

    if not holders:
        return None
    moments = counted.shrunk(torch.zeros(cosines.shape[1], dtype=torch.int64), strength)
    z = moments.standardise(cosines).double()
    labels = torch.zeros_like(z)
    for noun, rows in holders.items():
        labels[rows, noun] = 1.0
    owners = torch.arange(len(z)).repeat_interleave(z.shape[1])
    return _sampled(z.reshape(-1, 1), labels.reshape(-1), owners, seed)


def _sampled(features: Tensor, labels: Tensor, photos: Tensor, seed: int) -> Rows:
    """All true rows and, of more untrue ones than are needed, a sample that counts for all."""
    import torch

    untrue = (labels == 0).nonzero().flatten()
    weights = torch.ones(len(labels), dtype=torch.float64)
    if len(untrue) <= _MOST_ROWS:
        return Rows(features, labels, weights, photos)
    drawn = torch.tensor(sorted(random.Random(seed).sample(range(len(untrue)), _MOST_ROWS)))
    weights[untrue] = len(untrue) / _MOST_ROWS
    kept = torch.cat([(labels > 0).nonzero().flatten(), untrue[drawn]])
    return Rows(features[kept], labels[kept], weights[kept], photos[kept])


def _held_out(rows: Rows) -> dict[str, float]:
    """The mean negative log-likelihood of photographs that were not fitted to, with and without what they show."""
    blind = rows._replace(features=rows.features[:, 1:])
    return {"held_out_nll": _cross_validated(rows), "held_out_nll_without_photograph": _cross_validated(blind)}


def _cross_validated(rows: Rows) -> float:
    from torch.nn.functional import binary_cross_entropy_with_logits

    total = 0.0
    for fold in range(_FOLDS):
        out = rows.photos % _FOLDS == fold
        *weights, constant = logistic_regression(Rows(*(part[~out] for part in rows))).tolist()
        logits = sum(
            (weight * rows.features[out, number] for number, weight in enumerate(weights)),
            start=rows.features[out, 0] * 0 + constant,
        )
        total += float(
            binary_cross_entropy_with_logits(logits, rows.labels[out], weight=rows.weights[out], reduction="sum")
        )
    mean = total / float(rows.weights.sum())
    return mean if math.isfinite(mean) else 0.0
