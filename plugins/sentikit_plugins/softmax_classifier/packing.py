"""The softmax classifier in a pack."""

from __future__ import annotations

from sentikit import PackModel
from sentikit.nn.anp_model import stored_anps

from .model import SoftmaxClassifier


def pack_model(model: SoftmaxClassifier) -> PackModel:
    """All that a pack keeps of the classifier."""
    model = model.folded()
    return PackModel(
        kind="tagger",
        settings={"dim": model.dim, "pooling": model.pooling},
        tensors=model.state_dict(),
        documents=model.documents(),
    )


def unpack(stored: PackModel) -> SoftmaxClassifier:
    """The classifier that `pack_model` stored. Raises SentikitError where its weights do not fit."""
    model = SoftmaxClassifier(anps=stored_anps(stored), **stored.settings)
    model.load(stored)
    return model
