"""A stand-in for a loaded CLIP model, whose embeddings are planted: what is true of a photograph is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from sentikit import ANP, ImageBatch, Ontology, OntologyEntry
from sentikit.plugin.batches import NO_PHOTO

NOUNS = {
    "house": ("old", "cosy", "abandoned", "modern"),
    "dog": ("happy", "sleepy", "wet", "playful"),
    "street": ("busy", "empty", "wet", "old"),
}
ONTOLOGY = Ontology("planted", {ANP(word, noun): OntologyEntry() for noun, own in NOUNS.items() for word in own})
DIM = 64


class PlantedClip:
    """Each word is a direction. Some pairs' prompts lie nearer to every photograph of their noun: a raw cosine errs."""

    name = "planted"
    weights_hash = "0" * 64
    precision = "fp32"
    version = "0"
    preprocessing: dict[str, Any] = {"resize_mode": "squash"}  # noqa: RUF012

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        basis = torch.linalg.qr(torch.randn(DIM, DIM, generator=generator))[0]
        words = sorted({*NOUNS, *(word for own in NOUNS.values() for word in own), "style"})
        self.words = dict(zip(words, basis, strict=False))
        chance = random.Random(1)
        self.bias = {anp: chance.uniform(-1.2, 1.2) for anp in ONTOLOGY}
        self.model = nn.Linear(1, 1)
        self.texts = 0

    def embed_texts(self, texts: Sequence[str]) -> Tensor:
        self.texts += len(texts)
        return torch.stack([normalize(self._text(text), dim=0) for text in texts])

    def _text(self, text: str) -> Tensor:
        found = [word for word in text.rstrip(".").split() if word in self.words]
        vector = sum((self.words[word] for word in found), start=torch.zeros(DIM) + 1e-3)
        if len(found) == 2:
            vector = vector + self.bias[ANP(*found)] * self.words["style"]
        return vector

    def photo(self, noun: str, adjective: str | None, seed: int, strength: float = 0.5) -> Tensor:
        """The vector ``(dim,)`` of a photograph of the noun, on which the adjective is true, or none is."""
        generator = torch.Generator().manual_seed(seed)
        vector = self.words[noun] + 0.6 * self.words["style"]
        if adjective:
            vector = vector + strength * self.words[adjective]
        return normalize(vector + 0.05 * torch.randn(DIM, generator=generator), dim=0)


def batch_of(vectors: Sequence[Tensor]) -> ImageBatch:
    """A batch of photographs with these vectors."""
    return ImageBatch([NO_PHOTO] * len(vectors), torch.stack(list(vectors)).unsqueeze(1))
