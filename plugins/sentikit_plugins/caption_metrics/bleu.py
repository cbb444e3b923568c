"""BLEU (Papineni et al., 2002)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, prod

from sentikit.english.tokenizer import tokenize
from sentikit.evaluation.intervals import summed
from sentikit.evaluation.ngrams import MAX_ORDER, count_ngrams


class Bleu:
    """BLEU-1 to BLEU-4 of the whole set of captions, as the COCO evaluation computes them.

    n-gram counts and lengths are summed over the images first. The reference length of a caption is the closest one,
    the shorter of two that are equally close. An order without any match makes the score 0.
    """

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        return self.of_sums(summed(self.per_image(captions, references)))

    def per_image(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> list[list[float]]:
        """Length, reference length, then for each order the matches and the n-grams."""
        return [_counted(caption, references[image]) for image, caption in captions.items()]

    def of_sums(self, sums: Sequence[float]) -> dict[str, float]:
        """The scores of the summed counts."""
        length, reference_length = sums[:2]
        brevity = exp(min(0.0, 1 - reference_length / length)) if length else 0.0
        pairs = zip(sums[2 : 2 + MAX_ORDER], sums[2 + MAX_ORDER :], strict=True)
        precisions = [match / guess if guess else 0.0 for match, guess in pairs]
        return {f"BLEU-{order}": brevity * prod(precisions[:order]) ** (1 / order) for order in range(1, MAX_ORDER + 1)}


def _counted(caption: str, references: Sequence[str]) -> list[float]:
    tokens = tokenize(caption)
    others = [tokenize(reference) for reference in references]
    reference_length = min((abs(len(other) - len(tokens)), len(other)) for other in others)[1]
    counts = count_ngrams(tokens)
    allowed = [_most(counters) for counters in zip(*map(count_ngrams, others), strict=True)]
    matches = [(own & most).total() for own, most in zip(counts, allowed, strict=True)]
    return [len(tokens), reference_length, *matches, *(own.total() for own in counts)]


def _most(counters: Sequence[Counter[tuple[str, ...]]]) -> Counter[tuple[str, ...]]:
    """The highest count of each n-gram in any of the references."""
    most: Counter[tuple[str, ...]] = Counter()
    for counter in counters:
        most |= counter
    return most
