"""Caption files, made on the fly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def coco(path: Path, captions: Mapping[int, Sequence[str]]) -> Path:
    """Write a COCO file of the captions of each image id."""
    images = [{"id": image, "file_name": f"{image}.jpg"} for image in captions]
    annotations = [
        {"id": 100 * image + number, "image_id": image, "caption": text}
        for image, texts in captions.items()
        for number, text in enumerate(texts)
    ]
    path.write_text(json.dumps({"images": images, "annotations": annotations}), "utf-8")
    return path
