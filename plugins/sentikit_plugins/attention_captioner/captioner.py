"""The `attention` captioner: beam search over the attention decoder."""

from __future__ import annotations

import torch
from torch import Tensor

from sentikit import Caption, Encoder
from sentikit.english import sentence
from sentikit.nn.beam_search import beam_search

from .packing import Captioning


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

    def caption(self, batch: Tensor) -> list[Caption]:
        """One caption for each image of ``(images, pixels, dim)``, with its attention maps."""
        captions = []
        for words, attention, log_probability in decode(self._captioning, batch):
            maps = None if attention is None else attention.reshape(-1, *self._grid).float().cpu().numpy()
            captions.append(Caption(sentence(words), tuple(words), maps, log_probability))
        return captions


@torch.inference_mode()
def decode(captioning: Captioning, features: Tensor) -> list[tuple[list[str], Tensor | None, float]]:
    """The best words of every image, their attention ``(words, pixels)`` and log-probability."""
    model, vocabulary, search = captioning
    first = torch.full((len(features),), vocabulary.start, dtype=torch.long, device=features.device)
    found = beam_search(model.step, model.start(features), first, vocabulary.end, search, vocabulary.never_generated)
    return [
        ([vocabulary.words[number] for number in best.words], best.attention, best.log_probability)
        for best, *_ in found
    ]
