"""Distances, overlap and spread of attention maps: values worked out by hand, and the laws they keep."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from sentikit.evaluation.attention import (  # noqa: E402
    DISTANCES,
    Distance,
    area,
    blurred,
    cosine,
    entropy,
    euclidean,
    hellinger,
    jensen_shannon,
    normalised,
    overlap,
    position_debiased,
)

PIXELS = 6
weights = st.just(0.0) | st.floats(2**-20, 128, width=32)
maps = st.lists(weights, min_size=PIXELS, max_size=PIXELS).map(torch.tensor)


def by_hand(*values: float) -> torch.Tensor:
    return torch.tensor(values)


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
    assert distance(by_hand(1, 0), by_hand(1, 1)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", DISTANCES)
def test_maps_that_do_not_meet_are_one_apart(name: str) -> None:
    assert DISTANCES[name](by_hand(3, 0, 0), by_hand(0, 0, 8)).item() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", DISTANCES)
@given(one=maps, other=maps)
def test_a_distance_is_symmetric_from_0_to_1_and_0_for_the_same_map(
    name: str, one: torch.Tensor, other: torch.Tensor
) -> None:
    distance = DISTANCES[name]
    assert 0 <= distance(one, other) <= 1
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0
    assert distance(one, 4 * one) == pytest.approx(0, abs=1e-3)  # the scale says nothing


@given(one=maps, other=maps)
def test_overlap_is_symmetric_from_0_to_1_and_1_for_the_same_map(one: torch.Tensor, other: torch.Tensor) -> None:
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one) == pytest.approx(1, abs=1e-5)
    total_variation = (normalised(one) - normalised(other)).abs().sum() / 2
    assert overlap(one, other) == pytest.approx(1 - total_variation.item(), abs=1e-5)


def test_overlap_by_hand() -> None:
    assert overlap(by_hand(1, 1, 0, 0), by_hand(0, 1, 1, 0)).item() == pytest.approx(0.5)
    assert overlap(by_hand(1, 3), by_hand(3, 1)).item() == pytest.approx(0.5)


def test_spread_by_hand() -> None:
    assert entropy(by_hand(0, 5, 0, 0)).item() == 0
    assert entropy(by_hand(1, 1, 1, 1)).item() == pytest.approx(1)
    assert entropy(by_hand(1, 1, 0, 0)).item() == pytest.approx(0.5)
    assert entropy(by_hand(2)).item() == 1
    assert area(by_hand(0, 5, 0, 0)).item() == 0.25
    assert area(by_hand(1, 1, 1, 1)).item() == 0.5
    assert area(by_hand(4, 3, 2, 1)).item() == 0.5
    assert area(by_hand(4, 3, 2, 1), mass=0.4).item() == 0.25
    assert area(by_hand(4, 3, 2, 1), mass=1).item() == 1


@given(one=maps)
def test_spread_is_from_0_to_1(one: torch.Tensor) -> None:
    assert 0 <= entropy(one) <= 1
    assert 1 / PIXELS <= area(one, 0.5) <= area(one, 0.9) <= 1


def test_many_maps_at_once_are_each_alone() -> None:
    one, other = torch.rand(2, 3, PIXELS), torch.rand(3, PIXELS)
    for distance in (*DISTANCES.values(), overlap):
        assert distance(one, other).shape == (2, 3)
        assert distance(one, other)[1, 2] == pytest.approx(distance(one[1, 2], other[2]).item(), abs=1e-6)


def test_a_map_of_zeros_is_even() -> None:
    assert torch.equal(normalised(torch.zeros(2, 4)), torch.full((2, 4), 0.25))
    assert hellinger(torch.zeros(4), torch.ones(4)) == 0


def test_the_mean_map_is_divided_out() -> None:
    mean = by_hand(0.5, 0.25, 0.25)
    assert torch.allclose(position_debiased(mean, mean), torch.full((3,), 1 / 3), atol=2e-3)
    debiased = position_debiased(by_hand(0.5, 0.5, 0.0), mean, eps=0.0)
    assert torch.allclose(debiased, by_hand(1 / 3, 2 / 3, 0))


def test_blur_by_hand() -> None:
    middle = torch.zeros(3, 3)
    middle[1, 1] = 1
    expected = torch.tensor([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    assert torch.allclose(blurred(middle.flatten(), (3, 3)).view(3, 3), expected)
    corner = blurred(by_hand(1, 0, 0), (1, 3))
    assert torch.allclose(corner, by_hand(0.75, 0.25, 0))


@given(one=maps)
def test_blur_loses_nothing(one: torch.Tensor) -> None:
    assert blurred(one, (2, 3)).sum().item() == pytest.approx(1, abs=1e-5)
    assert torch.allclose(blurred(torch.ones(PIXELS), (2, 3)), torch.full((PIXELS,), 1 / PIXELS))
    assert entropy(blurred(one, (2, 3))) >= entropy(one) - 1e-5
