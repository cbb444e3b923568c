"""Toy models that also say where they looked, and what the tests of the commands need beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from sentikit import Caption, ImageBatch, Tag
from support.toy_models import ToyCaptioner, ToyScoringTagger

MAPS = np.array([[[0.7, 0.1], [0.1, 0.1]], [[0.1, 0.1], [0.1, 0.7]]])


class LookingCaptioner(ToyCaptioner):
    """Sees a street everywhere, and looks at two corners."""

    def caption(self, batch: ImageBatch, n: int = 1) -> list[list[Caption]]:
        return [[Caption("a street", ("a", "street"), MAPS, -1.5)] for _ in batch.photos]


class LookingTagger(ToyScoringTagger):
    """Looks at two corners."""

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        return [[tag._replace(attention=MAPS) for tag in tags] for tags in super().tag(batch, top_k)]


def save_photos(folder: Path, names: Sequence[str] = ("1.png", "2.png", "3.png")) -> list[Path]:
    """Photographs by turns dark and bright: to the toys, misty and sunny."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for number, path in enumerate(paths):
        Image.new("RGB", (8, 6), ((20, 20, 20), (220, 220, 220))[number % 2]).save(path)
    return paths
