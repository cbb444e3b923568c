"""The figures of taggers: by hand, against slow definitions, and their laws."""

from __future__ import annotations

import csv
from itertools import pairwise, permutations
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, SentikitError, Tag
from sentikit.evaluation.anp_scores import (
    ANPScores,
    Knowledge,
    image_blind_prior,
    noun_times_prior,
    ontology_log_probabilities,
    scores_of_distribution,
    scores_of_tags,
)
from sentikit.evaluation.tagger import NOUN_PRIOR, PRIOR, TAGGER, evaluate_tagger_scores, report_document, report_tables
from sentikit.evaluation.tagger_metrics import (
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

CUTE_DOG, WET_DOG, CUTE_CAT, OLD_CAT, OLD_CAR = ANPS = tuple(
    ANP.parse(text) for text in ("cute dog", "wet dog", "cute cat", "old cat", "old car")
)


def scores_of(rows: list[list[float]], truth: list[set[ANP]], nouns: list[set[str]] | None = None) -> ANPScores:
    """Scores of probabilities over ANPS."""
    with np.errstate(divide="ignore"):
        return scores_of_distribution(ANPS, np.log(np.array(rows)), truth, nouns)


ONE = scores_of([[0.30, 0.25, 0.05, 0.30 - 1e-9, 0.10 + 1e-9]], [{OLD_CAT}])

tables = st.integers(1, 6).flatmap(
    lambda images: st.tuples(
        st.lists(st.lists(st.sampled_from([0.1, 0.2, 0.4]), min_size=5, max_size=5), min_size=images, max_size=images),
        st.lists(st.sets(st.sampled_from(ANPS), min_size=1), min_size=images, max_size=images),
    )
)


def test_pair_metric_by_hand() -> None:
    assert [pair_top_k(ONE, k).value for k in (1, 2, 5)] == [0, 1, 1]


def test_token_metric_marginalises_and_is_given_the_true_adjective() -> None:
    # P(old) = .40 is the most of all, P(cat | old) is more than P(car | old): both right, though the pair is not
    assert token_accuracy(ONE, 1) == (1, 1, 1, 1)
    # P(wet) = .25 is the least, and "wet" has one noun
    assert token_accuracy(scores_of([[0.30, 0.25, 0.05, 0.30, 0.10]], [{WET_DOG}]), 1) == pytest.approx(
        (2 / 3, 0, 1, 1)
    )


def test_words_of_the_best_pair() -> None:
    scores = scores_of([[0.5, 0.2, 0.1, 0.1, 0.1], [0.1, 0.5, 0.2, 0.1, 0.1]], [{CUTE_CAT}, {CUTE_DOG, OLD_CAR}])
    assert adjective_accuracy(scores) == 0.5
    assert noun_accuracy(scores) == 0.5
    assert [tuple(found) for found in confusions(scores)] == [
        (CUTE_CAT, CUTE_DOG, 1), (CUTE_DOG, WET_DOG, 1), (OLD_CAR, WET_DOG, 1)
    ]  # fmt: skip


def test_macro_recall_lets_rare_pairs_count_as_much() -> None:
    right, wrong = [0.6, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.6, 0.1, 0.1]
    scores = scores_of([right, right, right, wrong], [{CUTE_DOG}, {CUTE_DOG}, {CUTE_DOG}, {WET_DOG}])
    assert pair_top_k(scores, 1).value == 0.75
    assert macro_recall(scores, 1).value == 0.5


def test_auc_is_among_photos_of_the_noun_only() -> None:
    scores = scores_of(
        [[0.6, 0.2, 0.1, 0.1, 0.0], [0.3, 0.3, 0.2, 0.1, 0.1], [0.01, 0.05, 0.9, 0.02, 0.02], [0, 0, 0.1, 0.9, 0]],
        [{CUTE_DOG}, {WET_DOG}, {CUTE_CAT}, {OLD_CAT}],
    )
    assert {adjective: tuple(found) for adjective, found in adjective_auc(scores).items()} == {
        "cute": (1.0, 2), "wet": (1.0, 1), "old": (1.0, 1)
    }  # fmt: skip
    assert pooled_auc(scores) == (1.0, None, None)
    # photo 3 holds a dog too, about which nothing was said, and looks the least like a cute one
    with_dog = scores_of(
        [[0.6, 0.2, 0.1, 0.1, 0.0], [0.3, 0.3, 0.2, 0.1, 0.1], [0.05, 0.01, 0.9, 0.02, 0.02]],
        [{CUTE_DOG}, {WET_DOG}, {CUTE_CAT}],
        [set(), set(), {"dog"}],
    )
    assert adjective_auc(with_dog)["cute"] == (0.5, 1)
    assert adjective_auc(with_dog)["wet"] == (1.0, 1)


def test_auc_where_no_noun_has_two_photos_is_nothing() -> None:
    assert pooled_auc(scores_of([[0.2] * 5], [{CUTE_DOG}])) is None


def test_calibration() -> None:
    sure, half = [1, 0, 0, 0, 0], [0.5, 0.2, 0.1, 0.1, 0.1]
    assert calibration_error(scores_of([sure], [{CUTE_DOG}])) == 0
    assert calibration_error(scores_of([sure], [{OLD_CAT}])) == 1
    assert calibration_error(scores_of([half, half], [{CUTE_DOG}, {OLD_CAR}])) == pytest.approx(0)


def test_baselines_by_hand() -> None:
    counts = {CUTE_DOG: 1, WET_DOG: 3, CUTE_CAT: 4}
    prior = image_blind_prior(ONE, counts)
    assert np.exp(prior.log_probabilities)[0] == pytest.approx([1 / 8, 3 / 8, 4 / 8, 0, 0])
    assert pair_top_k(prior, 5).value == 0  # an ANP that was never seen is never named
    nouns = noun_times_prior(ONE, counts)
    assert np.exp(nouns.log_probabilities)[0] == pytest.approx([0.55 / 4, 0.55 * 3 / 4, 0.35, 0, 0.1])


@given(tables, st.integers(1, 5))
def test_ties_count_as_the_mean_over_all_orders(table: tuple[list[list[float]], list[set[ANP]]], k: int) -> None:
    rows, truth = table
    scores = scores_of(rows, truth)
    found, hits, micro = [], [], []
    for row, true in zip(rows, truth, strict=True):
        orders = [order for order in permutations(range(5)) if is_sorted([row[place] for place in order])]
        tops = [{ANPS[place] for place in order[:k]} for order in orders]
        hits.append(np.mean([bool(top & true) for top in tops]))
        micro += [np.mean([anp in top for top in tops]) for anp in sorted(true)]
        found += [(anp, np.mean([anp in top for top in tops])) for anp in sorted(true)]
    by_anp = [np.mean([value for other, value in found if other == anp]) for anp in {anp for anp, _ in found}]
    assert pair_top_k(scores, k).value == pytest.approx(np.mean(micro))
    assert macro_recall(scores, k).value == pytest.approx(np.mean(by_anp))
    assert hit_at_k(scores, k).value == pytest.approx(np.mean(hits))


@given(tables)
def test_a_blind_tagger_has_an_auc_of_one_half(table: tuple[list[list[float]], list[set[ANP]]]) -> None:
    scores = scores_of(*table)
    auc = pooled_auc(image_blind_prior(scores, dict.fromkeys(ANPS, 1.0)))
    assert auc is None or auc.value == pytest.approx(0.5)


@given(tables, st.integers(1, 4))
def test_more_ranks_never_find_less(table: tuple[list[list[float]], list[set[ANP]]], k: int) -> None:
    scores = scores_of(*table)
    for figure in (pair_top_k, hit_at_k, macro_recall):
        assert figure(scores, k).value <= figure(scores, k + 1).value + 1e-12
    assert token_accuracy(scores, k).tokens <= token_accuracy(scores, k + 1).tokens + 1e-12


def test_the_interval_holds_the_value_and_is_repeatable() -> None:
    generator = np.random.default_rng(0)
    rows = generator.dirichlet(np.ones(5), 200)
    scores = scores_of(rows.tolist(), [{ANPS[place]} for place in generator.integers(5, size=200)])
    for figure in (pair_top_k, hit_at_k, macro_recall):
        estimate = figure(scores, 2, samples=200, seed=1)
        assert estimate == figure(scores, 2, samples=200, seed=1) != figure(scores, 2, samples=200, seed=2)
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < estimate.value < estimate.high
        # about 1.96 standard errors of a share of two fifths, both ways
        assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * (0.4 * 0.6 / 200) ** 0.5, rel=0.3)


