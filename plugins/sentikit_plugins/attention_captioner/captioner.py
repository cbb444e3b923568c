"""The `attention` captioner: beam search over the attention decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from sentikit import Caption, Encoder, ImageBatch
from sentikit.english import sentence
from sentikit.english.tokenizer import tokenize
from sentikit.nn.beam_search import beam_search
from sentikit.nn.decoder import AttentionDecoder, Prediction
from sentikit.nn.vocabulary import Vocabulary

from .packing import Captioning

FUNCTION_WORDS = """
a across against along an and are around as at be behind being between by down for from he her his in into is it its
near next of off on onto out over she that the their there they through to under up while who with
"""
"""What a caption may well say twice."""


class AttentionCaptioner:
    """See `sentikit.Captioner`."""

    def __init__(self, captioning: Captioning, encoder: Encoder) -> None:
        self.encoder: Encoder | None = encoder
        self._grid = encoder.grid
        self._captioning = captioning
        captioning.decoder.eval()

    def to(self, device: str) -> None:
        """Move to a torch device."""
        self._captioning.decoder.to(device)

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption]]:
        """The `n` best captions of each image that the beam search found, with their attention maps."""
        found = decode_best(self._captioning, batch.encoded, n) if batch.photos else []
        return [[self._caption(*hypothesis) for hypothesis in best] for best in found]

    def _caption(self, words: list[str], attention: Tensor | None, log_probability: float) -> Caption:
        maps = None if attention is None else attention.reshape(-1, *self._grid).float().cpu().numpy()
        return Caption(sentence(words), tuple(words), maps, log_probability)

    @torch.inference_mode()
    def attend(self, batch: ImageBatch, texts: Sequence[str]) -> list[Caption]:
        """A given text for each image, with its attention maps, by teacher forcing."""
        words = [tokenize(text) for text in texts]
        encoded = [[self._captioning.vocabulary.encode(row)] for row in words]
        attention = predict(self._captioning.decoder, batch.encoded, encoded).attention[:, 0]
        return [
            Caption(text, tuple(row), maps[: len(row)].reshape(-1, *self._grid).float().cpu().numpy())
            for text, row, maps in zip(texts, words, attention, strict=True)
        ]


_Decoded = tuple[list[str], Tensor | None, float]
"""Words, attention ``(words, pixels)`` and log-probability."""


def decode(captioning: Captioning, features: Tensor) -> list[_Decoded]:
    """The best caption of every image ``(images, pixels, dim)``."""
    return [best for best, *_ in decode_best(captioning, features, 1)]


@torch.inference_mode()
def decode_best(captioning: Captioning, features: Tensor, n: int) -> list[list[_Decoded]]:
    """The `n` best captions of every image ``(images, pixels, dim)``; the search is widened to `n` beams if needed."""
    model, vocabulary, search = captioning
    first = torch.full((len(features),), vocabulary.start, dtype=torch.long, device=features.device)
    repeatable = [vocabulary.id(word) for word in FUNCTION_WORDS.split() if word in vocabulary]
    search = replace(search, beams=max(search.beams, n), best=n)
    found = beam_search(
        model.step, model.start(features), first, vocabulary.end, search, vocabulary.never_generated, repeatable
    )
    return [
        [([vocabulary.words[number] for number in one.words], one.attention, one.log_probability) for one in hypotheses]
        for hypotheses in found
    ]


def predict(model: AttentionDecoder, features: Tensor, captions: Sequence[Sequence[Sequence[int]]]) -> Prediction:
    """Teacher forcing over the encoded captions of each image ``(images, pixels, dim)``; one may have none."""
    lengths = torch.zeros(len(captions), max(map(len, captions)), dtype=torch.long)
    tokens = torch.full((*lengths.shape, max(len(ids) for image in captions for ids in image)), Vocabulary.pad)
    for image, encoded in enumerate(captions):
        for index, ids in enumerate(encoded):
            tokens[image, index, : len(ids)] = torch.tensor(ids)
            lengths[image, index] = len(ids)
    prediction: Prediction = model(features, tokens.to(features.device), lengths.to(features.device))
    return prediction
