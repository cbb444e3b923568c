"""What taggers said of images, over a closed list of ANPs, beside what is true; and the baselines they are held to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..affect.adjective_counts import AdjectiveCounts
from ..anp import ANP, Tag

if TYPE_CHECKING:
    from ..plugin.batches import ImageBatch
    from ..plugin.interfaces import ScoringTagger

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


class Knowledge(Enum):
    """How much is known of what a tagger thinks."""

    DISTRIBUTION = "the log-probability of every ANP"
    PROBABILITIES = "the probabilities of the best ANPs"
    RANKS = "the order of the best ANPs"


@dataclass(frozen=True, eq=False)
class ANPScores:
    """A tagger's scores and the truth.

    anps: the closed list, each once.
    log_probabilities: ``(images, anps)``; ``-inf`` for an ANP that the tagger did not name, which is never counted as
        named. Where only ranks are known, minus the rank.
    truth: ``(images, anps)``, True where the image has the ANP. Every image has at least one.
    knowledge: what the scores are good for.
    listed: at most so many ANPs of an image have a score.
    nouns: ``(images, distinct nouns)``, True where the image holds the noun, with any adjective or none.
    """

    anps: tuple[ANP, ...]
    log_probabilities: Floats
    truth: Booleans
    knowledge: Knowledge
    listed: int
    nouns: Booleans

    @cached_property
    def adjective_list(self) -> list[str]:
        """The distinct adjectives, sorted."""
        return sorted({anp.adjective for anp in self.anps})

    @cached_property
    def noun_list(self) -> list[str]:
        """The distinct nouns, sorted."""
        return sorted({anp.noun for anp in self.anps})

    @cached_property
    def adjective_of(self) -> Integers:
        """``(anps,)``: the index of each ANP's adjective in `adjective_list`."""
        return _indices([anp.adjective for anp in self.anps], self.adjective_list)

    @cached_property
    def noun_of(self) -> Integers:
        """``(anps,)``: the index of each ANP's noun in `noun_list`."""
        return _indices([anp.noun for anp in self.anps], self.noun_list)

    @cached_property
    def pairs(self) -> tuple[Integers, Integers]:
        """The (image, true ANP) pairs: the images' rows and the ANPs' columns, ``(pairs,)`` each."""
        images, anps = np.nonzero(self.truth)
        return images, anps

    def adjective_log_probabilities(self) -> Floats:
        """log P(adjective | image), ``(images, adjectives)``: summed over the nouns."""
        return _log_sums(self.log_probabilities, self.adjective_of)

    def noun_log_probabilities(self) -> Floats:
        """log P(noun | image), ``(images, nouns)``: summed over the adjectives."""
        return _log_sums(self.log_probabilities, self.noun_of)

    def adjective_given_noun(self) -> Floats:
        """log P(adjective | noun, image) of each ANP, ``(images, anps)``."""
        nouns = self.noun_log_probabilities()[:, self.noun_of]
        return np.where(np.isneginf(nouns), -np.inf, self.log_probabilities - np.where(np.isneginf(nouns), 0, nouns))


def scores_of_distribution(
    anps: Sequence[ANP],
    log_probabilities: Floats,
    truth: Sequence[Collection[ANP]],
    nouns: Sequence[Collection[str]] | None = None,
    untrue: bool = False,
) -> ANPScores:
    """Scores of a tagger that gives every ANP of a closed list a log-probability ``(images, anps)``.

    truth: the true ANPs of each image. Those outside the list are left out, and so are images without any other.
    nouns: the nouns that each image holds. By default those of its true ANPs, which are always among them.
    untrue: keep images without a true ANP that hold a noun: what photographs with the ANP are told from.
    Raises ValueError where the shapes do not fit or an ANP is in the list twice.
    """
    if log_probabilities.shape != (len(truth), len(anps)):
        raise ValueError(f"{log_probabilities.shape} log-probabilities for {len(truth)} images and {len(anps)} ANPs")
    if len(set(anps)) != len(anps):
        raise ValueError("an ANP is in the list twice")
    if np.isnan(log_probabilities).any():
        raise ValueError("some log-probabilities are not numbers")
    table = _membership(truth, {anp: index for index, anp in enumerate(anps)})
    noun_indices = {noun: index for index, noun in enumerate(sorted({anp.noun for anp in anps}))}
    held = [{anp.noun for anp in anps_of_image} for anps_of_image in truth]
    if nouns is not None:
        held = [own | set(others) for own, others in zip(held, nouns, strict=True)]
    holds = _membership(held, noun_indices)
    kept = table.any(axis=1) | (untrue & holds.any(axis=1))
    return ANPScores(
        anps=tuple(anps),
        log_probabilities=np.asarray(log_probabilities, dtype=np.float64)[kept],
        truth=table[kept],
        knowledge=Knowledge.DISTRIBUTION,
        listed=len(anps),
        nouns=holds[kept],
    )


