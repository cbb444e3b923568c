"""The two metrics of the COCO evaluation that are Java programs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from sentikit import MissingExtraError, SentikitError
from sentikit.english.tokenizer import tokenize


class Meteor:
    """METEOR 1.5, computed by the program that pycocoevalcap carries."""

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        try:
            from pycocoevalcap.meteor.meteor import Meteor as Program
        except ImportError:
            raise MissingExtraError("METEOR", "eval") from None
        if shutil.which("java") is None:
            raise SentikitError("METEOR needs Java, and there is no command 'java'")
        score, _ = Program().compute_score(
            {image: [_spaced(reference) for reference in references[image]] for image in captions},
            {image: [_spaced(caption)] for image, caption in captions.items()},
        )
        return {"METEOR": float(score)}


class Spice:
    """SPICE needs a parser's models, hundreds of megabytes that are downloaded while it runs."""

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        raise SentikitError("SPICE needs Java and the models of a parser, which sentikit does not download")


def _spaced(caption: str) -> str:
    return " ".join(tokenize(caption))
