"""ROUGE-L (Lin, 2004)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sentikit.english.tokenizer import tokenize
from sentikit.evaluation.intervals import summed

_BETA = 1.2
"""The COCO evaluation weighs recall that much over precision."""


class RougeL:
    """ROUGE-L as the COCO evaluation computes it: an image's best precision and best recall, which may come from two
    references, are combined; the score is the mean over the images.
    """

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        return self.of_sums(summed(self.per_image(captions, references)))

    def per_image(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> list[tuple[float, float]]:
        """The image's score, and 1."""
        return [(_score(caption, references[image]), 1.0) for image, caption in captions.items()]

    def of_sums(self, sums: Sequence[float]) -> dict[str, float]:
        """The mean."""
        return {"ROUGE-L": sums[0] / sums[1]}


def _score(caption: str, references: Sequence[str]) -> float:
    tokens = tokenize(caption)
    others = [tokenize(reference) for reference in references]
    common = [common_subsequence(tokens, other) for other in others]
    if not any(common):
        return 0.0
    precision = max(common) / len(tokens)
    recall = max(length / len(other) for length, other in zip(common, others, strict=True) if other)
    return (1 + _BETA**2) * precision * recall / (recall + _BETA**2 * precision)


def common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest common subsequence.

    A row of the usual table is one integer (Hyyrö, 2004): bit i is unset where the length grows at first[i].
    """
    masks: dict[str, int] = {}
    for index, token in enumerate(first):
        masks[token] = masks.get(token, 0) | 1 << index
    full = (1 << len(first)) - 1
    row = full
    for token in second:
        found = row & masks.get(token, 0)
        row = (row + found | row - found) & full
    return len(first) - row.bit_count()
