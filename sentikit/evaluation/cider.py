"""CIDEr-D (Vedantam et al., 2015), the variant that the COCO evaluation calls CIDEr, over words or their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from math import exp, log, sqrt
from statistics import fmean
from typing import NamedTuple

from .ngrams import MAX_ORDER, NGram, count_ngrams

_SIGMA = 6.0
"""The width, in words, of the penalty on a difference in length."""
_SCALE = 10.0


class Weighed(NamedTuple):
    """A caption's n-grams with their tf-idf weights, by order, and the norm of each order."""

    length: int
    weights: list[dict[NGram[Hashable], float]]
    norms: list[float]


class IDF:
    """How rare an n-gram is: the log of the share of images that have it in a reference, negated."""

    def __init__(self, images: Iterable[Sequence[Sequence[Hashable]]]) -> None:
        """`images`: the references of each, as tokens."""
        frequency: Counter[NGram[Hashable]] = Counter()
        count = 0
        for references in images:
            count += 1
            frequency.update(
                {ngram for reference in references for counts in count_ngrams(reference) for ngram in counts}
            )
        self._log_images = log(count)
        self._idf = {ngram: self._log_images - log(number) for ngram, number in frequency.items()}

    def weigh(self, tokens: Sequence[Hashable]) -> Weighed:
        """The tf-idf weights of a caption."""
        weights = [
            {ngram: count * self._idf.get(ngram, self._log_images) for ngram, count in counts.items()}
            for counts in count_ngrams(tokens)
        ]
        norms = [sqrt(sum(weight * weight for weight in order.values())) for order in weights]
        # The original takes the number of word pairs for the length.
        return Weighed(max(0, len(tokens) - 1), weights, norms)


def cider(caption: Weighed, references: Sequence[Weighed]) -> float:
    """The cosine between the caption's weights and a reference's, the caption's clipped to the reference's, with a
    Gaussian penalty on the difference in length; the mean over orders and references, times 10.
    """
    return _SCALE * fmean(_similarity(caption, reference) for reference in references)


def _similarity(caption: Weighed, reference: Weighed) -> float:
    total = 0.0
    for order in range(MAX_ORDER):
        norms = caption.norms[order] * reference.norms[order]
        if norms:
            others = reference.weights[order]
            shared = caption.weights[order].keys() & others.keys()
            total += sum(min(caption.weights[order][ngram], others[ngram]) * others[ngram] for ngram in shared) / norms
    return total / MAX_ORDER * exp(-((caption.length - reference.length) ** 2) / (2 * _SIGMA**2))
