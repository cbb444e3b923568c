"""What the captioner learns: human captions, all of a photograph's in one step."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sentikit import Example, Metric, PackModel, SentikitError
from sentikit.english import sentence
from sentikit.english.tokenizer import tokenize
from sentikit.formats.coco import read_captions
from sentikit.images import find_coco_images, missing_warning
from sentikit.io.messages import count, first, verb_for
from sentikit.nn.beam_search import BeamSettings
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings, Prediction
from sentikit.nn.vocabulary import Vocabulary
from sentikit.training.sequence_loss import sequence_loss
from sentikit.training.task import say

from .captioner import decode, predict
from .packing import Captioning, pack_model, unpack
from .self_critical import CaptionReward, sample_captions, self_critical_loss
from .settings import DEFAULT_SEARCH, CaptionerSettings, CaptionSettings

_MIRRORED = {"left": "right", "right": "left"}
_SHOWN = 10
"""Words that a message names."""


@dataclass(frozen=True)
class Captioned:
    """A photograph's captions, as written and as words."""

    texts: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]


class CaptionTask(ABC):
    """The part of a `Task` that reads and validates, for all that trains the captioner."""

    model = "attention"
    monitor = "CIDEr"
    metrics = ("bleu", "cider")

    def __init__(self, settings: CaptionSettings) -> None:
        self._common = settings
        self._search = BeamSettings()
        self._vocabulary = Vocabulary([])

    def read(self, path: Path, images: Path | None, split: str) -> list[Example]:
        """The captioned photographs of a COCO captions file, plain or updated."""
        captions = read_captions(path, allow_updated=True)
        for warning in captions.warnings():
            say(warning)
        texts: dict[Any, list[str]] = {}
        for _, annotation in captions.usable():
            texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
        photos = find_coco_images(path, list(captions.images.values()), images)
        if missing := missing_warning(path, photos):
            say(missing)
        examples = []
        for ref in photos.refs:
            if found := texts.get(ref.image_id):
                words = tuple(tuple(tokenize(text)) for text in found)
                examples.append(Example(ref.path, Captioned(tuple(found), words)))
        if not examples:
            raise SentikitError(
                f"{path}: none of its captioned photographs was found; name their folder with --images."
            )
        return examples

    @abstractmethod
    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """See `Task`."""

    @abstractmethod
    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """See `Task`."""

    def restored(self, init: PackModel, dim: int) -> AttentionDecoder:
        """The decoder of `init` with the dropout of this run; its vocabulary and search are the task's from now on."""
        captioning = unpack(init)
        init.check_dim(captioning.decoder.settings.features, dim)
        self._vocabulary = captioning.vocabulary
        self._search = replace(captioning.search, **self._common.search())
        captioning.decoder.dropout.p = self._common.dropout
        return captioning.decoder

    def target(self, example: Example, rng: random.Random, mirrored: bool) -> list[list[int]]:
        """All captions as numbers; in a mirrored photograph left is right."""
        sentences = example.label.sentences
        if mirrored:
            sentences = [[_MIRRORED.get(word, word) for word in words] for words in sentences]
        return [self._encode(words) for words in sentences]

    def _encode(self, words: Sequence[str]) -> list[int]:
        return self._vocabulary.encode(words[: self._search.max_length])

    def _loss_of(self, prediction: Prediction) -> tuple[Tensor, int]:
        return sequence_loss(prediction, self._common.label_smoothing, self._common.alpha_c)

    def validate(
        self, model: nn.Module, batches: Iterable[tuple[Tensor, list[Example]]], metrics: Mapping[str, Metric]
    ) -> Mapping[str, float]:
        """BLEU and CIDEr of captions decoded by beam search."""
        return self._scores(*self._decoded(model, batches), metrics)

    def _decoded(
        self, model: nn.Module, batches: Iterable[tuple[Tensor, list[Example]]]
    ) -> tuple[list[list[str]], list[Sequence[str]]]:
        """The words of every photograph's caption, and what people wrote of it."""
        captions: list[list[str]] = []
        references: list[Sequence[str]] = []
        assert isinstance(model, AttentionDecoder)
        captioning = Captioning(model, self._vocabulary, self._search)
        for features, examples in batches:
            captions += [words for words, _, _ in decode(captioning, features)]
            references += [example.label.texts for example in examples]
        return captions, references

    def _scores(
        self, captions: Sequence[Sequence[str]], references: Sequence[Sequence[str]], metrics: Mapping[str, Metric]
    ) -> dict[str, float]:
        texts: dict[int | str, str] = {number: sentence(words) for number, words in enumerate(captions)}
        written: dict[int | str, Sequence[str]] = dict(enumerate(references))
        scores: dict[str, float] = {}
        for metric in metrics.values():
            scores |= metric.compute(texts, written)
        return scores

    def to_pack(self, model: nn.Module) -> PackModel:
        """The decoder, its vocabulary and the search it was validated with."""
        assert isinstance(model, AttentionDecoder)
        return pack_model(Captioning(model, self._vocabulary, self._search))


