"""attention: the attention encoder-decoder captioner (paper sections 4.1.3, 4.2.2) and its trainers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sentikit import Captioner, Pack, Register, hookimpl, options_of

from .settings import CaptionerSettings, CrossSettings, SearchSettings


def _captioner(weights: Pack, **search: Any) -> Captioner:
    from .captioner import AttentionCaptioner
    from .packing import unpack

    stored, encoder = weights.model("attention"), weights.encoder()
    captioning = unpack(stored)
    stored.check_dim(captioning.decoder.settings.features, encoder.dim)
    chosen = replace(captioning.search, **SearchSettings(**search).given())
    return AttentionCaptioner(captioning._replace(search=chosen), encoder)


def _trainer(**options: Any) -> Any:
    from .task import CaptionerTask

    return CaptionerTask(CaptionerSettings(**options))


def _cross_trainer(**options: Any) -> Any:
    from .cross_training import CrossTrainingTask

    return CrossTrainingTask(CrossSettings(strength=options.pop("lambda"), **options))


@hookimpl
def register_captioners(register: Register) -> None:
    """Offers the captioner."""
    register(
        "attention",
        _captioner,
        summary="LSTM that looks at the photograph before every word (Show, Attend and Tell)",
        options=[
            *options_of(SearchSettings),
        ],
        weights=True,
    )


@hookimpl
def register_trainers(register: Register) -> None:
    """Offers the trainers."""
    register(
        "captioner",
        _trainer,
        summary="Train the attention captioner on a COCO captions file, plain or updated.",
        options=options_of(CaptionerSettings),
    )
    register(
        "cross-training",
        _cross_trainer,
        summary="Fine-tune the captioner (--init) with a tagger's adjectives, weighted by attention (paper 4.2.3).",
        options=options_of(CrossSettings),
    )
