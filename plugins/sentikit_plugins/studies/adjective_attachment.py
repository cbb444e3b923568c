"""An adjective is hidden in a caption that people wrote, and a combiner says which noun it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from sentikit import ANP, Ontology, Rewrite, Scorer, Tag
from sentikit.affect.adjective_counts import AdjectiveCounts
from sentikit.affect.emotional import is_emotional
from sentikit.english import article
from sentikit.english.noun_phrases import Modifier, NounFinder, NounPhrase
from sentikit.evaluation.tables import Estimate, Table

from .estimates import cell, mean_of

_ARTICLE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)


class AttachmentCase(NamedTuple):
    """rest: the caption without the adjective. phrases: its nouns, two or more. host: the index of the right one."""

    image: int | str
    rest: str
    adjective: str
    phrases: tuple[NounPhrase, ...]
    host: int

    @property
    def compounds(self) -> list[str]:
        """The nouns before another, "train" of "train track"."""
        return [part.word for phrase in self.phrases for part in phrase.modifiers if not part.is_adjective]


def attachment_cases(captions: Iterable[tuple[int | str, str]], finder: NounFinder) -> Iterator[AttachmentCase]:
    """The captions, as (image, text), with exactly one emotional adjective and two or more nouns; others pass by."""
    rows = list(captions)
    hidden = []
    for (image, text), phrases in zip(rows, finder.find((text, None) for _, text in rows), strict=True):
        found = [
            (phrase, part)
            for phrase in phrases
            for part in phrase.modifiers
            if part.is_adjective and is_emotional(ANP(part.word, phrase.lemma))
        ]
        if len(found) == 1 and len(phrases) > 1:
            phrase, part = found[0]
            hidden.append((image, without(text, part), part.word, len(text) - phrase.head_end))
    for (image, rest, word, after), phrases in zip(
        hidden, finder.find((rest, None) for _, rest, _, _ in hidden), strict=True
    ):
        # The texts are the same after the noun, so its distance from the end says which one it is.
        indices = [index for index, phrase in enumerate(phrases) if len(rest) - phrase.head_end == after]
        if indices and len(phrases) > 1:
            yield AttachmentCase(image, rest, word, tuple(phrases), indices[0])


def without(text: str, part: Modifier) -> str:
    """`text` without a word, with the article and the capital that it then has."""
    before, after = text[: part.start], text[part.start + len(part.word) :].lstrip(" ,")
    if found := _ARTICLE.search(before):
        right = article(after)
        right = right.capitalize() if found.group(1)[0].isupper() else right
        before = before[: found.start()] + right + found.group(2)
    if not before.strip() and text[part.start].isupper():
        after = after[:1].upper() + after[1:]
    return before + after


class OnlyAdjectives:
    """A scorer that knows one adjective for each image, and no other. See `Scorer`."""

    def __init__(self, scorer: Scorer, adjectives: Sequence[str]) -> None:
        self._scorer = scorer
        self._only = adjectives

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """-inf for another adjective."""
        return [
            [score if anp.adjective == only else -inf for anp, score in zip(row, scores, strict=True)]
            for only, row, scores in zip(self._only, anps, self._scorer.score(anps), strict=True)
        ]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """The one adjective for the nouns that have it."""
        return [
            [[tag for tag in tags if tag.adjective == only] for tags in row]
            for only, row in zip(self._only, self._scorer.adjectives(nouns), strict=True)
        ]


def only_adjective(tags: Sequence[Tag], adjective: str) -> list[Tag]:
    """The adjective's own tags, and the others with a probability of 0.

    These are never placed, but a combiner that asks where the tagger looks on the whole needs them.
    """
    own = [tag for tag in tags if tag.adjective == adjective]
    return own + [tag._replace(probability=0.0) for tag in tags if tag.adjective != adjective]


def chosen_host(case: AttachmentCase, rewrite: Rewrite) -> int | None:
    """The index of the noun phrase that the hidden adjective was put into; None if it was put into none."""
    for edit in rewrite.edits:
        if edit.tag.adjective == case.adjective:
            for index, phrase in enumerate(case.phrases):
                if phrase.start <= edit.end and edit.start < phrase.head_end:
                    return index
    return None


Rule = Callable[[AttachmentCase], Sequence[float]]
"""The chance that each phrase of a case is taken for the host; 0 throughout where none is."""


def chance(case: AttachmentCase) -> list[float]:
    """Any noun."""
    return [1 / len(case.phrases)] * len(case.phrases)


def first_noun(case: AttachmentCase) -> list[float]:
    """The first noun."""
    return [float(index == 0) for index in range(len(case.phrases))]


def prior(ontology: Ontology) -> Rule:
    """The noun with the highest P(adjective | noun) by the ontology's counts; any of those that are equal."""
    counts = AdjectiveCounts.of_ontology(ontology).counted()

    def rule(case: AttachmentCase) -> list[float]:
        shares = [counts.given_noun(ANP(case.adjective, phrase.lemma), smoothing=0.0) for phrase in case.phrases]
        best = [share == max(shares) for share in shares]
        return [float(is_best) / sum(best) for is_best in best]

    return rule


@dataclass(frozen=True)
class AttachmentReport:
    """figures: by group of captions, by system: the share found, the share placed at all, and found of placed."""

    cases: Mapping[str, int]
    figures: Mapping[str, Mapping[str, Mapping[str, Estimate]]]


def evaluate_attachment(
    cases: Sequence[AttachmentCase],
    systems: Mapping[str, Sequence[Sequence[float]]],
    groups: Mapping[str, Sequence[bool]],
    samples: int = 1000,
    seed: int = 0,
) -> AttachmentReport:
    """systems: for every case the chance of each phrase. groups: which cases belong; an empty group has no figures."""
    counts, figures = {}, {}
    for group, members in groups.items():
        rows = [row for row, member in enumerate(members) if member]
        counts[group] = len(rows)
        if rows:
            figures[group] = {
                name: _figures([cases[row] for row in rows], [said[row] for row in rows], samples, seed)
                for name, said in systems.items()
            }
    return AttachmentReport(counts, figures)


def _figures(
    cases: Sequence[AttachmentCase], said: Sequence[Sequence[float]], samples: int, seed: int
) -> dict[str, Estimate]:
    found = np.array([chances[case.host] for case, chances in zip(cases, said, strict=True)])
    placed = np.array([min(sum(chances), 1.0) for chances in said])
    drawn = np.random.default_rng(seed).integers(len(cases), size=(samples, len(cases)))
    figures = {"found": mean_of(found, drawn), "placed": mean_of(placed, drawn)}
    if placed.any():
        figures["found of placed"] = Estimate(float(found.sum() / placed.sum()))
    return figures


def attachment_tables(report: AttachmentReport) -> list[Table]:
    """A table for each group."""
    names = ("found", "placed", "found of placed")
    return [
        Table(
            f"{group}: {report.cases[group]:,} captions, whose adjective was hidden",
            ["", *names],
            [[system, *(cell(figures.get(name)) for name in names)] for system, figures in systems.items()],
        )
        for group, systems in report.figures.items()
    ]
