"""The softmax classifier in a pack."""

from __future__ import annotations

from sentikit import ANP, PackModel
from sentikit.nn.adjective_prior import AdjectivePrior

from .model import SoftmaxClassifier


def pack_model(model: SoftmaxClassifier) -> PackModel:
    """All that a pack keeps of the classifier."""
    model = model.folded()
    return PackModel(
        kind="tagger",
        settings={"dim": model.dim, "pooling": model.pooling},
        tensors=model.state_dict(),
        documents={"anps": [list(anp) for anp in model.anps]} | (model.prior.documents() if model.prior else {}),
    )


def unpack(stored: PackModel) -> SoftmaxClassifier:
    """The classifier that `pack_model` stored. Raises SentikitError where its weights do not fit."""
    anps = [ANP(*pair) for pair in stored.documents["anps"]]
    model = SoftmaxClassifier(anps=anps, prior=AdjectivePrior.of_model(anps, stored), **stored.settings)
    stored.load_into(model)
    return model
