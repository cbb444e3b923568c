"""What a caption evaluation needs where feeling is concerned: captions beside plain captions beside people's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, TypeVar

from ..errors import SentikitError
from ..formats.coco import ImageId
from ..plugin.batches import EvaluatedCaption
from ..plugin.interfaces import AffectMetric
from ..plugin.kinds import reason
from .captions import finite
from .predictions import Predictions
from .tables import Table, not_computed

T = TypeVar("T")

CAPTIONS, PLAIN, REFERENCES = "captions", "plain", "references"

Rounds = Sequence[Sequence[EvaluatedCaption]]
"""Captions of all images, one of each, as many times as an image has captions at most."""

_ABSENT = "-"
_LARGE = 100
"""From here on decimals say nothing."""


@dataclass
class FeelingEvaluation:
    """What came out. Each figure is the mean over rounds with one caption an image.

    scores: by column (`captions`, `plain`, `references`) and name; a column that could not be made is not there.
    failed: by metric and reason, the columns that it could not be computed for.
    notes: sentences without their stops.
    """

    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    failed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        not_computed = {
            name: {column: why for why, columns in reasons.items() for column in columns}
            for name, reasons in self.failed.items()
        }
        return {**self.scores, "not_computed": not_computed, "notes": self.notes}

    def table(self, title: str) -> Table:
        """It as a table with a column each; a figure that was not computed is a dash, and a note says why."""
        names = list(dict.fromkeys(name for scores in self.scores.values() for name in scores))
        rows = [[name, *(_shown(scores.get(name)) for scores in self.scores.values())] for name in names]
        failures = [
            not_computed(f"{name}{self._of_which(columns)}", why)
            for name, reasons in self.failed.items()
            for why, columns in reasons.items()
        ]
        return Table(title, ["figure", *self.scores], rows, [*failures, *self.notes])

    def _of_which(self, columns: Sequence[str]) -> str:
        """Which columns, where these are not all."""
        return "" if len(columns) == len(self.scores) else f" of {' and '.join(columns)}"


def evaluate_feeling(
    predictions: Predictions,
    references: Mapping[ImageId, Sequence[str]],
    metrics: Mapping[str, AffectMetric],
) -> FeelingEvaluation:
    """Compute the metrics of the captions, of the plain captions and of the references.

    A metric that fails is left out with its reason; the others are computed. Raises SentikitError where a caption is
    of an image without references, or there are none.
    """
    if not predictions:
        raise SentikitError("There are no captions to evaluate.")
    columns = {CAPTIONS: _of_captions(predictions, references)}
    found = FeelingEvaluation()
    if plain := _of_plain(columns[CAPTIONS]):
        columns[PLAIN] = plain
    else:
        found.notes.append("the plain captions are not known, so there is no column of them")
    columns[REFERENCES] = _of_references(predictions, references)
    for column, rounds in columns.items():
        scores: dict[str, float] = {}
        for name, metric in metrics.items():
            try:
                scores |= _mean(metric, rounds)
            except Exception as error:  # a stranger's metric may raise anything
                found.failed.setdefault(name, {}).setdefault(reason(error), []).append(column)
        found.scores[column] = scores
    found.notes += dict.fromkeys(note for metric in metrics.values() for note in metric.notes)
    return found


def _of_captions(predictions: Predictions, references: Mapping[ImageId, Sequence[str]]) -> Rounds:
    return [
        [
            # Where the plain caption is one of the references, these would support what it says itself.
            EvaluatedCaption(image, one.text, [text for text in references[image] if text != one.plain], *one[1:])
            for image, one in row
        ]
        for row in _rounds(predictions)
    ]


def _of_plain(rounds: Rounds) -> Rounds | None:
    """The plain captions, or None where one of them is not known."""
    if any(caption.plain is None for row in rounds for caption in row):
        return None
    return [[EvaluatedCaption(one.image, one.plain or "", one.references) for one in row] for row in rounds]


def _of_references(predictions: Predictions, references: Mapping[ImageId, Sequence[str]]) -> Rounds:
    indices = {image: range(len(references[image])) for image in predictions}
    return [
        [
            EvaluatedCaption(image, texts[index], [*texts[:index], *texts[index + 1 :]])
            for image, index in row
            for texts in [references[image]]
        ]
        for row in _rounds(indices)
    ]


def _rounds(of_images: Mapping[ImageId, Sequence[T]]) -> list[list[tuple[ImageId, T]]]:
    """One of each image at a time; an image that has fewer than another begins again."""
    most = max(map(len, of_images.values()))
    return [[(image, items[number % len(items)]) for image, items in of_images.items()] for number in range(most)]


def _mean(metric: AffectMetric, rounds: Rounds) -> dict[str, float]:
    measured = [finite(metric.measure(row)) for row in rounds]
    names = dict.fromkeys(name for scores in measured for name in scores)
    return {name: fmean(scores[name] for scores in measured if name in scores) for name in names}


def _shown(score: float | None) -> str:
    if score is None:
        return _ABSENT
    return f"{score:,.0f}" if abs(score) >= _LARGE or (score.is_integer() and abs(score) > 1) else f"{score:.4f}"
