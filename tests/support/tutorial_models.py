"""A minimal definition of the captioning tutorial's models, and its way to search, written for the tests.

The classes have the tutorial's names and attributes, since its checkpoints pickle them by name. `saved_under` makes
them importable as `models.*` while a checkpoint is saved, and not a moment longer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

WORDS = ("a", "dog", "cat", "runs", "sits", "on", "the", "grass", "street", "red")
WORD_MAP = {word: number + 1 for number, word in enumerate(WORDS)} | {
    "<unk>": 11, "<start>": 12, "<end>": 13, "<pad>": 0,
}  # fmt: skip


class Encoder(nn.Module):
    """A ResNet without its last two layers, averaged to a grid: ``(batch, grid, grid, dim)``."""

    def __init__(self, resnet: nn.Module, encoded_image_size: int = 14) -> None:
        super().__init__()
        self.enc_image_size = encoded_image_size
        self.resnet = nn.Sequential(*list(resnet.children())[:-2])
        self.adaptive_pool = nn.AdaptiveAvgPool2d((encoded_image_size, encoded_image_size))

    def forward(self, images: Tensor) -> Tensor:
        return self.adaptive_pool(self.resnet(images)).permute(0, 2, 3, 1)


class Attention(nn.Module):
    """Additive attention over pixels."""

    def __init__(self, dim: int, hidden: int, size: int) -> None:
        super().__init__()
        self.encoder_att = nn.Linear(dim, size)
        self.decoder_att = nn.Linear(hidden, size)
        self.full_att = nn.Linear(size, 1)
        self.relu = nn.ReLU()
        self.softmax = nn.Softmax(dim=1)

    def forward(self, pixels: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        fit = self.full_att(self.relu(self.encoder_att(pixels) + self.decoder_att(hidden)[:, None])).squeeze(2)
        weights = self.softmax(fit)
        return torch.einsum("bp,bpd->bd", weights, pixels), weights


class DecoderWithAttention(nn.Module):
    """An LSTM that attends before every word, through a gate."""

    def __init__(self, attention: int, embedding: int, hidden: int, vocabulary: int, dim: int) -> None:
        super().__init__()
        self.attention = Attention(dim, hidden, attention)
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.dropout = nn.Dropout(p=0.4)
        self.decode_step = nn.LSTMCell(embedding + dim, hidden, bias=True)
        self.init_h = nn.Linear(dim, hidden)
        self.init_c = nn.Linear(dim, hidden)
        self.f_beta = nn.Linear(hidden, dim)
        self.sigmoid = nn.Sigmoid()
        self.fc = nn.Linear(hidden, vocabulary)

    def start(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        mean = pixels.mean(dim=1)
        return self.init_h(mean), self.init_c(mean)

    def step(
        self, pixels: Tensor, words: Tensor, state: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
        """Logits ``(rows, vocabulary)``, attention ``(rows, pixels)`` and the next state."""
        context, weights = self.attention(pixels, state[0])
        context = self.sigmoid(self.f_beta(state[0])) * context
        state = self.decode_step(torch.cat([self.embedding(words), context], dim=1), state)
        return self.fc(self.dropout(state[0])), weights, state


class Found:
    """A caption's numbers without start and end, its log-probability and its attention ``(words, pixels)``."""

    def __init__(self, words: list[int], score: float, maps: list[Tensor]) -> None:
        self.words, self.score, self.maps = words, score, maps


