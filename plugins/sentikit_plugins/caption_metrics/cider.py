"""CIDEr, as the COCO evaluation computes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sentikit import SentikitError
from sentikit.english.tokenizer import tokenize
from sentikit.evaluation.cider import IDF, cider
from sentikit.evaluation.intervals import summed


class Cider:
    """CIDEr-D, the mean over the images. An n-gram's idf comes from the references of the images that are evaluated,
    and stays what it is when these are drawn anew for an interval.
    """

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        return self.of_sums(summed(self.per_image(captions, references)))

    def per_image(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> list[tuple[float, float]]:
        """The image's score, and 1. Raises SentikitError for a single image."""
        if len(captions) < 2:
            raise SentikitError("CIDEr needs at least two images, as its weights come from the references of all")
        tokens = {image: [tokenize(reference) for reference in references[image]] for image in captions}
        idf = IDF(tokens.values())
        return [
            (cider(idf.weigh(tokenize(caption)), [idf.weigh(reference) for reference in tokens[image]]), 1.0)
            for image, caption in captions.items()
        ]

    def of_sums(self, sums: Sequence[float]) -> dict[str, float]:
        """The mean."""
        return {"CIDEr": sums[0] / sums[1]}
