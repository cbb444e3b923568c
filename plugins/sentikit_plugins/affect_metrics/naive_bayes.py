"""A naive Bayes classifier of captions: positive, negative or factual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import log
from typing import NamedTuple

from sentikit.english.tokenizer import tokenize

POSITIVE, NEGATIVE, FACTUAL = "positive", "negative", "factual"
LABELS = (POSITIVE, NEGATIVE, FACTUAL)
Example = tuple[str, str]
"""A label and a caption."""

_ORDERS = 2
_RARE = 3  # n-grams of fewer training captions tell nothing
_SMOOTHING = 0.5
_BIASES = [step / 2 for step in range(-20, 41)]
_START, _END = "<s>", "</s>"


class NaiveBayes(NamedTuple):
    """weights: by n-gram, its log-probability in a caption of each label. bias: what `FACTUAL` starts with."""

    weights: Mapping[tuple[str, ...], Sequence[float]]
    bias: float

    @classmethod
    def fit(cls, train: Iterable[Example], held_out: Sequence[Example]) -> NaiveBayes:
        """Train on captions. `held_out` ones decide how readily it says that a caption is factual.

        Of a positive or negative caption the others are so sure that priors counted from the data do not matter; the
        bias is the one with the best mean of the labels' accuracies.
        """
        counts = {label: Counter[tuple[str, ...]]() for label in LABELS}
        captions = Counter[str]()
        for label, text in train:
            counts[label].update(_ngrams(text))
            captions[label] += 1
        totals = sum(counts.values(), Counter[tuple[str, ...]]())
        weights = {
            ngram: [log((counts[label][ngram] + _SMOOTHING) / (captions[label] + 2 * _SMOOTHING)) for label in LABELS]
            for ngram, total in totals.items()
            if total >= _RARE
        }
        scored = [(label, _scores(weights, text)) for label, text in held_out]
        return cls(weights, max(_BIASES, key=partial(_balanced_accuracy, scored)))

    def judge(self, text: str) -> str:
        """The label of a caption."""
        return _best(_scores(self.weights, text), self.bias)

    def accuracy(self, examples: Sequence[Example]) -> float:
        """The share of examples whose label it finds."""
        return sum(self.judge(text) == label for label, text in examples) / len(examples)


def _ngrams(text: str) -> set[tuple[str, ...]]:
    tokens = [_START, *tokenize(text), _END]
    return {
        tuple(tokens[start : start + order])
        for order in range(1, _ORDERS + 1)
        for start in range(len(tokens) - order + 1)
    }


def _scores(weights: Mapping[tuple[str, ...], Sequence[float]], text: str) -> list[float]:
    known = [weights[ngram] for ngram in _ngrams(text) if ngram in weights]
    return [sum(weight[index] for weight in known) for index in range(len(LABELS))]


def _best(scores: Sequence[float], bias: float) -> str:
    positive, negative, factual = scores
    if factual + bias >= max(positive, negative):
        return FACTUAL
    return POSITIVE if positive >= negative else NEGATIVE


def _balanced_accuracy(scored: Sequence[tuple[str, Sequence[float]]], bias: float) -> float:
    right, all_of = Counter[str](), Counter[str]()
    for label, scores in scored:
        all_of[label] += 1
        right[label] += _best(scores, bias) == label
    return sum(right[label] / count for label, count in all_of.items())
