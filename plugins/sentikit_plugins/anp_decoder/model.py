"""The decoder over a closed list of ANPs: `[SOS] adjective noun [EOS]`, or noun first."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from sentikit import ANP, UsageError
from sentikit.nn.adjective_prior import AdjectivePrior
from sentikit.nn.anp_model import AnpModel
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings, DecoderState
from sentikit.nn.vocabulary import Vocabulary


class AnpDecoder(AnpModel):
    """P(ANP | image) = P(first word) P(second word | first), each over the words that the list allows there.

    The first word is the adjective (paper section 4.2.1), or the noun (section 6) where `noun_first` is set.
    """

    allowed: Tensor
    first_ids: Tensor
    second_ids: Tensor
    log_prior: Tensor

    def __init__(
        self,
        settings: DecoderSettings,
        vocabulary: Vocabulary,
        anps: Sequence[ANP],
        noun_first: bool,
    ) -> None:
        super().__init__(anps)
        self.decoder = AttentionDecoder(settings)
        self.dim = settings.features
        self.vocabulary = vocabulary
        self.noun_first = noun_first
        pairs = [self.ordered(anp) for anp in anps]
        self.firsts = sorted({first for first, _ in pairs})
        self.seconds = sorted({second for _, second in pairs})
        self.first_index = {word: index for index, word in enumerate(self.firsts)}
        self.second_index = {word: index for index, word in enumerate(self.seconds)}
        allowed = torch.zeros(len(self.firsts), len(self.seconds), dtype=torch.bool)
        rows, columns = zip(*pairs, strict=True)
        allowed[[self.first_index[word] for word in rows], [self.second_index[word] for word in columns]] = True
        # Not in the state: they follow from the list, and from the prior.
        self.register_buffer("log_prior", torch.full(allowed.shape, float("nan")), persistent=False)
        self.register_buffer("allowed", allowed, persistent=False)
        self.register_buffer("first_ids", torch.tensor([vocabulary.id(w) for w in self.firsts]), persistent=False)
        self.register_buffer("second_ids", torch.tensor([vocabulary.id(w) for w in self.seconds]), persistent=False)

    def with_anps(self, anps: Sequence[ANP]) -> AnpDecoder:
        """See `AnpModel`; words that are new are added to the vocabulary."""
        words = sorted({word for anp in anps for word in anp if word not in self.vocabulary})
        vocabulary, decoder = self.vocabulary, self.decoder
        if words:
            vocabulary = vocabulary.with_words(words)
            decoder = decoder.with_vocabulary(len(vocabulary))
        grown = AnpDecoder(decoder.settings, vocabulary, [*self.anps, *anps], self.noun_first)
        grown.decoder = decoder
        if self.prior:
            grown.shrink_towards(self.prior.over(grown.anps))
        return grown

    def shrink_towards(self, prior: AdjectivePrior) -> None:
        """Take `prior` from now on. Raises UsageError where the adjective comes first."""
        if not self.noun_first:
            raise UsageError(
                "--prior is of a noun's adjectives, which come first here: it needs --noun-first, and with --init a "
                "pack that decodes the noun first."
            )
        super().shrink_towards(prior)
        for index, (first, second) in enumerate(map(self.ordered, self.anps)):
            self.log_prior[self.first_index[first], self.second_index[second]] = prior.logs[index]

    def ordered(self, anp: ANP) -> tuple[str, str]:
        """The words of `anp` in the order of decoding."""
        return (anp.noun, anp.adjective) if self.noun_first else (anp.adjective, anp.noun)

    def anp(self, first: int, second: int) -> ANP:
        """The ANP of a first and a second word, given by their indices."""
        words = self.firsts[first], self.seconds[second]
        return ANP(words[1], words[0]) if self.noun_first else ANP(*words)

    def first(self, features: Tensor) -> tuple[Tensor, Tensor, DecoderState]:
        """Features ``(images, pixels, dim)`` -> log P(first) ``(images, firsts)``, attention ``(images, pixels)``."""
        state = self.decoder.start(features)
        start = torch.full((len(features), 1), self.vocabulary.start, dtype=torch.long, device=features.device)
        scores, attention, state = self.decoder.step(state, start)
        return scores[:, 0, self.first_ids].log_softmax(dim=-1), attention[:, 0], state

    def second(self, state: DecoderState, firsts: Tensor, shrunk: bool = False) -> tuple[Tensor, Tensor]:
        """After the first words with the indices `firsts` ``(images, rows)``: log P(second | first), and attention;
        `shrunk` towards the prior, or without it.

        Their shapes are ``(images, rows, seconds)``, with -inf where the list has no such pair, and
        ``(images, rows, pixels)``.
        """
        state = state.gather(torch.zeros_like(firsts))
        scores, attention, _ = self.decoder.step(state, self.first_ids[firsts])
        scores = scores[..., self.second_ids].masked_fill(~self.allowed[firsts], float("-inf"))
        second = scores.log_softmax(dim=-1)
        if shrunk and self.prior is not None:
            second = self.prior.of_nouns(second, self.log_prior[firsts])
        return second, attention

    def table(self, features: Tensor, shrunk: bool = False) -> Tensor:
        """log P(ANP) over the whole list ``(images, anps)``; `shrunk` towards the prior, or without it."""
        first, _, state = self.first(features)
        everyone = torch.arange(len(self.firsts), device=features.device).expand(len(features), -1)
        second, _ = self.second(state, everyone, shrunk)
        joint = first.unsqueeze(-1) + second
        pairs = [self.ordered(anp) for anp in self.anps]
        rows = [self.first_index[one] for one, _ in pairs]
        columns = [self.second_index[two] for _, two in pairs]
        return joint[:, rows, columns]

    def shrunk_table(self, features: Tensor) -> Tensor:
        """See `AnpModel`."""
        return self.table(features, shrunk=True)