class CaptionerTask(CaptionTask):
    """Cross-entropy over the words of the human captions or, with `samples`, self-critical training on CIDEr."""

    def __init__(self, settings: CaptionerSettings) -> None:
        super().__init__(settings)
        self._settings = settings
        self._reward: CaptionReward | None = None

    def build(self, train: Sequence[Example], dim: int, init: PackModel | None) -> nn.Module:
        """A decoder over the words of the training captions, or that of `init` with its own words and those."""
        decoder = self._with_new_words(self.restored(init, dim), train) if init else self._new(train, dim)
        if self._settings.samples:
            encoded = ([self._encode(words) for words in example.label.sentences] for example in train)
            self._reward = CaptionReward(self._vocabulary, encoded)
        return decoder

    def _new(self, train: Sequence[Example], dim: int) -> AttentionDecoder:
        min_count = self._settings.min_count
        self._search = BeamSettings(**DEFAULT_SEARCH | self._settings.search())
        self._vocabulary = Vocabulary.build(
            (words for example in train for words in example.label.sentences), min_count
        )
        if not self._vocabulary.to_json()["words"]:
            raise SentikitError(f"No word of the captions occurs {min_count} times: lower --min-count.")
        return AttentionDecoder(DecoderSettings(len(self._vocabulary), dim, **self._settings.decoder()))

    def _with_new_words(self, decoder: AttentionDecoder, train: Sequence[Example]) -> AttentionDecoder:
        """The decoder with the words of the captions that are common enough and not in its vocabulary yet."""
        min_count = self._settings.min_count
        counts = Counter(word for example in train for words in example.label.sentences for word in words)
        unknown = sorted((word for word in counts if word not in self._vocabulary), key=lambda word: -counts[word])
        new = [word for word in unknown if counts[word] >= min_count]
        if unknown:
            named = first([f"{word} ({counts[word]:,})" for word in unknown], _SHOWN, ", ")
            say(
                f"{count(len(unknown), 'word')} of the captions {verb_for(len(unknown), 'is', 'are')} new to the "
                f"pack's captioner, and {len(new):,} of them, at least {min_count} times there (--min-count), "
                f"{verb_for(len(new), 'is', 'are')} added: {named}."
            )
        if not new:
            return decoder
        self._vocabulary = self._vocabulary.with_words(new)
        return decoder.with_vocabulary(len(self._vocabulary))

    def loss(self, model: nn.Module, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        """Cross-entropy over all words and the doubly stochastic term; with `samples`, the self-critical loss."""
        assert isinstance(model, AttentionDecoder)
        if self._reward is None:
            return self._word_loss(model, features, targets)
        samples, max_length = self._settings.samples, self._search.max_length
        tokens, lengths = sample_captions(model, self._vocabulary, features, samples, max_length)
        made = [
            [ids[:length] for ids, length in zip(*rows, strict=True)]
            for rows in zip(tokens.tolist(), lengths.tolist(), strict=True)
        ]
        rewards = [self._reward(captions, written) for captions, written in zip(made, targets, strict=True)]
        prediction = model(features, tokens, lengths)
        loss, count = self_critical_loss(prediction, torch.tensor(rewards, device=features.device))
        if word_weight := self._settings.word_weight:
            loss = loss + word_weight * self._word_loss(model, features, targets)[0]
        return loss, count

    def _word_loss(self, model: AttentionDecoder, features: Tensor, targets: Sequence[Any]) -> tuple[Tensor, int]:
        return self._loss_of(predict(model, features, targets))
