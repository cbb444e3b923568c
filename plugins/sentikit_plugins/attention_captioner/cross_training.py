"""Cross-training: a captioner is fine-tuned with a tagger's adjectives, weighted by attention (paper section 4.2.3).

The authors gave it up, as an adjective's own mask says little of its noun (section 5.5). Here the masks at the *noun*
weigh both words: the weight is a coefficient from a pass that is over, so the order of the words does not matter to it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sentikit import Example, Metric, PackModel, SentikitError, TrainingContext, UsageError
from sentikit.english.noun_phrases import NounFinder
from sentikit.nn.decoder import AttentionDecoder, Prediction
from sentikit.training.task import say

from .captioner import predict
from .pair_weights import Weighting, noun_maps
from .pairs import Noun, Pair, Pairing, find_nouns
from .settings import CrossSettings
from .task import CaptionTask
from .teacher import Teacher, open_teacher

ADJECTIVES = "adjectives"
"""The score that says how many of the captions have an adjective of the tagger's."""


class Target(NamedTuple):
    """A photograph's captions as numbers, and the nouns of each."""

    captions: list[list[int]]
    nouns: list[tuple[Noun, ...]]


class CrossTrainingTask(CaptionTask):
    """L = the captioner's loss + lambda * sum of w * [-log p(adjective | before) - log p(noun | before, adjective)].

    The sum is over the nouns of the captions that a tag of the photograph agrees with, w by `Weighting`. Weights belong
    to a batch; where torchrun splits it, each process weighs its own part.
    """

    _tagger: Teacher
    _pairing: Pairing
    _adjectives: set[str]

    def __init__(self, settings: CrossSettings) -> None:
        super().__init__(settings)
        self._settings = settings
        self._weighting = Weighting(
            settings.weights, settings.distance, settings.closeness, settings.tau, debias=not settings.raw_maps
        )
        self._finder = NounFinder()
        self._nouns: dict[tuple[str, ...], tuple[Noun, ...]] = {}

    def begin(self, context: TrainingContext) -> Mapping[str, str]:
        """Open the tagger. Raises SentikitError where it cannot be learnt from."""
        assert self._settings.tagger is not None
        self._tagger = open_teacher(self._settings.tagger, context, self._settings.top_k)
        return {"tagger": self._tagger.identity}

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """The captioner of `init`. Raises SentikitError without one, and where it knows none of the adjectives."""
        if init is None:
            raise UsageError("Cross-training goes on from a captioner: name its pack with --init.")
        decoder = self.restored(init, dim)
        self._check_adjectives()
        everywhere = self._settings.weights == "one"
        if self._settings.strength:
            self._find_nouns(train, None if everywhere else {anp.noun for anp in self._tagger.anps})
        self._pairing = Pairing(self._vocabulary, self._finder.lemma, everywhere)
        return decoder

    def _check_adjectives(self) -> None:
        adjectives = sorted({anp.adjective for anp in self._tagger.anps})
        missing = [word for word in adjectives if word not in self._vocabulary]
        if len(missing) == len(adjectives):
            raise SentikitError(
                f"The captioner has none of the adjectives that the tagger {self._tagger.name!r} may use."
            )
        if missing:
            say(
                f"{len(missing):,} of the tagger's {len(adjectives):,} adjectives are no words of the captioner's and "
                f"are passed over: {', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}."
            )
        self._adjectives = set(adjectives) - set(missing)

    def _find_nouns(self, train: Sequence[Example], wanted: set[str] | None) -> None:
        captions = list(dict.fromkeys(words for example in train for words in example.label.sentences))
        say(f"Finding the nouns of {len(captions):,} captions.")
        self._nouns = dict(zip(captions, find_nouns(self._finder, captions, wanted), strict=True))

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> Any:
        """All captions as numbers, with their nouns."""
        nouns = [self._nouns.get(words, ()) for words in example.label.sentences]
        return Target(super().target(example, rng, mirrored), nouns)

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """The captioner's loss of the captions, and lambda times that of the adjectives put into them."""
        assert isinstance(model, AttentionDecoder)
        prediction = predict(model, features, [target.captions for target in targets])
        loss, count = self._loss_of(prediction)
        if self._settings.strength:
            loss = loss + self._settings.strength * self._pair_loss(model, features, targets, prediction)
        return loss, count

    def _pair_loss(
        self, model: AttentionDecoder, features: Tensor, targets: Sequence[Target], prediction: Prediction
    ) -> Tensor:
        pairs, weights = self.weighted_pairs(features, targets, prediction)
        if not weights.any():
            return features.new_zeros(())
        rows: list[list[list[int]]] = [[] for _ in targets]
        for pair in pairs:
            rows[pair.image].append(pair.ids)
        nll = last_words_nll(predict(model, features, rows), 2)
        return (weights * nll.sum(dim=1)).sum()

    def weighted_pairs(
        self, features: Tensor, targets: Sequence[Target], prediction: Prediction
    ) -> tuple[list[Pair], Tensor]:
        """The adjectives that go into the captions, and what each weighs.

        prediction: of the captions as they are.
        """
        tags = self._tagger.tag(features)
        captions, nouns = [target.captions for target in targets], [target.nouns for target in targets]
        pairs = self._pairing(captions, nouns, tags)
        if not any(pair.agrees for pair in pairs):
            return [], features.new_zeros(0)
        seen = noun_maps(tag for found in tags for tag in found)
        tagged = noun_maps(pair.tag for pair in pairs)
        return pairs, self._weighting(pairs, prediction, tagged, seen.mean(axis=0))

    def validate(
        self, model: nn.Module, batches: Iterable[tuple[Tensor, list[Example]]], metrics: Mapping[str, Metric]
    ) -> Mapping[str, float]:
        """The captioner's scores, and the share of the captions that have an adjective of the tagger's."""
        captions, references = self._decoded(model, batches)
        with_one = sum(not self._adjectives.isdisjoint(words) for words in captions)
        return self._scores(captions, references, metrics) | {ADJECTIVES: with_one / len(captions)}


def last_words_nll(prediction: Prediction, count: int) -> Tensor:
    """-log p of the last `count` words of each caption there is ``(captions, count)``."""
    lengths = prediction.mask.sum(dim=-1).flatten()
    ends = lengths.cumsum(dim=0)[lengths > 0]
    indices = ends.unsqueeze(1) - torch.arange(count, 0, -1, device=ends.device)
    logits, words = prediction.logits[indices].float(), prediction.targets[indices]
    return functional.cross_entropy(logits.flatten(0, 1), words.flatten(), reduction="none").view_as(words)
