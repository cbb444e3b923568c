"""Soft attention over the pixels of a feature map (paper section 4.1.3; Xu et al. 2015, section 4.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_CACHED = 2**18
"""Numbers that fit into a core's cache."""


class SoftAttention(nn.Module):
    """Additive attention. Features belong to an image and queries to its rows (captions or beams).

    All of an image's rows share its features, which are never copied for them.
    """

    def __init__(self, dim: int, size: int) -> None:
        super().__init__()
        self.image = nn.Linear(dim, size)
        self.score = nn.Linear(size, 1, bias=False)  # softmax ignores a bias

    def project(self, features: Tensor) -> Tensor:
        """``(images, pixels, dim)`` -> ``(images, pixels, size)``, once for an image, however many steps follow."""
        projected: Tensor = self.image(features)
        return projected

    def forward(self, features: Tensor, projected: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
        """Queries ``(images, rows, size)`` -> context ``(images, rows, dim)``, weights ``(images, rows, pixels)``.

        The weights of a row sum to 1.
        """
        images, rows, size = query.shape
        # Without gradients the sums are thrown away, so they are made in pieces small enough for a cache.
        piece = images if query.requires_grad else max(1, _CACHED // (rows * projected.shape[1] * size))
        fits = [
            self.score((image.unsqueeze(1) + word.unsqueeze(2)).relu_()).squeeze(-1)
            for image, word in zip(torch.split(projected, piece), torch.split(query, piece), strict=True)
        ]
        weights = torch.cat(fits).softmax(dim=-1)
        return torch.bmm(weights, features), weights


def doubly_stochastic_loss(attention: Tensor, mask: Tensor, total: float | None = 1.0) -> Tensor:
    """How far each pixel's attention, summed over a caption's words, is from `total`: the mean square (a scalar).

    attention: ``(..., length, pixels)``; mask: ``(..., length)``, false where a caption is padded.
    total: 1 is the term of Xu et al. (section 4.2.1), which short captions over many pixels can only meet by
    spreading evenly; None takes words / pixels, which every caption can reach.
    Averaged over the captions, each counting by its words. Multiply by the weight alpha_c (1 in the paper).
    """
    words = mask.sum(dim=-1)
    sums = (attention * mask.unsqueeze(-1)).sum(dim=-2)
    target = sums.new_full((), total) if total is not None else (words / attention.shape[-1]).unsqueeze(-1)
    squares = (target - sums).square().mean(dim=-1)
    return (squares * words).sum() / words.sum().clamp(min=1)
