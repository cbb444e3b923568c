"""Self-critical training (Rennie et al. 2017): the captioner learns from the CIDEr of captions that it makes up.

Beyond the paper. The baseline of a caption is the mean of the photograph's others (Luo 2020), so no greedy captions
are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from sentikit.evaluation.cider import IDF, cider
from sentikit.nn.decoder import AttentionDecoder, Prediction
from sentikit.nn.vocabulary import Vocabulary


class CaptionReward:
    """CIDEr-D over word numbers. The end of a caption counts as a word, so stopping in mid-sentence is not rewarded."""

    def __init__(self, vocabulary: Vocabulary, images: Iterable[Sequence[Sequence[int]]]) -> None:
        """`images`: the encoded human captions of every training photograph, which say how rare an n-gram is."""
        self._end = vocabulary.end
        self._idf = IDF([[self._words(ids) for ids in captions] for captions in images])

    def __call__(self, captions: Sequence[Sequence[int]], references: Sequence[Sequence[int]]) -> list[float]:
        """The rewards of several captions of one photograph, all encoded."""
        weighed = [self._idf.weigh(self._words(ids)) for ids in references]
        return [cider(self._idf.weigh(self._words(ids)), weighed) for ids in captions]

    def _words(self, ids: Sequence[int]) -> Sequence[int]:
        """From the first word to the end."""
        return ids[1 : ids.index(self._end) + 1] if self._end in ids else ids[1:]


@torch.no_grad()
def sample_captions(
    model: AttentionDecoder, vocabulary: Vocabulary, features: Tensor, samples: int, max_length: int
) -> tuple[Tensor, Tensor]:
    """Captions drawn word by word from the model's own probabilities, without dropout.

    features: ``(images, pixels, dim)``.
    Returns tokens ``(images, samples, length)``, `[SOS]` first, and their lengths ``(images, samples)``.
    """
    was_training = model.training
    model.eval()
    shape = (len(features), samples)
    last = torch.full(shape, vocabulary.start, dtype=torch.long, device=features.device)
    state = model.start(features)
    state = state.gather(torch.zeros_like(last))
    lengths = torch.ones_like(last)
    open_rows = torch.ones_like(last, dtype=torch.bool)
    tokens = [last]
    for _ in range(max_length + 1):
        log_probabilities, _, state = model.step(state, last)
        log_probabilities[..., list(vocabulary.never_generated)] = float("-inf")
        last = torch.multinomial(log_probabilities.float().exp().flatten(0, 1), 1).view(shape)
        last = torch.where(open_rows, last, vocabulary.pad)
        tokens.append(last)
        lengths += open_rows
        open_rows = open_rows & (last != vocabulary.end)
        if not open_rows.any():
            break
    model.train(was_training)
    return torch.stack(tokens, dim=-1), lengths


def self_critical_loss(prediction: Prediction, rewards: Tensor) -> tuple[Tensor, int]:
    """Minus the log-probability of every sampled word, times how much better its caption is than the others.

    prediction: of the samples, by teacher forcing. rewards: ``(images, samples)``, at least two samples.
    Returns the sum over the words, and their number.
    """
    samples = rewards.shape[1]
    others = (rewards.sum(dim=1, keepdim=True) - rewards) / (samples - 1)
    advantage = (rewards - others).unsqueeze(-1).expand_as(prediction.mask)[prediction.mask]
    said = prediction.logits.float().log_softmax(dim=-1).gather(1, prediction.targets.unsqueeze(1)).squeeze(1)
    return -(advantage * said).sum(), len(said)
