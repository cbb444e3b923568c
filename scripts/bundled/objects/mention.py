"""The mention head: from what the detector found to the fraction of captions that name each class.

    python -m scripts.bundled.objects.mention DATA DETECTIONS OUT

fits it on Flickr8k train and the COCO photographs with captions, five times without a fifth of them, so that each
photograph gets probabilities from a head that has not seen it, and once on all of them, for the photographs held out.
DETECTIONS is the folder that `detect` wrote; sets that are not there are left out. OUT gets the probabilities, the
boxes, the truth and the last head, for the decoder's training. Prints the cross-entropy and the reliability.
"""

from __future__ import annotations

import hashlib
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
from sentikit_plugins.encoders.ssd_mobilenet.classes import CLASSES
from torch import Tensor, nn
from torch.nn import functional

from .data import classes_in, held_out_files, read

NUMBERS = 7
FOLDS, STEPS, LEARNING_RATE = 5, 60, 0.1
COCO_WEIGHT = 3.0
"""COCO's photographs are few, and of what users photograph."""
COMPONENTS = 32
"""Of the mean features of the backbone."""
_NOT_FOUND = -4.0
"""The logit of a class that the detector did not find."""
_BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)


class Rows(NamedTuple):
    """The photographs, a row each."""

    files: list[str]
    numbers: Tensor
    """``(photos, classes, 7)``"""
    boxes: Tensor
    """``(photos, classes, 4)``: of the best object: root of the area, centre y and x, height."""
    means: Tensor
    truth: Tensor
    """``(photos, classes)``: the fraction of captions that name the class."""
    coco: Tensor
    held_out: Tensor


class Head(nn.Module):
    """Logits from a class's own numbers, the features of the photograph, and the scores of the other classes."""

    def __init__(self) -> None:
        super().__init__()
        count = len(CLASSES)
        self.shared = nn.Parameter(torch.eye(NUMBERS)[0])
        self.own = nn.Parameter(torch.zeros(count, NUMBERS))
        self.bias = nn.Parameter(torch.full((count,), -1.0))
        self.scene = nn.Parameter(torch.zeros(count, COMPONENTS))
        self.others = nn.Parameter(torch.zeros(count, count))

    def forward(self, numbers: Tensor, scene: Tensor) -> Tensor:
        own = (numbers * (self.shared + self.own)).sum(dim=-1) + self.bias
        return own + scene @ self.scene.T + numbers[..., 0].sigmoid() @ self.others.T

    def penalty(self) -> Tensor:
        """Large where classes differ much, or much is made of the scene and of other classes."""
        squares = (self.own.square().sum() * 2e-4, self.scene.square().sum() * 1e-3, self.others.square().sum() * 1e-4)
        return sum(squares, torch.zeros(()))


def numbers_of(objects: Tensor) -> tuple[Tensor, Tensor]:
    """The objects of a photograph, best first -> numbers ``(classes, 7)`` and boxes ``(classes, 4)``."""
    numbers, boxes = torch.zeros(len(CLASSES), NUMBERS), torch.zeros(len(CLASSES), 4)
    numbers[:, :2] = _NOT_FOUND
    seen = [0] * len(CLASSES)
    for kind, score, top, left, bottom, right in objects.float().tolist():
        row = int(kind)
        if seen[row] < 2:
            numbers[row, seen[row]] = math.log(max(score, 0.018) / (1 - min(score, 0.999)))
        if not seen[row]:
            side = math.sqrt(max(0.0, (bottom - top) * (right - left)))
            y, x = (top + bottom) / 2, (left + right) / 2
            boxes[row] = torch.tensor([side, y, x, bottom - top])
            numbers[row, 3], numbers[row, 4] = side, 1 - 2 * math.hypot(y - 0.5, x - 0.5)
        numbers[row, 2] += score > 0.3
        seen[row] += 1
    numbers[:, 2].log1p_()
    numbers[:, 5] = numbers[:, 0] * numbers[:, 3]
    numbers[:, 6] = numbers[:, 0].clamp(min=-2).square() / 4
    return numbers, boxes


def fractions(captions: list[str]) -> Tensor:
    """``(classes,)``: the fraction of captions that name each class."""
    named = torch.zeros(len(CLASSES))
    for caption in captions:
        named[list(set(classes_in(caption)))] += 1 / len(captions)
    return named


