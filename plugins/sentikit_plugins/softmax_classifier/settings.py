"""The options of the trainer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentikit import option
from sentikit.training.anp_settings import AnpSettings


@dataclass(frozen=True)
class SoftmaxSettings(AnpSettings):
    """The options of the trainer `softmax`."""

    loss: str = option(
        "nll",
        "Loss: nll is cross-entropy to the ANPs' weights; multilabel-soft-margin decides on each ANP separately.",
        choices=("nll", "multilabel-soft-margin"),
    )
    pooling: str = option("mean", "Pooling of the feature map into one vector.", choices=("mean", "mean-max"))
    dropout: float = option(0.0, "Dropout on the pooled features.", at_least=0, below=1)
    label_smoothing: float = option(
        0.0, "Label smoothing: the share of the target that is spread over all ANPs (nll).", at_least=0, below=1
    )
    logit_adjustment: float = option(
        0.0, "Strength of logit adjustment by P(ANP) in the training data; 1 is full adjustment (nll).", at_least=0
    )
    logit_adjustment_only: Path | None = option(None, "Adjust only the ANPs of this ontology.")
    share_words: float = option(
        0.0, "How much ANPs that share an adjective or a noun learn from each other; 0: not at all.", at_least=0
    )
