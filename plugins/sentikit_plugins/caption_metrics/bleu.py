"""BLEU (Papineni et al., 2002)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, prod

from sentikit.english.tokenizer import tokenize
from sentikit.evaluation.ngrams import MAX_ORDER, count_ngrams


class Bleu:
    """BLEU-1 to BLEU-4 of the whole set of captions, as the COCO evaluation computes them.

    n-gram counts and lengths are summed over the images first. The reference length of a caption is the closest one,
    the shorter of two that are equally close. An order without any match makes the score 0.
    """

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        matches, guesses = [0] * MAX_ORDER, [0] * MAX_ORDER
        length = reference_length = 0
        for image, caption in captions.items():
            tokens = tokenize(caption)
            others = [tokenize(reference) for reference in references[image]]
            length += len(tokens)
            reference_length += min((abs(len(other) - len(tokens)), len(other)) for other in others)[1]
            allowed = [_most(counters) for counters in zip(*map(count_ngrams, others), strict=True)]
            for order, counts in enumerate(count_ngrams(tokens)):
                guesses[order] += counts.total()
                matches[order] += (counts & allowed[order]).total()
        brevity = exp(min(0.0, 1 - reference_length / length)) if length else 0.0
        precisions = [match / guess if guess else 0.0 for match, guess in zip(matches, guesses, strict=True)]
        return {f"BLEU-{order}": brevity * prod(precisions[:order]) ** (1 / order) for order in range(1, MAX_ORDER + 1)}


def _most(counters: Sequence[Counter[tuple[str, ...]]]) -> Counter[tuple[str, ...]]:
    """The highest count of each n-gram in any of the references."""
    most: Counter[tuple[str, ...]] = Counter()
    for counter in counters:
        most |= counter
    return most
