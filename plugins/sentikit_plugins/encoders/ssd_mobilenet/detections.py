"""From a network's predictions to the objects that were found."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .classes import CLASSES

LEAST = 0.05
"""Objects below this score are left out."""
MOST = 100
"""Objects of a photograph."""
_OVERLAP = 0.6
"""Of two boxes of a class that overlap more (intersection over union), the one with the lower score is left out."""


class Detections(NamedTuple):
    """The objects of a photograph, best first."""

    classes: Tensor
    """``(objects,)``: indices into `classes.CLASSES`."""
    scores: Tensor
    """``(objects,)`` in [0, 1]."""
    boxes: Tensor
    """``(objects, 4)``: top, left, bottom and right as shares of the sides."""


def detections(scores: Tensor, boxes: Tensor, least: float = LEAST) -> Detections:
    """Scores ``(anchors, classes)`` and boxes ``(anchors, 4)`` of a photograph -> the objects in it."""
    anchor, kind = (scores >= least).nonzero(as_tuple=True)
    values = scores[anchor, kind]
    order = values.argsort(descending=True, stable=True)[: 10 * MOST]
    anchor, kind, values = anchor[order], kind[order], values[order]
    kept = _not_covered(boxes[anchor], kind)[:MOST]
    return Detections(kind[kept], values[kept], boxes[anchor[kept]])


def _not_covered(boxes: Tensor, kinds: Tensor) -> Tensor:
    """The indices of the boxes, best first, that overlap no better one of their class that is kept (greedily)."""
    covers = (overlaps(boxes) > _OVERLAP) & (kinds[:, None] == kinds)
    covered = [False] * len(boxes)
    rows = [row.nonzero().flatten().tolist() for row in covers.triu(diagonal=1)]
    for index, row in enumerate(rows):
        if not covered[index]:
            for other in row:
                covered[other] = True
    return torch.tensor([index for index, gone in enumerate(covered) if not gone], dtype=torch.long)


def overlaps(boxes: Tensor) -> Tensor:
    """Boxes ``(objects, 4)`` -> the intersection over union of each two ``(objects, objects)``."""
    first, second = boxes[:, None], boxes[None]
    corner = torch.minimum(first[..., 2:], second[..., 2:]) - torch.maximum(first[..., :2], second[..., :2])
    common = corner.clamp(min=0).prod(dim=-1)
    areas = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(dim=-1)
    return common / (areas[:, None] + areas - common).clamp(min=1e-9)


def paint(found: Detections, side: int) -> Tensor:
    """``(classes, side, side)``: the best score of each class in each pixel.

    An object counts in a pixel by the share of the pixel that its box covers, where the pixel that it covers most
    counts in full, so that small objects are as clear as large ones.
    """
    edges = torch.arange(side + 1, device=found.boxes.device, dtype=found.boxes.dtype) / side
    near, far = found.boxes[:, :2, None], found.boxes[:, 2:, None]
    covered = (torch.minimum(far, edges[1:]) - torch.maximum(near, edges[:-1])).clamp(min=0)
    share = covered[:, 0, :, None] * covered[:, 1, None, :]
    share = share / share.amax(dim=(1, 2), keepdim=True).clamp(min=1e-9)
    painted = share.new_zeros(len(CLASSES), side, side)
    index = found.classes[:, None, None].expand_as(share)
    return painted.scatter_reduce(0, index, found.scores[:, None, None] * share, "amax")