@torch.no_grad()
def search(decoder: DecoderWithAttention, pixels: Tensor, beams: int, words: dict[str, int]) -> Found | None:
    """The tutorial's search of one photograph ``(pixels, dim)``.

    Every caption that ends leaves the search with one beam less; after 51 words the search stops. The best of all
    captions that ended wins, by its log-probability. None if none ended.
    """
    end, room = words["<end>"], beams
    rows = [(0.0, [words["<start>"]], [], decoder.start(pixels[None]))]
    ended: list[Found] = []
    for _ in range(51):
        longer = []
        for score, sentence, maps, state in rows:
            logits, weights, following = decoder.step(pixels[None], torch.tensor(sentence[-1:]), state)
            for word, value in enumerate(logits.log_softmax(dim=1)[0].tolist()):
                longer.append((score + value, [*sentence, word], [*maps, weights[0]], following))
        best = sorted(longer, key=lambda row: -row[0])[:room]
        ended += [Found(row[1][1:-1], row[0], row[2][:-1]) for row in best if row[1][-1] == end]
        rows = [row for row in best if row[1][-1] != end]
        room = len(rows)
        if not room:
            break
    return max(ended, key=lambda found: found.score, default=None)


def make_encoder(seed: int, depth: str = "resnet18", grid: int = 5) -> Encoder:
    """A ResNet of random weights, its batch norms not those of a new one."""
    torch.manual_seed(seed)
    resnet = torchvision.models.get_model(depth, weights=None)
    for module in resnet.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
    return Encoder(resnet, grid).eval()


@torch.no_grad()
def make_decoder(seed: int, pace: float = 0.15, dim: int = 512) -> DecoderWithAttention:
    """A decoder of random weights, but for one unit, which counts the words: the more, the likelier is an end.

    pace: what a word adds; the less, the longer are the captions.
    """
    torch.manual_seed(seed)
    decoder = DecoderWithAttention(7, 6, 9, len(WORD_MAP), dim).eval()
    for parameter in decoder.parameters():
        parameter.normal_(std=0.7)
    for layer in (decoder.init_h, decoder.init_c, decoder.attention.encoder_att, decoder.f_beta):
        layer.weight.mul_(0.1)
    step = decoder.decode_step
    step.weight_ih[:, 6:].mul_(0.1)
    units = slice(0, None, 9)  # the first unit's input, forget, new and output gates
    step.weight_ih[units], step.weight_hh[units], step.bias_hh[units] = 0, 0, 0
    step.bias_ih[units] = torch.tensor([9, 9, torch.atanh(torch.tensor(pace)), 9])
    decoder.init_c.weight[0], decoder.init_c.bias[0] = 0, -1
    decoder.fc.weight[:, 0] = 0
    decoder.fc.weight[WORD_MAP["<end>"], 0] = 5
    return decoder


@contextmanager
def saved_under(module: str = "models") -> Iterator[None]:
    """The classes are `models.Encoder` and so on while the block runs, as in the tutorial's checkpoints."""
    classes = (Encoder, Attention, DecoderWithAttention)
    before = [made.__module__ for made in classes]
    made = ModuleType(module)
    for one in classes:
        one.__module__ = module
        setattr(made, one.__name__, one)
    sys.modules[module] = made
    try:
        yield
    finally:
        del sys.modules[module]
        for one, name in zip(classes, before, strict=True):
            one.__module__ = name


def save(folder: Path, encoder: Any, decoder: Any, **others: Any) -> Path:
    """A checkpoint `best.pth.tar` and its word map `words.json`; the checkpoint."""
    content = {
        "epoch": 12, "epochs_since_improvement": 1, "bleu-4": 0.2145, "encoder": encoder, "decoder": decoder,
        "encoder_optimizer": None, "decoder_optimizer": trained(decoder),
    }  # fmt: skip
    with saved_under():
        torch.save(content, folder / "best.pth.tar", **others)
    (folder / "words.json").write_text(json.dumps(WORD_MAP), "utf-8")
    return folder / "best.pth.tar"


def trained(decoder: Any) -> Any:
    """An optimizer that made a step, so that it has a state for each parameter."""
    optimizer = torch.optim.Adam(decoder.parameters(), lr=0.0) if isinstance(decoder, torch.nn.Module) else None
    if optimizer:
        for parameter in decoder.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        optimizer.zero_grad()
    return optimizer
