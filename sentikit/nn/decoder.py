"""The attention decoder: one implementation for captions and for adjective-noun pairs (paper sections 4.1.3, 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import SentikitError, errors_name
from ..io.messages import show
from .soft_attention import SoftAttention
from .vocabulary import SPECIAL

LARGEST_SIZE = 2**16
LARGEST_VOCABULARY = 10**6


@dataclass(frozen=True)
class DecoderSettings:
    """The sizes of a decoder. Defaults are the paper's, but for dropout (0.6 there).

    Raises SentikitError where they do not fit together.
    """

    vocabulary: int
    """Number of words, special ones included."""
    features: int
    """How many numbers of each pixel are read: `dim` of the encoder, or less where it has more to give."""
    embedding: int = 512
    attention: int = 512
    hidden: int = 512
    dropout: float = 0.5
    """Of the words that go in, and of what the next word is read from."""
    project: bool = False
    """Project the features to `hidden` with a LayerNorm first."""
    tie: bool = False
    """Read the next word with the embedding's own weights."""
    deep_output: bool = False
    """Read the next word from the hidden state, the context and the last word (Xu et al. 2015, equation 7)."""
    linear_start: bool = False
    """Start the LSTM from linear maps of the mean features, without tanh."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value: Any = getattr(self, field.name)
            kind: Any = {"int": int, "float": (int, float), "bool": bool}[str(field.type)]
            if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 1)):
                raise SentikitError(f"The decoder setting {field.name!r} cannot be {show(value)}.")
            largest = LARGEST_VOCABULARY if field.name == "vocabulary" else LARGEST_SIZE
            if kind is int and value > largest:
                raise SentikitError(
                    f"The decoder setting {field.name!r} must be at most {largest:,}, not {show(value)}."
                )
        if not 0 <= self.dropout < 1:
            raise SentikitError(f"The decoder setting 'dropout' must be at least 0 and below 1, not {self.dropout}.")
        if self.tie and not self.deep_output and self.embedding != self.hidden:
            raise SentikitError(
                f"Tied words need an embedding as large as the hidden state, not {self.embedding} and {self.hidden}: "
                "make them equal, or use deep-output or no tying."
            )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], source: str = "The decoder's settings") -> DecoderSettings:
        """What `to_json` gave. `source` names it in errors."""
        known = {field.name for field in fields(cls)}
        if not isinstance(data, Mapping):
            raise SentikitError(f"{source} has no settings of a decoder, but {show(data)}.")
        if unknown := sorted(set(data) - known):
            raise SentikitError(
                f"{source} has the unknown setting {show(unknown[0])}; known are {', '.join(sorted(known))}."
            )
        if missing := sorted({"vocabulary", "features"} - set(data)):
            raise SentikitError(f"{source} lacks the setting {missing[0]!r}.")
        with errors_name(source):
            return cls(**data)


@dataclass(frozen=True)
class DecoderState:
    """Where decoding stands: what is known of each image, and of each of its rows (beams, captions, samples)."""

    features: Tensor
    """``(images, pixels, dim)``"""
    projected: Tensor
    """``(images, pixels, attention)``"""
    hidden: Tensor
    """``(images, rows, hidden)``"""
    cell: Tensor

    def gather(self, rows: Tensor) -> DecoderState:
        """The rows whose numbers are given for each image ``(images, new rows)``; a row may be taken repeatedly."""
        index = rows.unsqueeze(-1).expand(-1, -1, self.hidden.shape[-1])
        return replace(self, hidden=self.hidden.gather(1, index), cell=self.cell.gather(1, index))

    def images(self, index: Tensor) -> DecoderState:
        """The images whose numbers are given ``(new images,)``."""
        return DecoderState(self.features[index], self.projected[index], self.hidden[index], self.cell[index])


class Prediction(NamedTuple):
    """What teacher forcing gives. Its `logits` and `targets` are of the real words alone, padding left out."""

    logits: Tensor
    """``(words, vocabulary)``: for each true of `mask`, in its order."""
    targets: Tensor
    """``(words,)``: the words that should have been predicted."""
    attention: Tensor
    """``(images, captions, length - 1, pixels)``, where the photo was looked at for each target; 0 where padded."""
    mask: Tensor
    """``(images, captions, length - 1)``: true where there is a target."""


class AttentionDecoder(nn.Module):
    """An LSTM that looks at the feature map before every word, through a gate (Xu et al. 2015)."""

    def __init__(self, settings: DecoderSettings) -> None:
        super().__init__()
        self.settings = settings
        hidden, embedding = settings.hidden, settings.embedding
        dim = hidden if settings.project else settings.features
        self.project = nn.Sequential(nn.Linear(settings.features, dim), nn.LayerNorm(dim)) if settings.project else None
        self.attention = SoftAttention(dim, settings.attention)
        self.embedding = nn.Embedding(settings.vocabulary, embedding)
        self.start_hidden = nn.Linear(dim, hidden)
        self.start_cell = nn.Linear(dim, hidden)
        # The LSTM's input weights, one part each for the word, the context and (below) the hidden state, so that
        # all of a caption's words go through theirs at once.
        self.word_gates = nn.Linear(embedding, 4 * hidden)
        self.context_gates = nn.Linear(dim, 4 * hidden, bias=False)
        # All that is computed from the hidden state: attention's query, the context's gate, the LSTM's gates.
        self.from_hidden = nn.Linear(hidden, settings.attention + dim + 4 * hidden)
        if settings.deep_output:
            self.hidden_readout = nn.Linear(hidden, embedding)
            self.context_readout = nn.Linear(dim, embedding, bias=False)
        readout = embedding if settings.deep_output else hidden
        self.output = None if settings.tie else nn.Linear(readout, settings.vocabulary)
        self.output_bias = nn.Parameter(torch.zeros(settings.vocabulary)) if settings.tie else None
        self.dropout = nn.Dropout(settings.dropout)
        nn.init.normal_(self.embedding.weight, std=embedding**-0.5)
        with torch.no_grad():
            self.word_gates.bias[hidden : 2 * hidden] = 1  # remember at first

    @torch.no_grad()
    def with_vocabulary(self, size: int) -> AttentionDecoder:
        """The same decoder with words added up to `size`; a new one begins as the mean of those that are known."""
        grown = AttentionDecoder(replace(self.settings, vocabulary=size))
        grown.dropout.p = self.dropout.p
        own = self.state_dict()
        for name, tensor in grown.state_dict().items():
            tensor.copy_(with_mean_rows(own[name], len(tensor) - len(own[name]), len(SPECIAL)))
        return grown

    def start(self, features: Tensor) -> DecoderState:
        """Features ``(images, pixels, dim)`` -> a state with one row for each image."""
        features = features[..., : self.settings.features]
        if self.project is not None:
            features = self.project(features)
        mean = features.mean(dim=1, keepdim=True)
        hidden, cell = self.start_hidden(mean), self.start_cell(mean)
        if not self.settings.linear_start:
            hidden, cell = torch.tanh(hidden), torch.tanh(cell)
        return DecoderState(features, self.attention.project(features), hidden, cell)

    def step(self, state: DecoderState, tokens: Tensor) -> tuple[Tensor, Tensor, DecoderState]:
        """One word on, for every row.

        tokens: the last words ``(images, rows)``; `[SOS]` at first.
        Returns log-probabilities of the next ones ``(images, rows, vocabulary)``, where the image was looked at for
        them ``(images, rows, pixels)``, and the next state.
        """
        words = self.dropout(self.embedding(tokens))
        state, context, weights = self._advance(state, self.word_gates(words))
        return self._logits(state.hidden, context, words).log_softmax(dim=-1), weights, state

    def forward(self, features: Tensor, tokens: Tensor, lengths: Tensor | None = None) -> Prediction:
        """Teacher forcing over whole captions, the image projection shared by an image's captions.

        features: ``(images, pixels, dim)``.
        tokens: ``(images, captions, length)``, or ``(images, length)`` for one caption each: `[SOS]`, words, `[EOS]`,
        then anything.
        lengths: ``(images, captions)`` or ``(images,)``: tokens of each caption, `[SOS]` and `[EOS]` counted;
        0 where there is no such caption. None: all are full.
        """
        if tokens.dim() == 2:
            tokens, lengths = tokens.unsqueeze(1), lengths if lengths is None else lengths.unsqueeze(1)
        images, captions, length = tokens.shape
        if lengths is None:
            lengths = tokens.new_full((images, captions), length)
        steps = torch.arange(length - 1, device=tokens.device)
        mask = steps < (lengths - 1).unsqueeze(-1)

        # An image's captions go longest first, so that a step can leave out the columns in which none is left.
        order = lengths.argsort(dim=1, descending=True, stable=True)
        back = order.argsort(dim=1)
        columns = mask.gather(1, order.unsqueeze(-1).expand_as(mask)).any(dim=0).sum(dim=0).tolist()
        inputs = tokens[..., :-1]
        words = self.dropout(self.embedding(inputs.gather(1, order.unsqueeze(-1).expand_as(inputs))))

        state = self.start(features)
        state = state.gather(torch.zeros_like(order))
        hidden, contexts, maps = [], [], []
        for gates, width in zip(self.word_gates(words).unbind(2), columns, strict=True):
            state = replace(state, hidden=state.hidden[:, :width], cell=state.cell[:, :width])
            state, context, weights = self._advance(state, gates[:, :width])
            hidden.append(_widen(state.hidden, captions))
            contexts.append(_widen(context, captions))
            maps.append(_widen(weights, captions))

        def in_order(rows: Tensor) -> Tensor:
            return rows.gather(1, back[..., None, None].expand_as(rows))

        readable = [in_order(torch.stack(hidden, dim=2))[mask]]
        if self.settings.deep_output:
            readable += [in_order(torch.stack(contexts, dim=2))[mask], in_order(words)[mask]]
        attention = in_order(torch.stack(maps, dim=2)) * mask.unsqueeze(-1)
        return Prediction(self._logits(*readable), tokens[..., 1:][mask], attention, mask)

    def _advance(self, state: DecoderState, word_gates: Tensor) -> tuple[DecoderState, Tensor, Tensor]:
        """The state after a word, with the context ``(images, rows, dim)`` and attention it was reached through."""
        sizes = (self.settings.attention, state.features.shape[-1], 4 * self.settings.hidden)
        query, gate, hidden_gates = self.from_hidden(state.hidden).split(sizes, dim=-1)
        context, weights = self.attention(state.features, state.projected, query)
        context = torch.sigmoid(gate) * context
        gates = word_gates + hidden_gates + self.context_gates(context)
        take, keep, new, show = gates.chunk(4, dim=-1)
        cell = torch.sigmoid(keep) * state.cell + torch.sigmoid(take) * torch.tanh(new)
        hidden = torch.sigmoid(show) * torch.tanh(cell)
        return replace(state, hidden=hidden, cell=cell), context, weights

    def _logits(self, hidden: Tensor, context: Tensor | None = None, words: Tensor | None = None) -> Tensor:
        readout = hidden
        if self.settings.deep_output:
            readout = self.hidden_readout(hidden) + self.context_readout(context) + words
        readout = self.dropout(readout)
        weight = self.embedding.weight if self.output is None else self.output.weight
        return functional.linear(readout, weight, self.output_bias if self.output is None else self.output.bias)


def with_mean_rows(rows: Tensor, count: int, first: int = 0) -> Tensor:
    """`rows` with `count` more of them, each the mean of those from `first` on: neither likely nor unlikely."""
    if not count:
        return rows
    mean = rows[first:].mean(dim=0, keepdim=True)
    return torch.cat([rows, mean.expand(count, *rows.shape[1:])])


def _widen(rows: Tensor, count: int) -> Tensor:
    """``(images, rows, size)`` with rows of zeros added up to `count`."""
    return functional.pad(rows, (0, 0, 0, count - rows.shape[1]))
