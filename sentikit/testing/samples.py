"""Small data of every sort: photographs, captions, tags, a scorer, and files of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from ..anp import ANP, Tag
from ..caption import Caption

if TYPE_CHECKING:
    from PIL.Image import Image

CAPTIONS = (
    "A dog runs on a beach.",
    "Two women walk down a street near an old car.",
    "a man rides a horse through a field",
    "A cat.",
    "The children play in the snow, and a bird sits on the roof of a house.",
)
"""Captions as people write them."""

ODD_CAPTIONS = (
    "",
    " ",
    "dog",
    "A dog\non a beach",
    "Ein Hund läuft am Strand.",
    "\N{DOG FACE} A dog \N{RIGHT-TO-LEFT OVERRIDE}hcaeb",
    "A <b>dog</b> &amp; a cat: https://example.org/dog?a=1",
    "\ud800 a dog",
    "A dog on a beach. " * 100,
)
"""Captions that break careless code."""

TAGS = (
    Tag(ANP("happy", "dog"), 0.5),
    Tag(ANP("misty", "street"), 0.25),
    Tag(ANP("sunny", "beach"), 0.125),
    Tag(ANP("lonely", "street"), 0.0625),
    Tag(ANP("calm", "field"), None),
)
"""Tags, best first, one without a probability."""


def attended(text: str) -> Caption:
    """A caption as a model with attention makes it: it looked for each word at a place of its own, in four by four."""
    import numpy as np

    words = tuple(text.lower().split())
    maps = np.full((len(words), 4, 4), 0.02)
    for number, word in enumerate(words):
        maps[number].flat[len(word) % 16] = 0.7
    return Caption(text, words, maps)


def attended_tag(tag: Tag) -> Tag:
    """The tag with the places where the model looked for its adjective and its noun."""
    import numpy as np

    maps = np.full((2, 4, 4), 0.02)
    for number, word in enumerate(tag.anp):
        maps[number].flat[len(word) % 16] = 0.7
    return tag._replace(attention=maps)


_SIZES = {
    "landscape.png": (96, 64),
    "portrait.png": (64, 96),
    "wide.png": (300, 3),
    "pixel.png": (1, 1),
    "dark.png": (48, 48),
    "bright.png": (48, 48),
}


def photographs() -> dict[str, Image]:
    """RGB images by name: ordinary ones, and the odd sizes that a folder of photographs holds."""
    return {name: _image(name, *size) for name, size in _SIZES.items()}


def _image(name: str, width: int, height: int) -> Image:
    """The same pixels each time: a gradient whose colour depends on the name."""
    import numpy as np
    from PIL import Image

    base = {"dark.png": 10, "bright.png": 235}.get(name, 100)
    rows, columns = np.mgrid[0:height, 0:width]
    red = base + (rows * 7 + columns * 3) % 20
    green = base + (rows * columns + len(name)) % 20
    blue = base + (columns * 5) % 20
    return Image.fromarray(np.stack([red, green, blue], axis=-1).astype("uint8"))


def save_photos(folder: Path) -> list[Path]:
    """Write the photographs into `folder`, which is made; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    images = photographs()
    for name, image in images.items():
        image.save(folder / name)
    return [folder / name for name in images]


def save_coco(path: Path) -> Path:
    """Write a COCO captions file: the photographs' names, and one of `CAPTIONS` each."""
    images = [
        {"id": number, "file_name": name, "width": width, "height": height}
        for number, (name, (width, height)) in enumerate(_SIZES.items(), 1)
    ]
    annotations = [
        {"id": 100 + number, "image_id": number, "caption": CAPTIONS[number % len(CAPTIONS)]}
        for number in range(1, len(images) + 1)
    ]
    path.write_text(json.dumps({"info": {}, "images": images, "annotations": annotations}), "utf-8")
    return path


def save_tags(path: Path) -> Path:
    """Write a tag file for the images of `save_coco`."""
    anps = [{"adjective": tag.adjective, "noun": tag.noun, "probability": tag.probability} for tag in TAGS[:-1]]
    lines = [json.dumps({"image_id": number, "file_name": name, "anps": anps}) for number, name in enumerate(_SIZES, 1)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


class KnownScorer:
    """A scorer that thinks the same of every image: it knows the ANPs and probabilities that it is given."""

    def __init__(self, probabilities: Mapping[ANP, float]) -> None:
        self._known = dict(probabilities)

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """Their logarithms; -inf for an unknown ANP."""
        return [[log(self._known[anp]) if anp in self._known else float("-inf") for anp in row] for row in anps]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """The known ANPs of each noun, their probabilities normalised."""
        return [[self._of(noun) for noun in row] for row in nouns]

    def _of(self, noun: str) -> list[Tag]:
        found = {anp: value for anp, value in self._known.items() if anp.noun == noun}
        total = sum(found.values())
        ranked = sorted(found.items(), key=lambda item: -item[1])
        return [Tag(anp, value / total) for anp, value in ranked]
