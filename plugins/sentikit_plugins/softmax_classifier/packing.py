"""The softmax classifier in a pack."""

from __future__ import annotations

from sentikit import PackModel, SentikitError
from sentikit.nn.anp_model import stored_anps
from sentikit.nn.decoder import LARGEST_SIZE

from .model import POOLINGS, SoftmaxClassifier


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
    anps, dim, pooling = stored_anps(stored), stored.setting("dim", int), stored.setting("pooling", str)
    if not 1 <= dim <= LARGEST_SIZE or pooling not in POOLINGS:
        raise SentikitError(f"{stored.config}: a classifier cannot have dim {dim} and pooling {pooling!r}.")
    model = stored.build(lambda: SoftmaxClassifier(dim, anps, pooling))
    model.take_prior(stored)
    return model
