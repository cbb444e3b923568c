"""Puts a tagger's adjectives on the nouns of a caption by where both models looked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, inf, log
from typing import NamedTuple

import numpy as np

from sentikit import ANP, Caption, CombinerItem, Rewrite, Scorer, ScorerNeed, Tag, UsageError
from sentikit.english.noun_phrases import NounFinder
from sentikit.english.placement import Candidate, place_adjectives
from sentikit.nn.attention_maps import DISTANCES, on_one_grid, without_position_bias

from .hosts import Host, hosts
from .settings import MatchSettings

_NOUN = 1
"""Of a tag's two maps, the adjective's and the noun's, the noun's says what the adjective is about."""


class _Pair(NamedTuple):
    """A tag and a noun that it may go to, with how far apart the two were looked for."""

    tag: Tag
    host: Host
    distance: float
    is_own: bool
    """Whether it is the tag's noun."""


class AttentionMatch:
    """An adjective and a noun belong together by log p(ANP) + k log(1 - distance of their maps) + log agreement.

    Agreement is 1 for the ANP's own noun and `other_noun` for another, which must also be a noun that the tagger knows
    the adjective of. The pairs are assigned greedily, the best first, with the care that noun-forcing takes. For one
    edit that is the best assignment there is; and as an edit's probability is p (1 - distance)^k times the agreement,
    the flow keeps the best where it allows fewer.
    """

    default_max_edits: int | None = 3
    default_edits_per_sentence = 1

    def __init__(self, settings: MatchSettings) -> None:
        self.scorer: ScorerNeed = "tagger" if settings.other_noun > 0 else "none"
        self._settings = settings
        self._distance = DISTANCES[settings.distance]
        self._finder = NounFinder()

    def combine(self, items: Sequence[CombinerItem], scorer: Scorer | None) -> list[Rewrite]:
        """See `sentikit.Combiner`.

        Raises UsageError where captioner or tagger do not say where they looked, and MissingPipeline where spaCy's
        English pipeline is not installed.
        """
        for item in items:
            _check_attention(item.caption, item.tags)
        found = self._finder.find((item.caption.text, None) for item in items)
        lemma = self._finder.lemma
        pairs = [
            list(self._pairs(item.tags, hosts(item.caption, phrases, lemma, self._settings.head_of_compound)))
            if phrases and item.tags
            else []
            for item, phrases in zip(items, found, strict=True)
        ]
        if scorer is not None and self._settings.other_noun:
            pairs = _with_known(pairs, scorer)
        else:
            pairs = [[pair for pair in row if pair.is_own] for row in pairs]
        return [
            place_adjectives(item.caption.text, self._best_first(row), lemma)
            for item, row in zip(items, pairs, strict=True)
        ]

    def _pairs(self, tags: Sequence[Tag], nouns: Sequence[Host]) -> Iterator[_Pair]:
        """All pairs of an image that attention lets pass."""
        if not nouns:
            return
        ranked = [
            tag if tag.probability is not None else tag._replace(probability=1 / (1 + rank))
            for rank, tag in enumerate(tags)
        ]
        looking = [tag for tag in ranked if tag.attention is not None]
        ours = np.stack([host.map for host in nouns])
        maps = without_position_bias(np.concatenate([np.asarray(tag.attention) for tag in looking]))
        theirs = maps.reshape(len(looking), 2, *maps.shape[1:])[:, _NOUN]
        ours, theirs = on_one_grid(ours, theirs)
        distances = self._distance(theirs[:, None], ours[None]).tolist()
        lemma = self._finder.lemma
        for tag, row in zip(looking, distances, strict=True):
            for host, distance in zip(nouns, row, strict=True):
                if distance <= self._settings.veto:
                    yield _Pair(tag, host, distance, lemma(tag.noun) == host.nouns[-1])

    def _best_first(self, pairs: Sequence[_Pair]) -> list[Candidate]:
        scored = [(self._score(pair), pair) for pair in pairs]
        scored = sorted((entry for entry in scored if entry[0] > -inf), key=lambda entry: -entry[0])
        return [Candidate(pair.host.phrase, pair.tag._replace(probability=exp(score))) for score, pair in scored]

    def _score(self, pair: _Pair) -> float:
        own = self._settings
        attention = own.k * _log(1 - pair.distance) if own.k else 0.0
        return _log(pair.tag.probability or 0.0) + attention + (0.0 if pair.is_own else _log(own.other_noun))


def _with_known(pairs: Sequence[Sequence[_Pair]], scorer: Scorer) -> list[list[_Pair]]:
    """Without those of another noun that the scorer does not know the adjective of, or the filter leaves out."""
    asked = [
        [ANP(pair.tag.adjective, noun) for pair in row if not pair.is_own for noun in pair.host.nouns] for row in pairs
    ]
    kept = []
    for row, anps, scores in zip(pairs, asked, scorer.score(asked), strict=True):
        known = {anp for anp, score in zip(anps, scores, strict=True) if score > -inf}
        kept.append(
            [
                pair
                for pair in row
                if pair.is_own or any((pair.tag.adjective, noun) in known for noun in pair.host.nouns)
            ]
        )
    return kept


def _check_attention(caption: Caption, tags: Sequence[Tag]) -> None:
    """Raises UsageError where the caption or the tags do not say where their model looked."""
    for model, looked in (
        ("captioner", not caption.text.strip() or (caption.attention is not None and len(caption.words) > 0)),
        ("tagger", not tags or any(tag.attention is not None for tag in tags)),
    ):
        if not looked:
            raise UsageError(
                f"The combiner attention-match needs a {model} that says where it looked, and this one does not: "
                f"choose another {model} or another combiner."
            )


def _log(value: float) -> float:
    return log(value) if value > 0 else -inf
