"""The report of `sentikit evaluate captions`: a table of caption metrics and one of sentiment metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SentikitError
from ..evaluation.intervals import shown_estimate
from ..plugin.kinds import reason

if TYPE_CHECKING:
    from ..evaluation.captions import CaptionEvaluation
    from ..evaluation.image_metrics import Sampling
    from ..evaluation.predictions import Predictions
    from ..evaluation.tables import Table
    from ..formats.coco import ImageId
    from ..plugin.interfaces import Metric


class CaptionReport(NamedTuple):
    """The tables, the same as JSON, and whether anything was computed."""

    tables: list[Table]
    document: dict[str, Any]
    computed: bool


def caption_report(
    results: Path,
    predictions: Predictions,
    references: Mapping[ImageId, Sequence[str]],
    metrics: Mapping[str, Metric],
    not_made: Mapping[str, str],
    sampling: Sampling,
) -> CaptionReport:
    """Evaluate the captions with the metrics, but for those that see photographs.

    not_made: metrics that could not be created, with the reason.
    """
    from ..evaluation.affect import evaluate_feeling
    from ..plugin.interfaces import AffectMetric

    feeling = {name: metric for name, metric in metrics.items() if isinstance(metric, AffectMetric)}
    ordinary = {name: metric for name, metric in metrics.items() if name not in feeling}
    document: dict[str, Any] = {
        "images": len(predictions),
        "reference_images": len(references),
        "reference_captions": sum(len(references[image]) for image in predictions),
    }
    of_all = "" if len(predictions) == len(references) else f" of {len(references):,}"
    title = f"{len(predictions):,}{of_all} images, {document['reference_captions']:,} references"
    tables: list[Table] = []
    computed = False
    if ordinary or not_made or not feeling:
        table, scores = _ordinary(results, predictions, references, ordinary, not_made, title, sampling)
        tables.append(table)
        document |= scores
        computed = bool(scores["scores"])
    if feeling:
        found = evaluate_feeling(predictions, references, feeling)
        tables.append(found.table(title if not tables else "feeling"))
        document["feeling"] = found.document()
        computed = computed or any(found.scores.values())
    return CaptionReport(tables, document, computed)


def _ordinary(
    results: Path,
    predictions: Predictions,
    references: Mapping[ImageId, Sequence[str]],
    metrics: Mapping[str, Metric],
    not_made: Mapping[str, str],
    title: str,
    sampling: Sampling,
) -> tuple[Table, dict[str, Any]]:
    """The table of caption metrics, with the plain captions' scores if they are known."""
    from ..evaluation.captions import evaluate_captions
    from ..evaluation.predictions import only_texts
    from ..evaluation.tables import Table
    from ..evaluation.tables import not_computed as not_computed_note

    found: CaptionEvaluation | None = None
    not_computed = dict(not_made)
    try:
        captions = only_texts(results, predictions)
    except SentikitError as error:
        not_computed |= dict.fromkeys(metrics, reason(error))
    else:
        found = evaluate_captions(captions, references, metrics, *sampling)
        not_computed |= found.not_computed
    scores = found.scores if found else {}
    bounds = found.intervals if found else {}
    document: dict[str, Any] = {"scores": scores, "not_computed": not_computed}
    if bounds:
        document |= {"intervals": bounds, "bootstrap": sampling._asdict()}
    header = ["metric", "score"]
    rows = [[name, shown_estimate(score, bounds.get(name))] for name, score in scores.items()]
    plain = {image: row[0].plain for image, row in predictions.items()}
    if found and all(text is not None for text in plain.values()):
        texts = {image: text or "" for image, text in plain.items()}
        before = evaluate_captions(texts, references, metrics, *sampling)
        document["plain_scores"] = before.scores
        if before.intervals:
            document["plain_intervals"] = before.intervals
        header.append("plain")
        rows = [[*row, _shown(before, row[0])] for row in rows]
    notes = [not_computed_note(name, why) for name, why in not_computed.items()]
    return Table(title, header, rows, notes), document


def _shown(found: CaptionEvaluation, name: str) -> str:
    return shown_estimate(found.scores[name], found.intervals.get(name)) if name in found.scores else "-"
