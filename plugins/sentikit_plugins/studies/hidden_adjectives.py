"""Adjectives that people wrote, hidden and ranked from polarity and noun alone: how far language goes without an image.

The data are SentiCap's (Mathews et al. 2016): captions of a known polarity, whose adjective-noun pairs are marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentikit import ANP, Ontology, SentikitError, polarity
from sentikit.affect.adjective_counts import AdjectiveCounts
from sentikit.evaluation.tables import Estimate, Table
from sentikit.formats.coco import read_json

from .estimates import cell

POSITIVE, NEGATIVE = "positive", "negative"
HITS = (1, 5)


class Hidden(NamedTuple):
    """A marked pair of a caption. The noun is a lemma, the adjective as it stands; both in lower case."""

    image: int | str
    polarity: str
    anp: ANP


Scores = Mapping[str, float]
"""Adjectives by how good they are; one that is not there is never named."""
Ranker = Callable[[str, str], Scores]
"""(polarity, noun) -> scores."""


def read_senticap(path: Path, split: str, lemma: Callable[[str], str]) -> list[Hidden]:
    """The marked pairs of a split of SentiCap's file.

    Raises SentikitError where the file is something else, or the split has no marked pair.
    """
    document = read_json(path)
    try:
        found = [hidden for image in document["images"] if image["split"] == split for hidden in _of(image, lemma)]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SentikitError(f"{path} is not SentiCap's senticap_dataset.json.") from None
    if not found:
        raise SentikitError(f"{path} has no marked adjective-noun pair in the split {split!r}.")
    return found


def _of(image: Mapping[str, object], lemma: Callable[[str], str]) -> Iterator[Hidden]:
    identity = image["imgid"]
    for sentence in image["sentences"]:  # type: ignore[attr-defined]
        label = POSITIVE if sentence["sentiment"] == 1 else NEGATIVE
        for adjective, noun in _marked(sentence["tokens"], sentence["word_sentiment"]):
            yield Hidden(identity, label, ANP(adjective.lower(), lemma(noun.lower())))  # type: ignore[arg-type]


def _marked(tokens: Sequence[str], marks: Sequence[float]) -> Iterator[tuple[str, str]]:
    """Two marked tokens in a row are a pair."""
    waiting: str | None = None
    for token, mark in zip(tokens, marks, strict=True):
        if not mark:
            waiting = None
        elif waiting is None:
            waiting = token
        else:
            yield waiting, token
            waiting = None


def commonest(train: Sequence[Hidden]) -> Ranker:
    """The commonest adjectives of the polarity, whatever the noun."""
    counts: dict[str, Counter[str]] = {}
    for hidden in train:
        counts.setdefault(hidden.polarity, Counter())[hidden.anp.adjective] += 1
    return lambda label, noun: counts.get(label, {})


def learnt(train: Sequence[Hidden]) -> Ranker:
    """P(adjective | noun, polarity), as often as they stand together; nothing for a noun that is not there."""
    counts: dict[str, Counter[ANP]] = {}
    for hidden in train:
        counts.setdefault(hidden.polarity, Counter())[hidden.anp] += 1
    return _by_count(counts)


def of_ontology(ontology: Ontology, lemma: Callable[[str], str]) -> Ranker:
    """An ontology's ANPs of the noun, by count, whose valence is of the polarity."""
    counts: dict[str, Counter[ANP]] = {}
    for anp, entry in ontology.entries.items():
        label = polarity(ontology.valence(anp))
        if label in (POSITIVE, NEGATIVE):
            counts.setdefault(label, Counter())[ANP(anp.adjective, lemma(anp.noun))] += entry.count
    return _by_count(counts)


def _by_count(counts: Mapping[str, Mapping[ANP, float]]) -> Ranker:
    """By how often they stand with the noun, of counts by polarity."""
    by_polarity = {label: AdjectiveCounts(anps) for label, anps in counts.items()}
    return lambda label, noun: by_polarity[label].of_noun(noun) if label in by_polarity else {}


def one_then_other(one: Ranker, other: Ranker) -> Ranker:
    """The adjectives of `one`, and after them what only `other` names."""

    def rank(label: str, noun: str) -> Scores:
        first, second = one(label, noun), other(label, noun)
        least = min(first.values(), default=0.0)
        highest = max(second.values(), default=0.0)
        return {word: least + score - highest - 1 for word, score in second.items()} | dict(first)

    return rank


@dataclass(frozen=True)
class HiddenReport:
    """figures: by system, then by hit@k, MRR and the share of the nouns that it has an adjective for."""

    hidden: int
    images: int
    figures: Mapping[str, Mapping[str, Estimate]]


def evaluate_hidden(
    test: Sequence[Hidden], rankers: Mapping[str, Ranker], samples: int = 1000, seed: int = 0
) -> HiddenReport:
    """Rank the hidden adjectives by each of `rankers`. Intervals are of a bootstrap over images."""
    images = {image: row for row, image in enumerate(dict.fromkeys(hidden.image for hidden in test))}
    rows = np.array([images[hidden.image] for hidden in test])
    drawn = np.random.default_rng(seed).multinomial(len(images), [1 / len(images)] * len(images), size=samples)
    weights = drawn[:, rows]
    figures = {}
    for name, ranker in rankers.items():
        said = [ranker(hidden.polarity, hidden.anp.noun) for hidden in test]
        ranks = [possible_ranks(scores, hidden.anp.adjective) for scores, hidden in zip(said, test, strict=True)]
        columns = {f"hit@{k}": [_hit(found, k) for found in ranks] for k in HITS}
        columns["MRR"] = [_reciprocal(found) for found in ranks]
        columns["nouns known"] = [float(bool(scores)) for scores in said]
        figures[name] = {label: _estimate(np.array(values), weights) for label, values in columns.items()}
    return HiddenReport(len(test), len(images), figures)


def possible_ranks(scores: Scores, adjective: str) -> range:
    """The ranks, from 1, that `adjective` may have among those that score the same; empty where it is not named."""
    if adjective not in scores:
        return range(0)
    own = scores[adjective]
    better = sum(score > own for score in scores.values())
    return range(better + 1, better + 1 + sum(score == own for score in scores.values()))


def _hit(found: range, k: int) -> float:
    """The chance to be among the first k."""
    return sum(rank <= k for rank in found) / len(found) if found else 0.0


def _reciprocal(found: range) -> float:
    return sum(1 / rank for rank in found) / len(found) if found else 0.0


def _estimate(values: np.ndarray, weights: np.ndarray) -> Estimate:
    mean = float(values.mean())
    if not len(weights):
        return Estimate(mean)
    low, high = np.quantile((weights @ values) / weights.sum(axis=1), (0.025, 0.975))
    return Estimate(mean, float(low), float(high))


def hidden_table(report: HiddenReport) -> Table:
    """A row for each system."""
    names = [*(f"hit@{k}" for k in HITS), "MRR", "nouns known"]
    return Table(
        f"{report.hidden:,} hidden adjectives of {report.images:,} images, ranked by polarity and noun",
        ["", *names],
        [[system, *(cell(figures[name]) for name in names)] for system, figures in report.figures.items()],
    )