def scores_of_tags(
    tags: Sequence[Sequence[Tag]],
    truth: Sequence[Collection[ANP]],
    others: Iterable[ANP] = (),
    *,
    only: Collection[ANP] | None = None,
    nouns: Sequence[Collection[str]] | None = None,
    untrue: bool = False,
) -> ANPScores:
    """Scores of a tagger whose tags of each image are known, best first.

    Where all images have tags of the same ANPs, with probabilities, these are the closed list and the scores are a
    distribution. Else the list is that of all ANPs that are named or true, and of `others`, such as those of the
    training data.
    only: let only these ANPs compete. nouns, untrue: see `scores_of_distribution`.
    """
    if only is not None:
        tags = [[tag for tag in tags_of_image if tag.anp in only] for tags_of_image in tags]
        truth = [{anp for anp in anps_of_image if anp in only} for anps_of_image in truth]
        others = [anp for anp in others if anp in only]
    named = {tag.anp for tags_of_image in tags for tag in tags_of_image}
    known = all(tag.probability is not None for tags_of_image in tags for tag in tags_of_image)
    whole = known and len(named) > 1 and all(len(tags_of_image) == len(named) for tags_of_image in tags)
    anps = sorted(named if whole else named.union(others, *truth))
    indices = {anp: index for index, anp in enumerate(anps)}
    table = np.full((len(tags), len(anps)), -np.inf)
    for image, tags_of_image in enumerate(tags):
        for rank, tag in enumerate(tags_of_image):
            score = np.log(tag.probability) if known and tag.probability else -np.inf if known else -float(rank)
            table[image, indices[tag.anp]] = max(score, table[image, indices[tag.anp]])
    if whole and only is not None:
        table -= np.logaddexp.reduce(table, axis=1, keepdims=True)
    scores = scores_of_distribution(anps, table, truth, nouns, untrue)
    if whole:
        return scores
    return replace(
        scores,
        knowledge=Knowledge.PROBABILITIES if known else Knowledge.RANKS,
        listed=max(map(len, tags), default=0),
    )


def ontology_log_probabilities(tagger: ScoringTagger, batches: Iterable[ImageBatch], anps: Sequence[ANP]) -> Floats:
    """What a tagger thinks of every ANP of the list for every image of the batches, ``(images, anps)``."""
    rows = [row for batch in batches for row in tagger.scorer(batch).score([anps] * len(batch))]
    return np.array(rows, dtype=np.float64).reshape(-1, len(anps))


def image_blind_prior(scores: ANPScores, counts: Mapping[ANP, float]) -> ANPScores:
    """The baseline that sees no image: the training data's P(ANP) over the list, for every image of `scores`."""
    listed = _counts_of(scores.anps, counts)
    row = _log(np.array([listed.probability(anp) for anp in scores.anps]))
    return replace(
        scores,
        log_probabilities=np.broadcast_to(row, scores.truth.shape),
        knowledge=Knowledge.DISTRIBUTION,
        listed=len(scores.anps),
    )


def noun_times_prior(scores: ANPScores, counts: Mapping[ANP, float]) -> ANPScores:
    """The baseline that sees only nouns: the tagger's P(noun | image) with the training data's P(adjective | noun).

    The adjectives of a noun that the training data do not have are equally probable.
    """
    listed = _counts_of(scores.anps, counts)
    given_noun = _log(np.array([listed.given_noun(anp, smoothing=0.0) for anp in scores.anps]))
    return replace(scores, log_probabilities=scores.noun_log_probabilities()[:, scores.noun_of] + given_noun)


def _counts_of(anps: Sequence[ANP], counts: Mapping[ANP, float]) -> AdjectiveCounts:
    """The counts of a closed list, 0 for an ANP that was not counted."""
    return AdjectiveCounts({anp: counts.get(anp, 0.0) for anp in anps})


def _log_sums(log_values: Floats, groups: Integers) -> Floats:
    """Log-sum-exp over the columns of each group, ``(rows, columns)`` -> ``(rows, groups)``."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max() + 1))
    sums: Floats = np.logaddexp.reduceat(log_values[:, order], starts, axis=1)
    return sums


def _membership(sets: Sequence[Collection[Any]], indices: Mapping[Any, int]) -> Booleans:
    table = np.zeros((len(sets), len(indices)), dtype=np.bool_)
    for row, members in enumerate(sets):
        table[row, [indices[member] for member in members if member in indices]] = True
    return table


def _indices(words: Sequence[str], listing: Sequence[str]) -> Integers:
    indices = {word: index for index, word in enumerate(listing)}
    return np.array([indices[word] for word in words], dtype=np.int64)


def _log(values: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        logs: Floats = np.log(values)
    return logs
