"""Where models look on photographs with captions that people wrote: spread, overlap, and distances calibrated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..anp import Tag
from ..caption import Caption
from ..english.noun_phrases import NounPhrase
from ..errors import SentikitError
from .attention import DISTANCES, area, entropy, overlap, position_debiased
from .tables import Table
from .tagger_metrics import Estimate, mean_of

TAGGER, CAPTIONER = "tagger", "captioner"
_SPREAD = ("adjective entropy", "noun entropy", "adjective area", "noun area", "overlap")


class _NounMaps:
    """Both models' maps of a noun, a row for each photograph that has it in a caption and among the tags."""

    def __init__(self) -> None:
        self.captioner: list[Tensor] = []
        self.tagger: list[Tensor] = []


@dataclass
class Looks:
    """Maps collected over photographs, flat ``(pixels)``."""

    pairs: dict[str, list[tuple[Tensor, Tensor]]] = field(default_factory=lambda: {TAGGER: [], CAPTIONER: []})
    """By model: the maps of an adjective and of its noun."""
    nouns: dict[str, _NounMaps] = field(default_factory=lambda: defaultdict(_NounMaps))
    photographs: int = 0

    def add(self, caption: Caption, phrases: Sequence[NounPhrase], tags: Sequence[Tag]) -> None:
        """One photograph: a caption that people wrote, read by the captioner, and all tags of the tagger's, best first.

        Raises SentikitError where a model does not say where it looked.
        """
        if caption.attention is None or not tags or tags[0].attention is None:
            raise SentikitError("A model does not say where it looked: choose an attention captioner and decoder.")
        self.photographs += 1
        best = [torch.from_numpy(np.asarray(tags[0].attention)[place]).flatten() for place in (0, 1)]
        self.pairs[TAGGER].append((best[0], best[1]))
        tagged = {tag.noun: tag for tag in reversed(tags) if tag.attention is not None}
        maps, spans = torch.from_numpy(np.asarray(caption.attention)).flatten(1), caption.word_spans()
        seen = set()
        for phrase in phrases:
            noun = _of_span(maps, spans, phrase.head_start, phrase.head_end)
            if noun is None:
                continue
            for part in phrase.modifiers:
                adjective = _of_span(maps, spans, part.start, part.start + len(part.word))
                if part.is_adjective and adjective is not None:
                    self.pairs[CAPTIONER].append((adjective, noun))
            tag = tagged.get(phrase.lemma)
            if tag is not None and phrase.lemma not in seen:
                seen.add(phrase.lemma)
                self.nouns[phrase.lemma].captioner.append(noun)
                self.nouns[phrase.lemma].tagger.append(torch.from_numpy(np.asarray(tag.attention)[1]).flatten())


def _of_span(maps: Tensor, spans: Sequence[tuple[int, int] | None], start: int, end: int) -> Tensor | None:
    """The mean map of the words that stand there; None where there is none."""
    places = [place for place, span in enumerate(spans[: len(maps)]) if span and span[0] < end and start < span[1]]
    return maps[places].mean(dim=0) if places else None


@dataclass(frozen=True)
class LookReport:
    """spread: by model and figure. distances: by name of the distance, with "debiased" where position was divided out.

    A distance's figures are the mean over matched and over mismatched pairs, and the share in which matched is closer.
    """

    photographs: int
    matched: int
    spread: Mapping[str, Mapping[str, float]]
    distances: Mapping[str, Mapping[str, Estimate]]


def evaluate_looks(looks: Looks, samples: int = 1000, seed: int = 0) -> LookReport:
    """A matched pair: both models' maps of a noun on one photograph; its mismatched one has the tagger's map of the
    same noun on the next photograph that has it. Equal distances count half."""
    spread = {model: _spread(pairs) for model, pairs in looks.pairs.items() if pairs}
    several = [maps for maps in looks.nouns.values() if len(maps.tagger) > 1]
    distances = {}
    matched = sum(len(maps.tagger) for maps in several)
    if several:
        ours = torch.stack([row for maps in several for row in maps.captioner])
        theirs = torch.stack([row for maps in several for row in maps.tagger])
        others = torch.stack([row for maps in several for row in (*maps.tagger[1:], maps.tagger[0])])
        if ours.shape != theirs.shape:
            raise SentikitError("Captioner and tagger look at different grids: choose models over one encoder.")
        drawn = np.random.default_rng(seed).integers(matched, size=(samples, matched))
        plain = (ours, theirs, others)
        mean, other_mean = ours.mean(dim=0), theirs.mean(dim=0)
        debiased = (
            position_debiased(ours, mean),
            position_debiased(theirs, other_mean),
            position_debiased(others, other_mean),
        )
        for suffix, (one, same, other) in (("", plain), (", debiased", debiased)):
            for name, distance in DISTANCES.items():
                distances[name + suffix] = _compared(distance(one, same), distance(one, other), drawn)
    return LookReport(looks.photographs, matched, spread, distances)


def _spread(pairs: Sequence[tuple[Tensor, Tensor]]) -> dict[str, float]:
    adjectives, nouns = (torch.stack(column) for column in zip(*pairs, strict=True))
    values = (entropy(adjectives), entropy(nouns), area(adjectives), area(nouns), overlap(adjectives, nouns))
    return {"pairs": float(len(pairs))} | {
        name: float(value.double().mean()) for name, value in zip(_SPREAD, values, strict=True)
    }


def _compared(matched: Tensor, mismatched: Tensor, drawn: np.ndarray) -> dict[str, Estimate]:
    closer = ((matched < mismatched).double() + (matched == mismatched).double() / 2).numpy()
    columns = {"matched": matched.double().numpy(), "mismatched": mismatched.double().numpy(), "matched closer": closer}
    return {name: mean_of(values, drawn) for name, values in columns.items()}


def look_tables(report: LookReport) -> list[Table]:
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
