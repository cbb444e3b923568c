"""The metrics of taggers: pure functions of `ANPScores`, one for each figure, wherever it is printed.

Where several ANPs have the same score, a metric is its mean over the orders they could stand in. So a tagger that
says the same of everything gets what chance gives it.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from ..anp import ANP
from .anp_scores import ANPScores, Booleans, Floats, Integers
from .tables import Estimate

_ROWS = 2048
"""So many rows are compared at once, which bounds the memory."""


class TokenAccuracy(NamedTuple):
    """The paper's token metric (section 5.4), and the three decisions that it is the mean of."""

    tokens: float
    adjective: float
    noun_given_adjective: float
    end: float


class AdjectiveAUC(NamedTuple):
    """How well an adjective's photos are told from other photos of the same nouns; 0.5 is chance."""

    auc: float
    positives: int


class Confusion(NamedTuple):
    """How often `named` was an image's best ANP where `true` was right and it was not."""

    true: ANP
    named: ANP
    images: int


def pair_accuracy(scores: ANPScores, k: int) -> Floats:
    """The pair metric: the chance that each true ANP is among its image's `k` best, ``(pairs,)``.

    Free-running and exact: the ANPs of the whole list are ranked by log P(adjective) + log P(noun | adjective).
    """
    images, anps = scores.pairs
    return _in_top(scores.log_probabilities, images, anps, k)


def token_accuracy(scores: ANPScores, k: int) -> TokenAccuracy:
    """The paper's token metric: a true ANP is three decisions, each scored given the true tokens before it.

    P(adjective) is the sum over its nouns, and P(noun | adjective) is ranked among the adjective's nouns. The third
    decision, the end, is always right over a closed list of pairs: a third of the score is free.
    """
    images, anps = scores.pairs
    adjective = _in_top(scores.adjective_log_probabilities(), images, scores.adjective_of[anps], k).mean()
    noun = np.zeros(len(anps))
    for index in np.unique(scores.adjective_of[anps]):
        columns = np.flatnonzero(scores.adjective_of == index)
        own = scores.adjective_of[anps] == index
        table = scores.log_probabilities[:, columns]
        noun[own] = _in_top(table, images[own], np.searchsorted(columns, anps[own]), k)
    parts = (float(adjective), float(noun.mean()), 1.0)
    return TokenAccuracy(sum(parts) / 3, *parts)


def pair_top_k(scores: ANPScores, k: int, samples: int = 0, seed: int = 0) -> Estimate:
    """The share of (image, true ANP) pairs whose ANP is among the image's `k` best."""
    images, anps = scores.pairs
    return _mean(scores, pair_accuracy(scores, k), images, np.ones(len(anps)), samples, seed)


def hit_at_k(scores: ANPScores, k: int, samples: int = 0, seed: int = 0) -> Estimate:
    """The share of images with at least one true ANP among the `k` best."""
    table = scores.log_probabilities
    best = np.where(scores.truth, table, -np.inf).max(axis=1, keepdims=True)
    above = (table > best).sum(axis=1)
    level = table == best
    ties, true_ties = level.sum(axis=1), (level & scores.truth).sum(axis=1)
    slots = np.clip(k - above, 0, ties)
    missed = np.ones(len(table))  # the chance that none of the tied true ANPs gets one of the slots
    for drawn in range(int(true_ties.max(initial=0))):
        still = np.clip(ties - slots - drawn, 0, None) / np.maximum(ties - drawn, 1)
        missed *= np.where(drawn < true_ties, still, 1.0)
    hits = np.where(np.isneginf(best[:, 0]), 0.0, 1 - missed)
    return _mean(scores, hits, np.arange(len(hits)), np.ones(len(hits)), samples, seed)


def macro_recall(scores: ANPScores, k: int, samples: int = 0, seed: int = 0) -> Estimate:
    """Recall@k of each ANP that is true of an image, averaged over the ANPs, so that rare ones count alike.

    That is the pair metric with a pair weighted by one over the number of its ANP's images.
    """
    images, anps = scores.pairs
    return _mean(scores, pair_accuracy(scores, k), images, 1 / scores.truth.sum(axis=0)[anps], samples, seed)


def adjective_accuracy(scores: ANPScores) -> float:
    """The share of images whose best ANP has the adjective of a true one."""
    return _word_accuracy(scores, scores.adjective_of)


def noun_accuracy(scores: ANPScores) -> float:
    """The share of images whose best ANP has the noun of a true one."""
    return _word_accuracy(scores, scores.noun_of)


def adjective_auc(scores: ANPScores) -> dict[str, AdjectiveAUC]:
    """For each adjective, how well P(adjective | noun, image) tells its photos from others *that hold the noun*.

    A photo with the ANP is set against every photo that holds its noun and not the ANP; the AUC is its share of wins,
    averaged over such photos. What sees no image gets 0.5. An adjective that is a noun's only one is left out there.
    """
    wins, rows_adjective, _ = _wins_among_noun(scores)
    return {
        scores.adjective_list[index]: AdjectiveAUC(
            float(wins[rows_adjective == index].mean()), int((rows_adjective == index).sum())
        )
        for index in np.unique(rows_adjective)
    }


