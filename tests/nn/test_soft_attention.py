"""Soft attention and the doubly stochastic term."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from sentikit.nn.soft_attention import SoftAttention, doubly_stochastic_loss  # noqa: E402


def test_attention_is_the_formula_for_every_row() -> None:
    torch.manual_seed(0)
    attention = SoftAttention(dim=5, size=4)
    features, query = torch.randn(2, 6, 5), torch.randn(2, 3, 4)
    context, weights = attention(features, attention.project(features), query)
    for image in range(2):
        for row in range(3):
            fit = torch.relu(attention.image(features[image]) + query[image, row]) @ attention.score.weight[0]
            expected = fit.softmax(0)
            assert torch.allclose(weights[image, row], expected, atol=1e-6)
            assert torch.allclose(context[image, row], expected @ features[image], atol=1e-6)


def test_every_row_of_weights_sums_to_one() -> None:
    attention = SoftAttention(dim=5, size=4)
    features = torch.randn(3, 7, 5) * 50
    _, weights = attention(features, attention.project(features), torch.randn(3, 2, 4))
    assert torch.allclose(weights.sum(-1), torch.ones(3, 2))


def test_doubly_stochastic_loss_is_zero_where_every_pixel_was_looked_at_once() -> None:
    attention = torch.eye(4).reshape(1, 1, 4, 4)
    mask = torch.ones(1, 1, 4, dtype=torch.bool)
    assert doubly_stochastic_loss(attention, mask).item() == 0
    mask[..., 3] = False
    assert doubly_stochastic_loss(attention, mask).item() == pytest.approx(1 / 4)


def test_doubly_stochastic_loss_counts_captions_by_their_words_and_ignores_padding() -> None:
    torch.manual_seed(0)
    attention = torch.rand(3, 2, 5, 7).softmax(-1)
    lengths = torch.tensor([[5, 3], [2, 0], [1, 4]])
    mask = torch.arange(5) < lengths[..., None]
    expected = [
        (1 - attention[image, row, : lengths[image, row]].sum(0)).square().mean() * lengths[image, row]
        for image in range(3)
        for row in range(2)
    ]
    assert doubly_stochastic_loss(attention, mask).item() == pytest.approx(sum(expected).item() / 15)
    assert doubly_stochastic_loss(attention, torch.zeros_like(mask)).item() == 0


def test_a_total_of_none_can_be_met_by_a_short_caption() -> None:
    even = torch.full((1, 3, 9), 1 / 9)
    mask = torch.ones(1, 3, dtype=torch.bool)
    assert doubly_stochastic_loss(even, mask, total=None).item() == pytest.approx(0, abs=1e-12)
    assert doubly_stochastic_loss(even, mask).item() == pytest.approx((1 - 1 / 3) ** 2)
    one_pixel = torch.zeros(1, 3, 9)
    one_pixel[..., 0] = 1
    assert doubly_stochastic_loss(one_pixel, mask, total=None).item() > 0.5
