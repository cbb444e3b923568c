"""Two judges of how a caption feels, neither of which chose its adjectives."""

from __future__ import annotations

import zlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sentikit import EvaluatedCaption, SentikitError, adjective_valence, polarity, valence_source
from sentikit.formats.coco import read_captions, read_json

from .base import Feeling, share
from .naive_bayes import FACTUAL, NEGATIVE, POSITIVE, Example, NaiveBayes

_MOST_FACTUAL = 5_000
_SPLITS = {"train": range(8), "val": range(8, 9), "test": range(9, 10)}
_VADER_LIMIT, _TEXTBLOB_LIMIT = 0.05, 0.1  # VADER's own; TextBlob has none, and takes sentikit's


class Judge(Feeling):
    """Where a polarity is wanted, its share is the sentiment accuracy: a caption judged neutral is a failure."""

    name: str

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        judge = self._ready()
        said = [judge(caption.text) for caption in captions]
        figures = {
            f"{label} ({self.name})": share(said.count(label), len(said), "captions") for label in (POSITIVE, NEGATIVE)
        }
        meant = [(_meant(caption), verdict) for caption, verdict in zip(captions, said, strict=True)]
        decided = [(wanted, verdict) for wanted, verdict in meant if wanted]
        if decided:
            right = sum(wanted == verdict for wanted, verdict in decided)
            figures[f"edited captions judged as meant ({self.name})"] = right / len(decided)
        return figures

    @abstractmethod
    def _ready(self) -> Callable[[str], str]:
        """What judges a text: positive, negative or something else."""


def _meant(caption: EvaluatedCaption) -> str | None:
    """The polarity of the adjectives that were put in, None where there are none, or none with one polarity."""
    found = {polarity(adjective_valence(edit.tag.adjective)) for edit in caption.edits or ()}
    (only,) = found if len(found) == 1 else (None,)
    return only if only in (POSITIVE, NEGATIVE) else None


class BayesJudge(Judge):
    """Naive Bayes over single words and pairs, with factual captions as a third class.

    To these belong SentiCap's own captions without the adjectives that they mark: otherwise what stands on SentiCap's
    photographs would count as a feeling.
    """

    name = "naive Bayes"

    def __init__(self, senticap: Path | None, factual: Path | None) -> None:
        """Raises SentikitError where only one is given. The files are read when they are needed."""
        self._paths = (senticap, factual)
        self._model: NaiveBayes | None = None

    def _ready(self) -> Callable[[str], str]:
        if self._model is None:
            self._model = self._train(*self._paths)
        return self._model.judge

    def _train(self, senticap: Path | None, factual: Path | None) -> NaiveBayes:
        if senticap is None or factual is None:
            raise SentikitError("it needs captions to learn from: -O senticap=FILE -O factual=FILE")
        data = {split: [*_senticap(senticap, split), *_factual(factual, split)] for split in _SPLITS}
        if any({label for label, _ in examples} != {POSITIVE, NEGATIVE, FACTUAL} for examples in data.values()):
            raise SentikitError(f"{senticap} and {factual} have too few captions to train and test a judge")
        model = NaiveBayes.fit(data["train"], data["val"])
        felt = [example for example in data["test"] if example[0] != FACTUAL]
        plain = [example for example in data["test"] if example[0] == FACTUAL]
        self.notes = [
            f"the naive Bayes judge learned from {len(data['train']):,} captions; held out, it is right of "
            f"{model.accuracy(felt):.3f} of SentiCap's {len(felt):,} test captions, neutral being wrong, and of "
            f"{model.accuracy(plain):.3f} of {len(plain):,} factual ones"
        ]
        return model


def _senticap(path: Path, split: str) -> Iterator[Example]:
    document = read_json(path)
    try:
        images: list[dict[str, Any]] = [image for image in document["images"] if image["split"] == split]
        for sentence in (sentence for image in images for sentence in image["sentences"]):
            if not isinstance(sentence["raw"], str):
                raise TypeError
            yield POSITIVE if sentence["sentiment"] == 1 else NEGATIVE, sentence["raw"]
            if split == "train":
                yield FACTUAL, " ".join(_without_adjectives(sentence["tokens"], sentence["word_sentiment"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SentikitError(f"{path} is not SentiCap's senticap_dataset.json") from None


def _without_adjectives(tokens: Sequence[str], marks: Sequence[float]) -> Iterator[str]:
    """The tokens without the first one of each marked pair."""
    inside = False
    for token, mark in zip(tokens, marks, strict=True):
        inside = bool(mark) and not inside
        if not inside:
            yield token


def _factual(path: Path, split: str) -> list[Example]:
    """Captions of a split that their image's id decides, always in the same order; not more than are worth the time."""
    rows = [
        (zlib.crc32(str(row["image_id"]).encode("utf-8", "surrogatepass")), row["caption"])
        for _, row in read_captions(path).usable()
    ]
    chosen = sorted((number, text) for number, text in rows if number % 10 in _SPLITS[split])
    most = _MOST_FACTUAL if split == "train" else _MOST_FACTUAL // 5
    return [(FACTUAL, text) for _, text in chosen[:most]]


def _bytes_of(image_id: int | str) -> bytes:
    return str(image_id).encode("utf-8", "surrogatepass")


class LexiconJudge(Judge):
    """A published lexicon with its own rules for a whole sentence, and nothing of sentikit's."""

    def __init__(self, lexicon: str) -> None:
        self.name = {"textblob": "TextBlob", "vader": "VADER"}[lexicon]
        self._judge = _vader() if lexicon == "vader" else _textblob()
        self._sources: Counter[str | None] = Counter()

    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        edits = [edit for caption in captions for edit in caption.edits or ()]
        self._sources.update(valence_source(edit.tag.adjective) for edit in edits)
        if self._sources:
            self.notes = [
                f"sentikit's own valence of {self._sources[self.name]:,} of the {self._sources.total():,} adjectives "
                f"put in is from {self.name}, which is the lexicon that judges"
            ]
        return super().measure(captions)

    def _ready(self) -> Callable[[str], str]:
        return self._judge


def _textblob() -> Callable[[str], str]:
    from textblob.en import sentiment

    return lambda text: _verdict(sentiment(text)[0], _TEXTBLOB_LIMIT)


def _vader() -> Callable[[str], str]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda text: _verdict(analyzer.polarity_scores(text)["compound"], _VADER_LIMIT)


def _verdict(score: float, limit: float) -> str:
    return POSITIVE if score >= limit else NEGATIVE if score <= -limit else "neutral"
