"""Where models look on photographs with captions that people wrote: spread, overlap, and distances calibrated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sentikit import Caption, SentikitError, Tag
from sentikit.english.noun_phrases import NounPhrase
from sentikit.evaluation.tables import Estimate, Table
from sentikit.nn.attention_maps import (
    DISTANCES,
    Maps,
    area,
    entropy,
    map_of_span,
    normalised,
    on_one_grid,
    overlap,
    without_position_bias,
)

from .estimates import mean_of

TAGGER, CAPTIONER = "tagger", "captioner"
_SPREAD = ("adjective entropy", "noun entropy", "adjective area", "noun area", "overlap")
_FORMS: Mapping[str, Callable[[npt.ArrayLike], Maps]] = {"": normalised, ", debiased": without_position_bias}
"""The forms of the maps ``(maps, height, width)`` that are compared, by what the distance's name then ends with.

Debiased maps are those that attention-match compares.
"""

Pair = tuple[Maps, Maps]


@dataclass
class CollectedMaps:
    """Maps ``(height, width)`` collected over photographs."""

    photographs: int = 0
    pairs: dict[str, list[Pair]] = field(default_factory=lambda: {TAGGER: [], CAPTIONER: []})
    """By model: the maps of an adjective and of its noun."""
    nouns: dict[str, defaultdict[str, list[Pair]]] = field(
        default_factory=lambda: {form: defaultdict(list) for form in _FORMS}
    )
    """By form and noun: the captioner's and the tagger's map of it on each photograph where both have it."""

    def add(self, caption: Caption, phrases: Sequence[NounPhrase], tags: Sequence[Tag]) -> None:
        """One photograph: a caption that people wrote, read by the captioner, and all tags of the tagger's, best first.

        Raises SentikitError if a model does not tell where it looked.
        """
        looked = [(tag.noun, tag.attention) for tag in tags if tag.attention is not None]
        if caption.attention is None or not tags or tags[0].attention is None:
            raise SentikitError("A model does not say where it looked: choose an attention captioner and decoder.")
        self.photographs += 1
        best = normalised(tags[0].attention)
        self.pairs[TAGGER].append((best[0], best[1]))
        self.pairs[CAPTIONER] += _stated_pairs(caption, phrases)
        ranks = {noun: rank for rank, (noun, _) in reversed(list(enumerate(looked)))}
        for form, prepare in _FORMS.items():
            ours, theirs = prepare(caption.attention), prepare(np.concatenate([maps for _, maps in looked]))
            own_maps: dict[str, Maps] = {}
            for phrase in phrases:
                own = map_of_span(ours, caption.word_spans(), phrase.head_start, phrase.head_end)
                if own is not None and phrase.lemma in ranks:
                    own_maps.setdefault(phrase.lemma, own)
            for noun, own in own_maps.items():
                self.nouns[form][noun].append(on_one_grid(own, theirs[2 * ranks[noun] + 1]))


def _stated_pairs(caption: Caption, phrases: Sequence[NounPhrase]) -> list[Pair]:
    """Where the captioner looked for the adjectives of the caption, and for the noun of each."""
    assert caption.attention is not None
    maps, spans = normalised(caption.attention), caption.word_spans()
    pairs = []
    for phrase in phrases:
        noun = map_of_span(maps, spans, phrase.head_start, phrase.head_end)
        for part in phrase.modifiers:
            adjective = map_of_span(maps, spans, part.start, part.start + len(part.word))
            if part.is_adjective and adjective is not None and noun is not None:
                pairs.append((adjective, noun))
    return pairs


@dataclass(frozen=True)
class AttentionReport:
    """spread: by model and figure. distances: by name of the distance, which ends with the form of the maps.

    A distance's figures are the mean over matched and over mismatched pairs, and the share in which matched is closer.
    """

    photographs: int
    matched: int
    spread: Mapping[str, Mapping[str, float]]
    distances: Mapping[str, Mapping[str, Estimate]]


def attention_report(collected: CollectedMaps, samples: int = 1000, seed: int = 0) -> AttentionReport:
    """A matched pair: both models' maps of a noun on one photograph; its mismatched one has the tagger's map of the
    same noun on the next photograph that has it. Equal distances count half."""
    spread = {model: _spread(pairs) for model, pairs in collected.pairs.items() if pairs}
    distances: dict[str, Mapping[str, Estimate]] = {}
    matched = 0
    for form, nouns in collected.nouns.items():
        several = [pairs for pairs in nouns.values() if len(pairs) > 1]
        matched = sum(map(len, several))
        if several:
            ours = np.stack([own for pairs in several for own, _ in pairs])
            theirs = np.stack([other for pairs in several for _, other in pairs])
            others = np.stack([other for pairs in several for _, other in (*pairs[1:], pairs[0])])
            drawn = np.random.default_rng(seed).integers(matched, size=(samples, matched))
            for name, distance in DISTANCES.items():
                distances[name + form] = _compared(distance(ours, theirs), distance(ours, others), drawn)
    return AttentionReport(collected.photographs, matched, spread, distances)


def _spread(pairs: Sequence[Pair]) -> dict[str, float]:
    adjectives, nouns = (np.stack(column) for column in zip(*pairs, strict=True))
    values = (entropy(adjectives), entropy(nouns), area(adjectives), area(nouns), overlap(adjectives, nouns))
    return {"pairs": float(len(pairs))} | {
        name: float(value.mean()) for name, value in zip(_SPREAD, values, strict=True)
    }


def _compared(
    matched: npt.NDArray[np.float64], mismatched: npt.NDArray[np.float64], drawn: npt.NDArray[np.int64]
) -> dict[str, Estimate]:
    closer = (matched < mismatched) + (matched == mismatched) / 2
    columns = {"matched": matched, "mismatched": mismatched, "matched closer": closer}
    return {name: mean_of(values, drawn) for name, values in columns.items()}


def attention_tables(report: AttentionReport) -> list[Table]:
    """The spread of each model, and the distances."""
    tables = [
        Table(
            f"Spread of attention on {report.photographs:,} photographs: 1 is even; area holds half the mass",
            ["", "pairs", *_SPREAD],
            [
                [model, f"{figures['pairs']:,.0f}", *(f"{figures[name]:.3f}" for name in _SPREAD)]
                for model, figures in report.spread.items()
            ],
        )
    ]
    if report.distances:
        names = ("matched", "mismatched", "matched closer")
        rows = [
            [label, *(f"{figures[name].value:.3f}" for name in names)] for label, figures in report.distances.items()
        ]
        title = f"Captioner and tagger at {report.matched:,} nouns, on the same photograph and on another with the noun"
        tables.append(Table(title, ["", *names], rows))
    return tables
