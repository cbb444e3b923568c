"""ssd_mobilenet: a detector of COCO's 80 classes as an encoder: features, and where which objects are."""

from __future__ import annotations

from typing import Any

from sentikit import Option, Register, hookimpl


def _ssd(**options: Any) -> Any:
    from .encoder import ssd_encoder

    return ssd_encoder(**options)


@hookimpl
def register_encoders(register: Register) -> None:
    """Register the encoder."""
    register(
        "ssd-mobilenet",
        _ssd,
        summary="SSD-MobileNet v2 trained on COCO: 10x10 features, with the objects found in each pixel",
        options=[Option("objects", bool, True, "append the scores of COCO's 80 classes in each pixel")],
        weights=True,
    )
