"""Image models of a few lines, with everything a real one has but knowledge.

To them a dark image is misty and a bright one sunny.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from PIL.Image import Image
from torch import Tensor

from sentikit import ANP, Caption, CombinerItem, ImageBatch, Rewrite, Scorer, ScorerNeed, Tag
from sentikit.english import insertion, words

ADJECTIVES = ("misty", "sunny")
NOUNS = ("street", "field")


class ToyEncoder:
    """The mean colour of four quarters: ``(batch, 4, 3)``. It counts what it is asked to do."""

    dim = 3
    grid = (2, 2)

    def __init__(self, identity: str = "toy") -> None:
        self.identity = identity
        self.preprocessed = 0
        self.batches: list[int] = []
        self.device = "cpu"

    def preprocess(self, image: Image) -> Tensor:
        self.preprocessed += 1
        small = image.resize((2, 2))
        values = [[small.getpixel((x, y)) for x in range(2)] for y in range(2)]
        return torch.tensor(values, dtype=torch.float32).permute(2, 0, 1) / 255

    def encode(self, images: Tensor) -> Tensor:
        self.batches.append(len(images))
        return images.flatten(2).transpose(1, 2)

    def to(self, device: str) -> None:
        self.device = device


class ToyTagger:
    """Tags by brightness. It cannot score."""

    def __init__(self, encoder: ToyEncoder) -> None:
        self.encoder: ToyEncoder | None = encoder

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        return [
            [Tag(ANP(adjective, noun), p / 2) for adjective, p in ranked for noun in NOUNS][:top_k]
            for ranked in map(rank, batch.encoded.mean(dim=(1, 2)).tolist())
        ]

    def to(self, device: str) -> None:
        pass


class ToyScoringTagger(ToyTagger):
    """Tags by brightness, and scores given ANPs."""

    def scorer(self, batch: ImageBatch) -> Scorer:
        return ToyScorer(batch.encoded.mean(dim=(1, 2)).tolist())


class ToyScorer:
    """Knows two adjectives and two nouns of each image."""

    def __init__(self, brightness: Sequence[float]) -> None:
        self.brightness = brightness

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        return [
            [log(dict(rank(bright)).get(adjective, 0) / 2 if noun in NOUNS else 0) for adjective, noun in row]
            for bright, row in zip(self.brightness, anps, strict=True)
        ]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        return [
            [[Tag(ANP(adjective, noun), p) for adjective, p in rank(bright)] if noun in NOUNS else [] for noun in row]
            for bright, row in zip(self.brightness, nouns, strict=True)
        ]


class ToyImageCaptioner:
    """Captions PIL images: it has no encoder, and does its own preprocessing."""

    encoder = None

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption]]:
        images = [photo.image for photo in batch.photos]
        return [[Caption(f"a {NOUNS[image.width > image.height]}")] for image in images]

    def to(self, device: str) -> None:
        pass


class ToyCaptioner:
    """Captions feature maps."""

    def __init__(self, encoder: ToyEncoder) -> None:
        self.encoder: ToyEncoder | None = encoder

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption]]:
        return [[Caption("a street"), Caption("a field")][:n] for _ in batch.photos]

    def to(self, device: str) -> None:
        pass


class ToyCombiner:
    """Gives every noun that the scorer knows its best adjective."""

    scorer: ScorerNeed = "tagger"
    default_max_edits = None

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        assert scorer is not None
        found = [words(item.caption.text) for item in items]
        ranked = scorer.adjectives([[word.lower for word in row] for row in found])
        return [
            Rewrite.from_edits(
                item.caption.text,
                [insertion(item.caption.text, word.start, tags[0].adjective, tags[0]) for word, tags in known if tags],
            )
            for item, known in zip(items, map(zip, found, ranked), strict=True)
        ]


def rank(brightness: float) -> list[tuple[str, float]]:
    """The adjectives with their probabilities, best first."""
    return sorted(zip(ADJECTIVES, (1 - brightness, brightness), strict=True), key=lambda pair: -pair[1])


def log(probability: float) -> float:
    """Its logarithm, of 0 too."""
    return math.log(probability) if probability else -math.inf
