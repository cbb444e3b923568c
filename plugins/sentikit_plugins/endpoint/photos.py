"""Photographs as requests hold them."""

from __future__ import annotations

import base64
import io
from typing import Any

from sentikit import Photo


def photo_part(photo: Photo, longest_side: int) -> dict[str, Any]:
    """The part of a message that is a photograph: a JPEG without metadata, at most `longest_side` pixels long."""
    image = photo.image
    if max(image.size) > longest_side:
        image = image.copy()
        image.thumbnail((longest_side, longest_side))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90, comment=b"")  # Pillow would copy the comment of the original
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


def text_part(text: str) -> dict[str, Any]:
    """The part of a message that is text."""
    return {"type": "text", "text": text}
