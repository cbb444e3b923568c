"""A tagger's figures beside those of the baselines, every one computed by the same function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..anp import ANP
from ..errors import SentikitError
from .anp_scores import ANPScores, Knowledge, image_blind_prior, noun_times_prior
from .tables import Estimate, Table
from .tagger_metrics import (
    AdjectiveAUC,
    Confusion,
    adjective_accuracy,
    adjective_auc,
    calibration_error,
    confusions,
    hit_at_k,
    macro_recall,
    noun_accuracy,
    pair_top_k,
    pooled_auc,
    token_accuracy,
)

TAGGER, PRIOR, NOUN_PRIOR = "tagger", "image-blind prior", "nouns x P(adjective | noun)"
KS = (1, 5, 10, 20)
_AUC = "AUC of the adjective among photos of the noun"


@dataclass(frozen=True)
class TaggerReport:
    """What came out of an evaluation.

    images: how many have a true ANP of the list.
    pairs: how many (image, true ANP) pairs there are.
    anps: the length of the closed list.
    figures: by system and name; a figure that cannot be computed for a system is not there.
    adjective_auc: the tagger's, by adjective.
    confusions: the tagger's most frequent ones.
    notes: what could not be computed, and why: sentences without a full stop.
    """

    images: int
    pairs: int
    anps: int
    figures: dict[str, dict[str, Estimate]]
    adjective_auc: dict[str, AdjectiveAUC]
    confusions: list[Confusion]
    notes: list[str]


def evaluate_tagger_scores(
    scores: ANPScores,
    train_counts: Mapping[ANP, float] | None = None,
    *,
    of_nouns: ANPScores | None = None,
    ks: Sequence[int] = KS,
    samples: int = 1000,
    seed: int = 0,
) -> TaggerReport:
    """Every figure of a tagger, and of the baselines where the training data's counts of ANPs are given.

    of_nouns: the same with the images that hold a noun and have no true ANP, which the AUC needs to be fair; without it
        an image with the ANP is only told from images with another true one.
    samples: how many bootstrap samples the intervals come from; 0: no intervals.
    Raises SentikitError where no image has a true ANP of the list, or the training data have none of its ANPs.
    """
    if not len(scores.truth):
        raise SentikitError("No image has a true adjective-noun pair among those the tagger knows: nothing to measure.")
    notes: list[str] = []
    whole = scores.knowledge is Knowledge.DISTRIBUTION
    systems = {TAGGER: scores}
    if train_counts is None:
        notes.append("no baselines: they need the training data's tags")
    else:
        if not any(train_counts.get(anp) for anp in scores.anps):
            raise SentikitError("The training data have none of the adjective-noun pairs that are evaluated.")
        systems[PRIOR] = image_blind_prior(scores, train_counts)
        if whole:
            systems[NOUN_PRIOR] = noun_times_prior(scores, train_counts)
    if not whole:
        notes.append(
            f"no token metric, AUC and noun baseline for the {TAGGER}: they need the log-probability of every "
            f"adjective-noun pair, and what is known is {scores.knowledge.value}"
        )
    if scores.knowledge is Knowledge.RANKS:
        notes.append("no calibration error: the tags have no probabilities")
    if max(ks) > scores.listed:
        notes.append(f"at most {scores.listed} tags of an image are known: no figures of the {TAGGER} above that rank")
    figures = {name: dict(_figures(system, ks, samples, seed)) for name, system in systems.items()}
    of_nouns = of_nouns or scores
    if whole:
        _add_auc(figures, of_nouns, samples, seed)
    return TaggerReport(
        images=len(scores.truth),
        pairs=int(scores.truth.sum()),
        anps=len(scores.anps),
        figures=figures,
        adjective_auc=adjective_auc(of_nouns) if whole else {},
        confusions=confusions(scores),
        notes=notes,
    )


def _add_auc(figures: Mapping[str, dict[str, Estimate]], scores: ANPScores, samples: int, seed: int) -> None:
    """The tagger's AUC beside one half for the baselines, which give all photographs of a noun the same adjectives."""
    if auc := pooled_auc(scores, samples, seed):
        for name, of_system in figures.items():
            of_system[_AUC] = auc if name == TAGGER else Estimate(0.5)


def _figures(scores: ANPScores, ks: Sequence[int], samples: int, seed: int) -> list[tuple[str, Estimate]]:
    whole = scores.knowledge is Knowledge.DISTRIBUTION
    reached = [k for k in ks if k <= scores.listed]
    rows = [(f"pair metric, top-{k}", pair_top_k(scores, k, samples, seed)) for k in reached]
    rows += [(f"hit@{k}", hit_at_k(scores, k, samples, seed)) for k in reached]
    rows += [(f"macro recall@{k}", macro_recall(scores, k, samples, seed)) for k in reached]
    rows += [
        ("adjective accuracy", Estimate(adjective_accuracy(scores))),
        ("noun accuracy", Estimate(noun_accuracy(scores))),
    ]
    if scores.knowledge is not Knowledge.RANKS:
        rows.append(("calibration error (ECE)", Estimate(calibration_error(scores))))
    for k in reached if whole else ():
        accuracy = token_accuracy(scores, k)
        name = f"token metric (teacher-forced), top-{k}"
        rows += [
            (name, Estimate(accuracy.tokens)),
            (f"{name}: adjective", Estimate(accuracy.adjective)),
            (f"{name}: noun given the true adjective", Estimate(accuracy.noun_given_adjective)),
            (f"{name}: end", Estimate(accuracy.end)),
        ]
    return rows


def report_tables(report: TaggerReport) -> list[Table]:
    """The report for people: in percent, with intervals."""
    names = list(dict.fromkeys(name for figures in report.figures.values() for name in figures))
    title = f"{report.images:,} images, {report.pairs:,} true adjective-noun pairs, a list of {report.anps:,}; percent"
    rows = [[name, *(_percent(figures.get(name)) for figures in report.figures.values())] for name in names]
    tables = [Table(title, ["figure", *report.figures], rows, report.notes)]
    if report.adjective_auc:
        ordered = sorted(report.adjective_auc.items(), key=lambda item: -item[1].positives)
        lines = [[adjective, str(found.positives), f"{100 * found.auc:.1f}"] for adjective, found in ordered[:20]]
        tables.append(Table("AUC of the commonest adjectives, percent", ["adjective", "photos", "AUC"], lines))
    if report.confusions:
        lines = [[str(found.true), str(found.named), str(found.images)] for found in report.confusions]
        tables.append(Table("Most frequent confusions", ["true", "named", "images"], lines))
    return tables


def report_document(report: TaggerReport) -> dict[str, Any]:
    """The report as a JSON object, with every digit."""
    return {
        "images": report.images,
        "pairs": report.pairs,
        "anps": report.anps,
        "figures": {
            system: {name: _plain(estimate) for name, estimate in figures.items()}
            for system, figures in report.figures.items()
        },
        "adjective_auc": {adjective: found._asdict() for adjective, found in report.adjective_auc.items()},
        "confusions": [{"true": str(c.true), "named": str(c.named), "images": c.images} for c in report.confusions],
        "notes": report.notes,
    }


def _plain(estimate: Estimate) -> dict[str, float]:
    return {key: value for key, value in estimate._asdict().items() if value is not None}


def _percent(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    interval = "" if estimate.low is None else f" [{100 * estimate.low:.1f}, {100 * (estimate.high or 0):.1f}]"
    return f"{100 * estimate.value:.1f}{interval}"
