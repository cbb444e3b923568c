"""CIDEr, as the COCO evaluation computes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from sentikit import SentikitError
from sentikit.english.tokenizer import tokenize
from sentikit.evaluation.cider import IDF, cider


class Cider:
    """CIDEr-D, the mean over the images. An n-gram's idf comes from the references of the images that are evaluated."""

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        if len(captions) < 2:
            raise SentikitError("CIDEr needs at least two images, as its weights come from the references of all")
        tokens = {image: [tokenize(reference) for reference in references[image]] for image in captions}
        idf = IDF(tokens.values())
        return {
            "CIDEr": fmean(
                cider(idf.weigh(tokenize(caption)), [idf.weigh(reference) for reference in tokens[image]])
                for image, caption in captions.items()
            )
        }
