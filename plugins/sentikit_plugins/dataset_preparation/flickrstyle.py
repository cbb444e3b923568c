"""FlickrStyle's captions (Gan et al. 2017) of some photographs, as COCO captions that read like text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from sentikit import SentikitError
from sentikit.formats.coco import CocoCaptions, read_captions
from sentikit.io.messages import first

HALVES = ("tune", "report")
_NO_SPACE_BEFORE = re.compile(r"\s+(?=[.,!?;:]|'s\b|n't\b|'re\b|'ll\b|'ve\b|'d\b|'m\b)")
_QUOTES = re.compile(r"``\s*(.*?)\s*''")


def detokenised(text: str) -> str:
    """Tokens with blanks between them as a sentence: "the dog 's ball ." becomes "The dog's ball."."""
    text = _QUOTES.sub(r'"\1"', " ".join(text.split()))
    text = _NO_SPACE_BEFORE.sub("", text.replace("``", '"').replace("''", '"'))
    return text[:1].upper() + text[1:]


def half_of(file_name: str) -> str:
    """The half that a photograph belongs to, by a hash of its name: always the same."""
    return HALVES[sha256(file_name.encode("utf-8", "surrogatepass")).digest()[0] % 2]


def styled_captions(path: Path, photos: Path, style: str, half: str | None, limit: int | None) -> dict[str, Any]:
    """A COCO captions document: the captions of a style, of the photographs of `photos`, under their ids.

    photos: a COCO captions file. half: only this one; None: both. limit: at most so many photographs, in order.
    Raises SentikitError where the style has no caption of them.
    """
    styled, wanted = read_captions(path), read_captions(photos)
    texts: dict[str, list[str]] = {}
    styles: set[str] = set()
    for _, annotation in styled.usable():
        if isinstance(annotation.get("style"), str):
            styles.add(annotation["style"])
        if annotation.get("style") == style:
            name = _name(styled, annotation["image_id"])
            texts.setdefault(name, []).append(detokenised(annotation["caption"]))
    images = [image for image in wanted.images.values() if image.get("file_name") in texts]
    images = [image for image in images if half in (None, half_of(image["file_name"]))][:limit]
    if not images:
        known = first(sorted(styles), 10, ", ") or "none"
        raise SentikitError(f"{path} has no {style} caption of a photograph of {photos}; its styles are: {known}.")
    rows = [(image["id"], text) for image in images for text in texts[image["file_name"]]]
    annotations = [
        {"id": number, "image_id": image, "caption": text} for number, (image, text) in enumerate(rows, start=1)
    ]
    return {"info": {"description": f"{style} captions of {path.name}"}, "images": images, "annotations": annotations}


def _name(captions: CocoCaptions, image_id: int | str) -> str:
    image: Mapping[str, Any] = captions.images.get(image_id) or {}
    return str(image.get("file_name"))
