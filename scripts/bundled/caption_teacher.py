"""A model that reads some captions of a photograph and says which ANPs another one would state.

Few captions state an ANP. The others tell of the photograph too: a dog in the water is wet, whoever says so. What this
model makes of all captions of a photograph is one of the labels that the taggers learn from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from sentikit import ANP

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_LEAST_COUNT = 8
"""Captions that a word, or two words in a row, must be in."""
_DROPOUT, _EPOCHS, _RATE, _BATCH = 0.7, 9, 3e-3, 128


@dataclass(frozen=True)
class Heard:
    """What there is to learn from: captions, and the ANPs that another one of the same photograph states."""

    captions: Sequence[str]
    anps: Collection[ANP]
    weight: float = 1.0


class CaptionTeacher:
    """P(ANP | captions), from a linear layer over the words, which ANPs with a word in common share in part."""

    def __init__(self, examples: Sequence[Heard], anps: Sequence[ANP]) -> None:
        """Learn from the examples, those ANPs of them that are in the list."""
        self._anps = list(anps)
        places = {anp: place for place, anp in enumerate(anps)}
        known = [example for example in examples if any(anp in places for anp in example.anps)]
        counts = Counter(term for example in known for caption in example.captions for term in _terms(caption))
        kept = sorted(term for term, count in counts.items() if count >= _LEAST_COUNT)
        self._place_of = {term: place for place, term in enumerate(kept)}
        inputs = self._inputs([example.captions for example in known])
        targets = torch.zeros(len(known), len(anps))
        for row, example in enumerate(known):
            said = [places[anp] for anp in example.anps if anp in places]
            targets[row, said] = example.weight / len(said)
        self._layer = _SharedLayer(len(kept), anps)
        _fit(self._layer, inputs, targets)

    @torch.inference_mode()
    def __call__(self, captions: Mapping[str, Sequence[str]]) -> dict[str, dict[ANP, float]]:
        """The probability of every ANP for each photograph, from its captions."""
        probabilities = self._layer.eval()(self._inputs(list(captions.values()))).softmax(dim=1).tolist()
        return {
            name: dict(zip(self._anps, row, strict=True)) for name, row in zip(captions, probabilities, strict=True)
        }

    def _inputs(self, groups: Sequence[Sequence[str]]) -> Tensor:
        """The root of the share of captions that each term is in ``(groups, terms)``."""
        inputs = torch.zeros(len(groups), len(self._place_of))
        for row, captions in enumerate(groups):
            for term, count in Counter(term for caption in captions for term in _terms(caption)).items():
                if term in self._place_of:
                    inputs[row, self._place_of[term]] = (count / len(captions)) ** 0.5
        return inputs


class _SharedLayer(nn.Module):
    """Terms -> a score for each ANP: the sum of its own, its adjective's and its noun's."""

    def __init__(self, terms: int, anps: Sequence[ANP]) -> None:
        super().__init__()
        groups = [list(anps), [anp.adjective for anp in anps], [anp.noun for anp in anps]]
        lists = [sorted(set(group)) for group in groups]
        self._places = [
            torch.tensor([words.index(word) for word in group]) for words, group in zip(lists, groups, strict=True)
        ]
        self.weights = nn.ParameterList(torch.zeros(terms, len(words)) for words in lists)
        self.bias = nn.Parameter(torch.zeros(len(anps)))

    def forward(self, inputs: Tensor) -> Tensor:
        inputs = functional.dropout(inputs, _DROPOUT, self.training)
        scores = [(inputs @ weight)[:, place] for weight, place in zip(self.weights, self._places, strict=True)]
        return torch.stack(scores).sum(dim=0) + self.bias


def _fit(layer: nn.Module, inputs: Tensor, targets: Tensor) -> None:
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(layer.parameters(), _RATE)
    steps = _EPOCHS * -(-len(inputs) // _BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    layer.train()
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(inputs)).split(_BATCH):
            loss = functional.cross_entropy(layer(inputs[rows]), targets[rows], reduction="sum") / _BATCH
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def _terms(caption: str) -> set[str]:
    """The words of a caption, and the pairs of words in a row."""
    words = _WORD.findall(caption.lower())
    return {*words, *(f"{first} {second}" for first, second in pairwise(words))}
