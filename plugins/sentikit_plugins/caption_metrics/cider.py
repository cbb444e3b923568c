"""CIDEr (Vedantam et al., 2015), in the variant CIDEr-D that the COCO evaluation calls CIDEr."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, log, sqrt
from statistics import fmean
from typing import NamedTuple

from sentikit import SentikitError
from sentikit.evaluation.tokenizer import tokenize

from .ngrams import MAX_ORDER, count_ngrams

_SIGMA = 6.0
"""The width, in words, of the penalty on a difference in length."""
_SCALE = 10.0

NGram = tuple[str, ...]


class Cider:
    """CIDEr-D: the cosine between the tf-idf weights of a caption's n-grams and a reference's, the caption's clipped
    to the reference's, with a Gaussian penalty on the difference in length; the mean over orders, references and
    images, times 10. An n-gram's idf comes from the references of the images that are evaluated.
    """

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        if len(captions) < 2:
            raise SentikitError("CIDEr needs at least two images, as its weights come from the references of all")
        tokens = {image: [tokenize(reference) for reference in references[image]] for image in captions}
        rarity = _Rarity(list(tokens.values()))
        return {
            "CIDEr": fmean(
                _score(rarity.weigh(tokenize(caption)), [rarity.weigh(reference) for reference in tokens[image]])
                for image, caption in captions.items()
            )
        }


class _Weighed(NamedTuple):
    """A caption's n-grams with their tf-idf weights, by order, and the norm of each order."""

    length: int
    weights: list[dict[NGram, float]]
    norms: list[float]


class _Rarity:
    """How rare an n-gram is: the log of the share of images that have it in a reference, negated."""

    def __init__(self, images: Sequence[Sequence[Sequence[str]]]) -> None:
        self._log_images = log(len(images))
        frequency: Counter[NGram] = Counter()
        for references in images:
            frequency.update(
                {ngram for reference in references for counts in count_ngrams(reference) for ngram in counts}
            )
        self._idf = {ngram: self._log_images - log(count) for ngram, count in frequency.items()}

    def weigh(self, tokens: Sequence[str]) -> _Weighed:
        weights = [
            {ngram: count * self._idf.get(ngram, self._log_images) for ngram, count in counts.items()}
            for counts in count_ngrams(tokens)
        ]
        norms = [sqrt(sum(weight * weight for weight in order.values())) for order in weights]
        # The original takes the number of word pairs for the length.
        return _Weighed(max(0, len(tokens) - 1), weights, norms)


def _score(caption: _Weighed, references: Sequence[_Weighed]) -> float:
    return _SCALE * fmean(_similarity(caption, reference) for reference in references)


def _similarity(caption: _Weighed, reference: _Weighed) -> float:
    total = 0.0
    for order in range(MAX_ORDER):
        norms = caption.norms[order] * reference.norms[order]
        if norms:
            others = reference.weights[order]
            shared = caption.weights[order].keys() & others.keys()
            total += sum(min(caption.weights[order][ngram], others[ngram]) * others[ngram] for ngram in shared) / norms
    return total / MAX_ORDER * exp(-((caption.length - reference.length) ** 2) / (2 * _SIGMA**2))
