"""anp-decoder: the paper's ANP attentional autoencoder, adjective or noun first (sections 4.2.1, 5.4, 6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sentikit import Option, Pack, Register, Tagger, hookimpl


def _tagger(weights: Pack) -> Tagger:
    from .packing import unpack
    from .tagger import AnpDecoderTagger

    return AnpDecoderTagger(unpack(weights.model("anp-decoder")), weights.encoder())


def _trainer(**options: Any) -> Any:
    from .task import AnpDecoderTask

    return AnpDecoderTask(**options)


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
        options=[
            Option("noun-first", bool, False, "decode noun, then adjective (paper section 6)"),
            Option("alpha-c", float, 0.0, "weight of doubly stochastic attention; the paper's is 1"),
            Option("dropout", float, 0.6, "of words and of what they are read from"),
            Option("size", int, 512, "of embedding, attention and LSTM"),
            Option("project", bool, False, "project the features to the LSTM's size first"),
            Option("label-smoothing", float, 0.0, "weight spread over all words"),
            Option("min-count", int, 1, "leave out ANPs with fewer training photographs"),
            Option("draws", int, 1, "ANPs of a photograph that are drawn, by weight, in every epoch"),
            Option("weights-count", bool, False, "let a photograph count by the sum of its ANPs' weights"),
            Option(
                "logit-adjustment",
                float,
                0.0,
                "how much of P(second word | first) in the data is left to the data; 1: all",
            ),
            Option(
                "prior",
                Path,
                None,
                "an ontology: draw a noun's adjectives towards how often it counts them (noun first)",
            ),
            Option("prior-weight", float, 0.3, "how far they are drawn; 1: as if no image were seen"),
        ],
    )
