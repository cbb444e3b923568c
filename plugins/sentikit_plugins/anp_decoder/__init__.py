"""anp-decoder: the paper's ANP attentional autoencoder, adjective or noun first (sections 4.2.1, 5.4, 6)."""

from __future__ import annotations

from typing import Any

from sentikit import Pack, Register, Tagger, hookimpl, options_of

from .settings import AnpDecoderSettings


def _tagger(weights: Pack) -> Tagger:
    from .packing import unpack
    from .tagger import AnpDecoderTagger

    stored, encoder = weights.model("anp-decoder"), weights.encoder()
    model = unpack(stored)
    stored.check_dim(model.dim, encoder.dim)
    return AnpDecoderTagger(model, encoder)


def _trainer(**options: Any) -> Any:
    from .task import AnpDecoderTask

    return AnpDecoderTask(AnpDecoderSettings(**options))


@hookimpl
def register_taggers(register: Register) -> None:
    """Offers the tagger."""
    register(
        "anp-decoder",
        _tagger,
        summary="Attentional ANP decoder: adjective and noun one after the other (paper 4.2.1)",
        weights=True,
    )


@hookimpl
def register_trainers(register: Register) -> None:
    """Offers the trainer."""
    register(
        "anp-decoder",
        _trainer,
        summary="Train the attentional ANP decoder on photographs with ANPs: a folder tree, a manifest or a tag file.",
        options=options_of(AnpDecoderSettings),
    )
