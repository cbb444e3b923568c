"""packs: the weights that come with sentikit, described in `docs/bundled-models.md`."""

from __future__ import annotations

from pathlib import Path

from sentikit import Register, hookimpl


def _lite0_flickr8k() -> Path:
    return Path(__file__).parent / "lite0-flickr8k"


@hookimpl
def register_packs(register: Register) -> None:
    """Register the pack."""
    register(
        "lite0-flickr8k",
        _lite0_flickr8k,
        summary="captioner, ANP decoder and softmax classifier over EfficientNet-Lite0, for research use",
    )
