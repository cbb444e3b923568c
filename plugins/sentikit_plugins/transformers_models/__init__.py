"""transformers_models: captioners and zero-shot taggers that Hugging Face transformers loads (extra 'transformers')."""

from __future__ import annotations

from typing import Any

from sentikit import Captioner, Register, Tagger, hookimpl, options_of

from .settings import CaptionSettings, ZeroShotSettings


@hookimpl
def register_captioners(register: Register) -> None:
    """Register the captioner."""
    register(
        "transformers",
        _captioner,
        summary="BLIP, GIT and the other image-text-to-text models of transformers (extra 'transformers')",
        options=options_of(CaptionSettings),
    )


@hookimpl
def register_taggers(register: Register) -> None:
    """Register the tagger."""
    register(
        "zero-shot",
        _tagger,
        summary="CLIP, SigLIP and the other zero-shot classifiers of transformers, for any ANPs (extra 'transformers')",
        options=options_of(ZeroShotSettings),
    )


def _captioner(**options: Any) -> Captioner:
    from .captioner import TransformersCaptioner

    return TransformersCaptioner(CaptionSettings(**options))


def _tagger(**options: Any) -> Tagger:
    from .zero_shot import ZeroShotTagger

    return ZeroShotTagger(ZeroShotSettings(**options))