def pooled_auc(scores: ANPScores, samples: int = 0, seed: int = 0) -> Estimate | None:
    """The AUC of `adjective_auc` over the photos of all adjectives; None where there is nothing to compare."""
    wins, _, images = _wins_among_noun(scores)
    if not len(wins):
        return None
    return _mean(scores, wins, images, np.ones(len(wins)), samples, seed)


def calibration_error(scores: ANPScores, bins: int = 15) -> float:
    """ECE: by how much the best ANP's probability misses how often it is true, over bins of equal width."""
    confidence = np.exp(scores.log_probabilities.max(axis=1))
    right = (_best(scores) * scores.truth).sum(axis=1)
    of_bin = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(of_bin, confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def confusions(scores: ANPScores, limit: int = 10) -> list[Confusion]:
    """The most frequent (true, named) pairs of images whose best ANP is not true; of equal ones the first is named."""
    best = scores.log_probabilities.argmax(axis=1)
    rows = np.arange(len(best))
    wrong = ~scores.truth[rows, best] & ~np.isneginf(scores.log_probabilities[rows, best])
    images, anps = scores.pairs
    counted = Counter(
        (scores.anps[true], scores.anps[best[image]]) for image, true in zip(images, anps, strict=True) if wrong[image]
    )
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(true, named, count) for (true, named), count in ordered[:limit]]


def _in_top(table: Floats, rows: Integers, targets: Integers, k: int) -> Floats:
    """The chance that column `targets` is among the `k` highest of each of `rows`, ``(rows,)``."""
    chances = np.zeros(len(rows))
    for start in range(0, len(rows), _ROWS):
        part = slice(start, start + _ROWS)
        values = table[rows[part]]
        own = values[np.arange(len(values)), targets[part]][:, None]
        above, ties = (values > own).sum(axis=1), (values == own).sum(axis=1)
        chances[part] = np.where(np.isneginf(own[:, 0]), 0.0, np.clip((k - above) / ties, 0.0, 1.0))
    return chances


def _best(scores: ANPScores) -> Floats:
    """A weight for each image's best ANP: 1, or its share where several are best, ``(images, anps)``."""
    highest = scores.log_probabilities.max(axis=1, keepdims=True)
    level = (scores.log_probabilities == highest) & ~np.isneginf(highest)
    weights: Floats = level / np.maximum(level.sum(axis=1, keepdims=True), 1)
    return weights


def _word_accuracy(scores: ANPScores, word_of: Integers) -> float:
    images, anps = scores.pairs
    right: Booleans = np.zeros((len(scores.truth), int(word_of.max()) + 1), dtype=np.bool_)
    right[images, word_of[anps]] = True
    return float((_best(scores) * right[:, word_of]).sum(axis=1).mean())


def _wins_among_noun(scores: ANPScores) -> tuple[Floats, Integers, Integers]:
    """Each true ANP's share of wins over the other photos of its noun, with the adjective's and the image's index."""
    table = scores.adjective_given_noun()
    choices = np.bincount(scores.noun_of)
    wins: list[Floats] = [np.zeros(0)]
    adjectives: list[Integers] = [np.zeros(0, dtype=np.int64)]
    images: list[Integers] = [np.zeros(0, dtype=np.int64)]
    for anp in np.flatnonzero(scores.truth.any(axis=0)):
        noun = scores.noun_of[anp]
        positives = np.flatnonzero(scores.truth[:, anp])
        others = np.sort(table[scores.nouns[:, noun] & ~scores.truth[:, anp], anp])
        if choices[noun] < 2 or not len(others):
            continue
        below, not_above = (np.searchsorted(others, table[positives, anp], side) for side in ("left", "right"))
        wins.append((below + not_above) / (2 * len(others)))
        adjectives.append(np.full(len(positives), scores.adjective_of[anp]))
        images.append(positives)
    return np.concatenate(wins), np.concatenate(adjectives), np.concatenate(images)


def _mean(scores: ANPScores, values: Floats, images: Integers, weights: Floats, samples: int, seed: int) -> Estimate:
    """The weighted mean of values that belong to images, with an interval from drawing the images anew."""
    count = len(scores.truth)
    sums = np.bincount(images, values * weights, minlength=count).astype(np.float64)
    totals = np.bincount(images, weights, minlength=count).astype(np.float64)
    value = float(sums.sum() / totals.sum())
    if not samples:
        return Estimate(value)
    generator = np.random.default_rng(seed)
    means: list[float] = []
    for _ in range(samples):
        drawn = generator.integers(count, size=count)
        if total := totals[drawn].sum():
            means.append(float(sums[drawn].sum() / total))
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