def test_images_without_a_true_pair_of_the_list_do_not_count() -> None:
    scores = scores_of([[0.2] * 5] * 3, [{CUTE_DOG, ANP("blue", "sky")}, {ANP("blue", "sky")}, set()])
    assert scores.truth.tolist() == [[True, False, False, False, False]]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 images and 5 ANPs"):
        scores_of_distribution(ANPS, np.zeros((1, 5)), [set(), set()])
    with pytest.raises(ValueError, match="twice"):
        scores_of_distribution([CUTE_DOG, CUTE_DOG], np.zeros((1, 2)), [set()])
    with pytest.raises(ValueError, match="not numbers"):
        scores_of_distribution([CUTE_DOG], np.array([[np.nan]]), [set()])


def test_tags_give_what_their_knowledge_allows() -> None:
    truth = [{CUTE_DOG}, {OLD_CAT}]
    ranks = scores_of_tags([[Tag(CUTE_DOG), Tag(OLD_CAT)], [Tag(WET_DOG), Tag(CUTE_CAT)]], truth)
    assert [pair_top_k(ranks, k).value for k in (1, 2, 5)] == [0.5, 0.5, 0.5]
    report = evaluate_tagger_scores(ranks, {CUTE_DOG: 2, OLD_CAT: 1}, ks=(1, 5), samples=0)
    assert report.figures[TAGGER].keys() == {
        "pair metric, top-1", "hit@1", "macro recall@1", "adjective accuracy", "noun accuracy"
    }  # fmt: skip
    assert NOUN_PRIOR not in report.figures
    assert [note.split(":")[0] for note in report.notes] == [
        "no token metric, AUC and noun baseline for the tagger",
        "no calibration error",
        "at most 2 tags of an image are known",
    ]
    known = scores_of_tags([[Tag(CUTE_DOG, 0.5)], [Tag(OLD_CAT, 0.25)]], truth)
    assert calibration_error(known) == pytest.approx((0.5 + 0.75) / 2)


