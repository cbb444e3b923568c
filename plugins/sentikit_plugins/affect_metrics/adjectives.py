"""How much feeling captions have: adjectives and adjective-noun pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sentikit import ANP, EvaluatedCaption, SentikitError, read_ontology
from sentikit.evaluation.reading import read_texts
from sentikit.formats.coco import read_captions, read_json

from .base import Feeling, share


class Adjectives(Feeling):
    """The share of captions that have no adjective, and that say of nothing how it feels."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        readings = read_texts(caption.text for caption in captions)
        return {
            "no adjective": share(sum(not reading.adjectives for reading in readings), len(readings), "captions"),
            "no emotional adjective": sum(not reading.emotional for reading in readings) / len(readings),
        }


class Anps(Feeling):
    """The adjectives that captions state of a noun."""

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        readings = read_texts(caption.text for caption in captions)
        return {
            "ANPs a caption": share(sum(len(reading.anps) for reading in readings), len(readings), "captions"),
            "emotional ANPs a caption": sum(len(reading.emotional) for reading in readings) / len(readings),
            "distinct ANPs": len({anp for reading in readings for anp in reading.anps}),
            "distinct emotional ANPs": len({anp for reading in readings for anp in reading.emotional}),
        }


class UnseenAnps(Feeling):
    """What is said that the training data never says: the paper's rarely seen pairs."""

    def __init__(self, train: Path | None) -> None:
        """Raises SentikitError where `train` is neither captions nor an ontology."""
        self._train = train
        self._seen: frozenset[ANP] | None = None
        if train is not None and not train.is_file():
            raise SentikitError(f"Cannot read {train}: it is not a file.")

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        if self._seen is None:
            self._seen = self._read()
        said = [anp for reading in read_texts(caption.text for caption in captions) for anp in reading.emotional]
        unseen = [anp for anp in said if anp not in self._seen]
        return {
            "emotional ANPs unseen in training": share(len(unseen), len(said), "emotional ANPs"),
            "distinct unseen ANPs": len(set(unseen)),
        }

    def _read(self) -> frozenset[ANP]:
        if self._train is None:
            raise SentikitError("it needs the training data: -O train=FILE, COCO captions or an ontology")
        if not _holds_captions(self._train):
            return frozenset(read_ontology(self._train))
        texts = [annotation["caption"] for _, annotation in read_captions(self._train).usable()]
        return frozenset(anp for reading in read_texts(texts) for anp in reading.anps)


def _holds_captions(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    document = read_json(path)
    return isinstance(document, dict) and "annotations" in document
