"""Attention maps: distances, overlap and spread worked out by hand, the laws they keep, and how maps are prepared."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentikit.nn.attention_maps import (
    DISTANCES,
    Distance,
    Maps,
    area,
    blurred,
    contrasted,
    cosine,
    divided_by_mean,
    entropy,
    euclidean,
    hellinger,
    jensen_shannon,
    map_of_span,
    normalised,
    on_one_grid,
    overlap,
    without_position_bias,
)

PIXELS = 6
weights = st.just(0.0) | st.floats(2**-20, 128, width=32)
maps = st.lists(weights, min_size=PIXELS, max_size=PIXELS).map(lambda values: np.array([values[:3], values[3:]]))


def by_hand(*values: float) -> Maps:
    """A map of one row."""
    return np.array([values])


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        # of (1, 0) and (1/2, 1/2)
        (hellinger, math.sqrt(1 - math.sqrt(0.5))),
        (euclidean, 0.5),
        (jensen_shannon, math.sqrt((math.log2(4 / 3) + 0.5 * math.log2(2 / 3) + 0.5) / 2)),
        (cosine, 1 - math.sqrt(0.5)),
    ],
)
def test_distances_by_hand(distance: Distance, expected: float) -> None:
    assert distance(by_hand(1, 0), by_hand(1, 1)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", DISTANCES)
def test_maps_that_do_not_meet_are_one_apart(name: str) -> None:
    assert DISTANCES[name](by_hand(3, 0, 0), by_hand(0, 0, 8)) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", DISTANCES)
@settings(deadline=None)
@given(one=maps, other=maps)
def test_a_distance_is_symmetric_from_0_to_1_and_0_for_the_same_map(name: str, one: Maps, other: Maps) -> None:
    distance = DISTANCES[name]
    assert 0 <= distance(one, other) <= 1
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0
    assert distance(one, 4 * one) == pytest.approx(0, abs=1e-3)  # the scale says nothing


@settings(deadline=None)
@given(one=maps, other=maps)
def test_overlap_is_symmetric_from_0_to_1_and_1_for_the_same_map(one: Maps, other: Maps) -> None:
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == pytest.approx(1, abs=1e-5)
    total_variation = np.abs(normalised(one) - normalised(other)).sum() / 2
    assert overlap(one, other) == pytest.approx(1 - total_variation, abs=1e-5)


def test_overlap_by_hand() -> None:
    assert overlap(by_hand(1, 1, 0, 0), by_hand(0, 1, 1, 0)) == pytest.approx(0.5)
    assert overlap(by_hand(1, 3), by_hand(3, 1)) == pytest.approx(0.5)


def test_spread_by_hand() -> None:
    assert entropy(by_hand(0, 5, 0, 0)) == 0
    assert entropy(by_hand(1, 1, 1, 1)) == pytest.approx(1)
    assert entropy(by_hand(1, 1, 0, 0)) == pytest.approx(0.5)
    assert entropy(by_hand(2)) == 1
    assert area(by_hand(0, 5, 0, 0)) == 0.25
    assert area(by_hand(1, 1, 1, 1)) == 0.5
    assert area(by_hand(4, 3, 2, 1)) == 0.5
    assert area(by_hand(4, 3, 2, 1), mass=0.4) == 0.25
    assert area(by_hand(4, 3, 2, 1), mass=1) == 1


@settings(deadline=None)
@given(one=maps)
def test_spread_is_from_0_to_1(one: Maps) -> None:
    assert 0 <= entropy(one) <= 1
    assert 1 / PIXELS <= area(one, 0.5) <= area(one, 0.9) <= 1


def test_many_maps_at_once_are_each_alone() -> None:
    generator = np.random.default_rng(0)
    one, other = generator.random((2, 4, 2, 3)), generator.random((4, 2, 3))
    for distance in (*DISTANCES.values(), overlap):
        assert distance(one, other).shape == (2, 4)
        assert distance(one, other)[1, 2] == pytest.approx(distance(one[1, 2], other[2]))
    for describe in (entropy, area):
        assert describe(one).shape == (2, 4)
        assert describe(one)[1, 2] == pytest.approx(describe(one[1, 2]))


def test_a_map_of_zeros_is_even() -> None:
    assert np.array_equal(normalised(np.zeros((2, 2, 2))), np.full((2, 2, 2), 0.25))
    assert hellinger(np.zeros((2, 2)), np.ones((2, 2))) == 0


def test_maps_need_no_torch() -> None:
    command = "import sys, sentikit.nn.attention_maps; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command]).returncode == 0


# One form


def test_the_mean_map_is_divided_out() -> None:
    mean = by_hand(0.5, 0.25, 0.25)
    assert divided_by_mean(mean, mean, 1e-3) == pytest.approx(np.full((1, 3), 1 / 3), abs=2e-3)
    assert divided_by_mean(by_hand(0.5, 0.5, 0), mean, 0) == pytest.approx(by_hand(1 / 3, 2 / 3, 0))


def test_where_a_model_always_looks_makes_no_difference() -> None:
    always = np.array([[4.0, 1, 0], [1, 0, 0]])
    assert without_position_bias(np.stack([always] * 3)).std(axis=0) == pytest.approx(np.zeros((2, 3)))
    once = always + np.array([[0, 0, 0], [0, 0, 3]])
    *others, own = without_position_bias(np.stack([always, always, once]))
    assert np.unravel_index(own.argmax(), own.shape) == (1, 2)
    assert all(other[1, 2] < own[1, 2] for other in others)
    assert own.sum() == pytest.approx(1)


def test_blur_by_hand() -> None:
    middle = np.zeros((3, 3))
    middle[1, 1] = 1
    assert blurred(middle) == pytest.approx(np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16)
    assert blurred(by_hand(1, 0, 0)) == pytest.approx(by_hand(0.75, 0.25, 0))


@settings(deadline=None)
@given(one=maps)
def test_blur_loses_nothing(one: Maps) -> None:
    assert blurred(one).sum() == pytest.approx(one.sum())
    assert blurred(np.ones((2, 3))) == pytest.approx(np.ones((2, 3)))
    assert entropy(blurred(one)) >= entropy(one) - 1e-9


def test_maps_of_two_grids_meet_on_one() -> None:
    one, other = on_one_grid(np.array([[1.0, 0]]), np.array([[[0.25], [0.25], [0.5]]]))
    assert (one.shape, other.shape) == ((3, 2), (1, 3, 2))
    assert one.tolist() == [[pytest.approx(1 / 3), 0]] * 3
    assert other[0].tolist() == [[0.125, 0.125], [0.125, 0.125], [0.25, 0.25]]


def test_the_map_of_a_span_is_the_mean_over_its_words() -> None:
    words = np.array([[[1.0, 0]], [[0, 1]], [[1, 1]]])
    spans = [(0, 1), (2, 5), (6, 9), None]  # "a big dog" and an end token
    found = map_of_span(words, spans, 2, 9)
    assert found is not None
    assert found.tolist() == [[0.5, 1]]
    assert map_of_span(words, spans, 5, 6) is None


# Shown


def test_a_map_is_shown_within_itself() -> None:
    shown = contrasted(np.array([[[2.0, 4, 6]], [[1, 1, 1.1]], [[0, 0, 0]]]))
    assert shown[0].tolist() == [[0, 0.5, 1]]
    assert shown[1].max() == pytest.approx(0.1, rel=0.1)
    assert shown[2].max() == 0