def test_report_has_the_tagger_and_both_baselines_by_the_same_functions() -> None:
    report = evaluate_tagger_scores(ONE, dict.fromkeys(ANPS, 1.0), ks=(1,), samples=10)
    assert list(report.figures) == [TAGGER, PRIOR, NOUN_PRIOR]
    assert report.figures[PRIOR]["pair metric, top-1"].value == pytest.approx(1 / 5)
    assert report.figures[TAGGER]["token metric (teacher-forced), top-1"].value == 1
    document = report_document(report)
    assert document["figures"][TAGGER]["pair metric, top-1"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert report_tables(report)[0].header == ["figure", TAGGER, PRIOR, NOUN_PRIOR]


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(SentikitError, match="nothing to measure"):
        evaluate_tagger_scores(scores_of([[0.2] * 5], [set()]))
    with pytest.raises(SentikitError, match="training data"):
        evaluate_tagger_scores(ONE, {ANP("blue", "sky"): 3})


def test_a_scoring_tagger_is_asked_about_the_whole_list() -> None:
    class Scorer:
        def __init__(self, batch: list[int]) -> None:
            self.batch = batch

        def score(self, anps: list[list[ANP]]) -> list[list[float]]:
            return [
                [log((image + 1) / (place + 2)) for place, _ in enumerate(row)]
                for image, row in zip(self.batch, anps, strict=True)
            ]

    class Tagger:
        def scorer(self, batch: list[int]) -> Scorer:
            return Scorer(batch)

    table = ontology_log_probabilities(Tagger(), [[0, 1], [2]], ANPS)  # type: ignore[arg-type,list-item]
    assert np.exp(table) == pytest.approx(np.outer([1, 2, 3], [1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6]))


def test_the_token_metric_without_looking_is_that_of_the_papers_classes(shared_data: Path) -> None:
    """A uniform prior over the paper's 1,553 classes gets 38.2, 52.9, 64.9 and 72.7 %; the list here has 1,498."""
    rows = csv.DictReader((shared_data / "vso" / "vso_anps.csv").open())
    anps = [ANP(row["adjective"], row["noun"]) for row in rows if row["in_vso_classifier_set_1548"] == "1"]
    table = np.zeros((len(anps), len(anps)))
    blind = image_blind_prior(scores_of_distribution(anps, table, [{anp} for anp in anps]), dict.fromkeys(anps, 1.0))
    shares = [100 * token_accuracy(blind, k).tokens for k in (1, 5, 10, 20)]
    assert shares == pytest.approx([38.2, 52.9, 64.9, 72.7], abs=0.7)
    assert pair_top_k(blind, 20).value == pytest.approx(20 / len(anps))


def is_sorted(values: list[float]) -> bool:
    return all(first >= second for first, second in pairwise(values))


def test_tags_of_the_whole_list_are_a_distribution() -> None:
    rows = [[0.5, 0.2, 0.1, 0.15, 0.05], [0.1, 0.1, 0.6, 0.1, 0.1]]
    truth = [{CUTE_DOG}, {OLD_CAT, ANP("blue", "sky")}]
    tags = [
        sorted((Tag(anp, value) for anp, value in zip(ANPS, row, strict=True)), key=lambda tag: -(tag.probability or 0))
        for row in rows
    ]
    scores = scores_of_tags(tags, truth)
    assert scores.knowledge is Knowledge.DISTRIBUTION
    assert set(scores.anps) == set(ANPS)
    some = {CUTE_DOG, OLD_CAT}
    fewer = scores_of_tags(tags, truth, only=some)
    assert set(fewer.anps) == some
    assert np.exp(fewer.log_probabilities).sum(axis=1) == pytest.approx([1, 1])


def test_the_auc_sets_a_photo_against_all_that_hold_its_noun() -> None:
    """Also against those without any true ANP, where the nouns that they hold are known."""
    rows = np.log([[0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    anps, truth = [CUTE_DOG, WET_DOG], [{CUTE_DOG}, set(), set()]
    alone = scores_of_distribution(anps, rows, truth)
    assert adjective_auc(alone) == {}
    among = scores_of_distribution(anps, rows, truth, [{"dog"}, {"dog"}, {"dog", "cat"}], untrue=True)
    assert adjective_auc(among) == {"cute": (0.5, 1)}
    report = evaluate_tagger_scores(alone, {CUTE_DOG: 1.0}, of_nouns=among, ks=(1,), samples=0)
    assert report.adjective_auc == {"cute": (0.5, 1)}
    assert [report.figures[name]["AUC of the adjective among photos of the noun"].value for name in report.figures] == [
        0.5
    ] * 3
