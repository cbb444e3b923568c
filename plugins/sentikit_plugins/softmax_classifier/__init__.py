"""softmax: the paper's softmax ANP classifier, a tagger and its trainer (sections 4.1.1, 5.1)."""

from __future__ import annotations

from typing import Any

from sentikit import Pack, Register, Tagger, hookimpl, options_of

from .settings import SoftmaxSettings


def _tagger(weights: Pack) -> Tagger:
    from .model import SoftmaxTagger
    from .packing import unpack

    stored, encoder = weights.model("softmax"), weights.encoder()
    model = unpack(stored)
    stored.check_dim(model.dim, encoder.dim)
    return SoftmaxTagger(model, encoder)


def _trainer(**options: Any) -> Any:
    from .task import SoftmaxTask

    return SoftmaxTask(SoftmaxSettings(**options))


@hookimpl
def register_taggers(register: Register) -> None:
    """Offers the tagger."""
    register(
        "softmax",
        _tagger,
        summary="Softmax ANP classifier: every ANP a class (paper 4.1.1)",
        weights=True,
    )


@hookimpl
def register_trainers(register: Register) -> None:
    """Offers the trainer."""
    register(
        "softmax",
        _trainer,
        summary="Train the softmax ANP classifier on photographs with ANPs: a folder tree, a manifest or a tag file.",
        options=options_of(SoftmaxSettings),
    )