def rows_of(data: Path, folder: Path) -> Rows:
    """The photographs of the sets that the detector has seen."""
    files: list[str] = []
    tables: list[list[Tensor]] = []
    coco: list[bool] = []
    for name in ("coco", "flickr-train", "flickr-dev"):
        path = folder / f"{name}.pt"
        found = torch.load(path, weights_only=True) if path.exists() else {}
        for photo in read(data, name):
            if photo.file in found:
                row = found[photo.file]
                files.append(photo.file)
                coco.append(name == "coco")
                tables.append([*numbers_of(row["objects"]), row["mean"].float(), fractions(photo.captions)])
    selected = held_out_files(data) | {photo.file for photo in read(data, "flickr-dev")}
    stacked = [torch.stack(column) for column in zip(*tables, strict=True)]
    return Rows(files, *stacked, torch.tensor(coco), torch.tensor([file in selected for file in files]))


def scenes(means: Tensor) -> Tensor:
    """The first principal components of the mean features, all of the same size."""
    centred = means - means.mean(dim=0)
    components = centred @ torch.pca_lowrank(centred, COMPONENTS, niter=4)[2]
    return components / components.std(dim=0) / 3


def fit(rows: Rows, scene: Tensor, chosen: Tensor) -> Head:
    """A head from the chosen photographs."""
    head = Head()
    optimizer = torch.optim.Adam(head.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    numbers, seen, truth = rows.numbers[chosen], scene[chosen], rows.truth[chosen]
    weight = torch.where(rows.coco[chosen], COCO_WEIGHT, 1.0)
    for _ in range(STEPS):
        losses = functional.binary_cross_entropy_with_logits(head(numbers, seen), truth, reduction="none").sum(dim=1)
        optimizer.zero_grad()
        ((losses * weight).sum() / weight.sum() + head.penalty()).backward()
        optimizer.step()
        schedule.step()
    return head


@torch.no_grad()
def probabilities(rows: Rows, scene: Tensor) -> tuple[Tensor, Head]:
    """For each photograph from a head that has not seen it, and the head of all that are not held out."""
    fold = torch.tensor([int(hashlib.md5(file.encode()).hexdigest(), 16) % FOLDS for file in rows.files])
    found = torch.zeros_like(rows.truth)
    for index in range(FOLDS + 1):
        asked = rows.held_out if index == FOLDS else ~rows.held_out & (fold == index)
        with torch.enable_grad():
            head = fit(rows, scene, ~rows.held_out & ~asked)
        found[asked] = head(rows.numbers[asked], scene[asked]).sigmoid()
    return found, head


def cross_entropy(said: Tensor, truth: Tensor) -> float:
    """In nats, summed over the classes, a photograph's mean."""
    said = said.clamp(1e-4, 1 - 1e-4)
    return float(-(truth * said.log() + (1 - truth) * (1 - said).log()).sum(dim=1).mean())


def report(rows: Rows, said: Tensor) -> None:
    """Print how good the probabilities are, against the raw scores and the prior."""
    prior = rows.truth[~rows.held_out].mean(dim=0)
    raw = rows.numbers[..., 0].sigmoid()
    print("photographs | head | raw score | prior | entropy of the truth")
    for name, of_set in (("COCO", rows.coco), ("Flickr8k", ~rows.coco)):
        for part, chosen in (("out of fold", of_set & ~rows.held_out), ("held out", of_set & rows.held_out)):
            if chosen.any():
                truth = rows.truth[chosen]
                values = [said[chosen], raw[chosen], prior.expand_as(truth), truth]
                shown = " | ".join(f"{cross_entropy(value, truth):.2f}" for value in values)
                print(f"{name}, {part}, {int(chosen.sum()):,} | {shown}")
        for low, high in pairwise(_BINS):
            cells = (of_set & rows.held_out)[:, None] & (said >= low) & (said < high)
            if cells.any():
                print(
                    f"  {name}: {int(cells.sum()):,} said {said[cells].mean():.3f}, true {rows.truth[cells].mean():.3f}"
                )


def main(data: Path, folder: Path, out: Path) -> None:
    """Fit, report and write."""
    torch.manual_seed(0)
    rows = rows_of(data, folder)
    said, head = probabilities(rows, scenes(rows.means))
    report(rows, said)
    kept = {"probabilities": said, "truth": rows.truth, "boxes": rows.boxes, "coco": rows.coco}
    torch.save({"files": rows.files, "held_out": rows.held_out, "head": head.state_dict(), **kept}, out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
