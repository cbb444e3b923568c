"""The baseline that nothing is trained for: the caption of coco_text whose objects fit the detector's scores best.

    python -m scripts.bundled.objects.retrieval DATA DETECTIONS

prints the scores on the COCO photographs that are held out, and on all that have captions. Their own captions are left
out of those to choose from.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from pathlib import Path

import torch
from sentikit_plugins.caption_metrics.bleu import Bleu
from sentikit_plugins.caption_metrics.chair import Chair
from sentikit_plugins.caption_metrics.cider import Cider
from sentikit_plugins.encoders.ssd_mobilenet.classes import CLASSES
from torch import Tensor

from sentikit.english.tokenizer import tokenize

from .data import Photo, classes_in, held_out_files, read, text_without_photos

NOT_FOUND = 0.02
"""The score of a class that was not found."""
NEUTRAL = 0.25
"""The score that speaks neither for a class nor against it."""
COMMON = 0.25
"""Weight of the log of how many captions name a set."""
SHOWN = ("CHAIR_i", "CHAIR_s", "object recall", "objects a caption", "CIDEr", "BLEU-4")


class CaptionSets:
    """Captions by the set of classes that they name."""

    def __init__(self, captions: list[list[str]]) -> None:
        found: dict[frozenset[int], list[str]] = defaultdict(list)
        for of_image in captions:
            for text in of_image:
                found[frozenset(classes_in(text))].append(text)
        self._captions = {names: texts for names, texts in found.items() if names}
        self._names = list(self._captions)
        self._member = torch.zeros(len(self._names), len(CLASSES))
        for row, names in enumerate(self._names):
            self._member[row, list(names)] = 1
        self._common = torch.tensor([len(self._captions[names]) for names in self._names]).log() * COMMON
        self._typical: dict[frozenset[int], str] = {}

    def best(self, objects: Tensor) -> str:
        """The most typical caption of the set that fits the objects ``(objects, 6)`` best."""
        names = self._names[int((self._member @ evidence(objects) + self._common).argmax())]
        if names not in self._typical:
            self._typical[names] = most_typical(self._captions[names])
        return self._typical[names]


def evidence(objects: Tensor) -> Tensor:
    """``(classes,)``: log-odds of the best score against a neutral one, weighted by the size of the box."""
    score, side = torch.full((len(CLASSES),), NOT_FOUND), torch.zeros(len(CLASSES))
    for kind, value, top, left, bottom, right in objects.float().tolist():
        if value > score[int(kind)]:
            score[int(kind)] = value
            side[int(kind)] = math.sqrt(max(0.0, (bottom - top) * (right - left)))
    return (score.logit(eps=1e-4) - math.log(NEUTRAL / (1 - NEUTRAL))) * (0.3 + side)


def most_typical(captions: list[str]) -> str:
    """The caption whose words occur in most of the others, of about ten words."""
    words = [tokenize(text) for text in captions]
    counts = Counter(word for row in words for word in set(row))

    def typical(index: int) -> float:
        own = words[index]
        common = sum(math.log((counts[word] + 0.1) / (len(captions) + 1)) for word in set(own))
        return common / max(6, len(own)) - abs(len(own) - 10) * 0.1

    return captions[max(range(len(captions)), key=typical)]


def scores(captions: dict[int | str, str], photos: list[Photo]) -> dict[str, float]:
    """Those of `SHOWN`."""
    references: dict[int | str, list[str]] = {photo.image: photo.captions for photo in photos}
    found: dict[str, float] = {}
    for metric in (Chair(), Cider(), Bleu()):
        found |= metric.compute(captions, references)
    return {name: found[name] for name in SHOWN}


def main(data: Path, folder: Path) -> None:
    """Measure."""
    photos, chosen = read(data, "coco"), held_out_files(data)
    found = torch.load(folder / "coco.pt", weights_only=True)
    sets = CaptionSets(text_without_photos(data, {photo.image for photo in photos}))
    made: dict[int | str, str] = {photo.image: sets.best(found[photo.file]["objects"]) for photo in photos}
    for name, part in (("held out", [photo for photo in photos if photo.file in chosen]), ("all", photos)):
        of_part = {photo.image: made[photo.image] for photo in part}
        shown = ", ".join(f"{key} {value:.3f}" for key, value in scores(of_part, part).items())
        print(f"{name}, {len(part)} photographs, {len(set(of_part.values()))} distinct captions: {shown}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
