"""The `anp-decoder` tagger: generates the best ANPs, and scores any of its list exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from sentikit import ANP, Encoder, ImageBatch, Tag

from .model import AnpDecoder

_WIDTH = 16
"""How many first words are expanded at once: enough to keep the processor busy, few enough to stop early."""


class AnpDecoderTagger:
    """See `sentikit.ScoringTagger`."""

    def __init__(self, model: AnpDecoder, encoder: Encoder) -> None:
        self.encoder: Encoder | None = encoder
        self._grid = encoder.grid
        self._model = model.eval()

    def to(self, device: str) -> None:
        """Move to a torch device."""
        self._model.to(device)

    @torch.inference_mode()
    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        """The exact `top_k`: first words are expanded best first, until none that is left can hold a better pair."""
        if not batch.photos:
            return []
        model = self._model
        first, first_map, state = model.first(batch.encoded)
        ranked, order = first.sort(dim=-1, descending=True)
        found: list[list[_Found]] = [[] for _ in batch.photos]
        for begin in range(0, len(model.firsts), _WIDTH):
            chunk = order[:, begin : begin + _WIDTH]
            second, second_map = model.second(state, chunk, shrunk=True)
            joint = ranked[:, begin : begin + _WIDTH, None] + second
            values, indices = joint.flatten(1).topk(min(top_k, joint[0].numel()), dim=-1)
            for image, (row_values, row_indices) in enumerate(zip(values.tolist(), indices.tolist(), strict=True)):
                for value, index in zip(row_values, row_indices, strict=True):
                    if value != float("-inf"):
                        row, column = divmod(index, len(model.seconds))
                        found[image].append(_Found(value, int(chunk[image, row]), column, second_map[image, row]))
                found[image] = sorted(found[image], key=lambda entry: -entry.value)[:top_k]
            end = begin + chunk.shape[1]
            if end < len(model.firsts) and all(
                len(entries) == top_k and entries[-1].value >= float(ranked[image, end])
                for image, entries in enumerate(found)
            ):
                break
        return [[self._tag(entry, first_map[image]) for entry in entries] for image, entries in enumerate(found)]

    @torch.inference_mode()
    def scorer(self, batch: ImageBatch) -> DecoderScorer:
        """A scorer bound to the images of `batch`."""
        return DecoderScorer(self._model, batch.encoded)

    def _tag(self, entry: _Found, first_map: Tensor) -> Tag:
        maps = [first_map, entry.second_map]
        if self._model.noun_first:
            maps.reverse()
        attention = torch.stack(maps).reshape(2, *self._grid).float().cpu().numpy()
        return Tag(
            self._model.anp(entry.first, entry.second), 1.0 if entry.value > 0 else math.exp(entry.value), attention
        )


class _Found(NamedTuple):
    """A pair that was expanded."""

    value: float
    first: int
    second: int
    second_map: Tensor


class DecoderScorer:
    """See `sentikit.Scorer`. Only the first words that are asked for are expanded."""

    def __init__(self, model: AnpDecoder, features: Tensor) -> None:
        self._model = model
        self._first, _, self._state = model.first(features)
        self._first_words_of: dict[str, list[str]] = {}
        for anp in model.anps:
            first, second = model.ordered(anp)
            self._first_words_of.setdefault(second, []).append(first)

    @torch.inference_mode()
    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """log P(first) + log P(second | first)."""
        known = set(self._model.anps)
        pairs = [[self._model.ordered(anp) if anp in known else None for anp in wanted] for wanted in anps]
        tables = self._expand([[pair[0] for pair in wanted if pair] for wanted in pairs])
        return [
            [table[pair[0]][self._model.second_index[pair[1]]] if pair else float("-inf") for pair in wanted]
            for table, wanted in zip(tables, pairs, strict=True)
        ]

    @torch.inference_mode()
    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """P(adjective | noun): noun first, read off; adjective first, by normalising over the noun's adjectives."""
        model = self._model
        if model.noun_first:
            firsts = [[noun for noun in wanted if noun in model.first_index] for wanted in nouns]
        else:
            firsts = [[first for noun in wanted for first in self._first_words_of.get(noun, [])] for wanted in nouns]
        tables = self._expand(firsts)
        return [[self._ranked(table, noun) for noun in wanted] for table, wanted in zip(tables, nouns, strict=True)]

    def _ranked(self, table: dict[str, list[float]], noun: str) -> list[Tag]:
        model = self._model
        if model.noun_first:
            row = table.get(noun, [])
            scores = {model.seconds[index]: value for index, value in enumerate(row) if value > float("-inf")}
        else:
            index = model.second_index.get(noun)
            scores = {first: table[first][index] for first in self._first_words_of.get(noun, []) if index is not None}
        if not scores:
            return []
        probabilities = torch.tensor(list(scores.values())).softmax(dim=0).tolist()
        tags = [Tag(ANP(adjective, noun), value) for adjective, value in zip(scores, probabilities, strict=True)]
        return sorted(tags, key=lambda tag: -(tag.probability or 0.0))

    def _expand(self, wanted: Sequence[Sequence[str]]) -> list[dict[str, list[float]]]:
        """For each image and each first word wanted: the joint log-probability with every second word."""
        words = [list(dict.fromkeys(row)) for row in wanted]
        width = max(map(len, words), default=0)
        if not width:
            return [{} for _ in words]
        indices = [[self._model.first_index[word] for word in row] + [0] * (width - len(row)) for row in words]
        firsts = torch.tensor(indices, device=self._first.device)
        second, _ = self._model.second(self._state, firsts)
        joint = (self._first.gather(1, firsts).unsqueeze(-1) + second).tolist()
        return [dict(zip(row, values, strict=False)) for row, values in zip(words, joint, strict=True)]
