"""softmax: the paper's softmax ANP classifier, a tagger and its trainer (sections 4.1.1, 5.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sentikit import Option, Pack, Register, Tagger, hookimpl


def _tagger(weights: Pack) -> Tagger:
    from .model import SoftmaxTagger
    from .packing import unpack

    return SoftmaxTagger(unpack(weights.model("softmax")), weights.encoder())


def _trainer(**options: Any) -> Any:
    from .task import SoftmaxTask

    return SoftmaxTask(**options)


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
        options=[
            Option(
                "loss",
                str,
                "nll",
                "cross-entropy to the ANPs' weights (nll), or a decision for each ANP",
                ("nll", "multilabel-soft-margin"),
            ),
            Option("pooling", str, "mean", "how the feature map becomes one vector", ("mean", "mean-max")),
            Option("dropout", float, 0.0, "of the pooled features"),
            Option("label-smoothing", float, 0.0, "weight spread over all ANPs (nll)"),
            Option("min-count", int, 1, "leave out ANPs with fewer training photographs"),
            Option("weights-count", bool, False, "let a photograph count by the sum of its ANPs' weights"),
            Option(
                "logit-adjustment",
                float,
                0.0,
                "how much of how common an ANP is in the data is left to the data; 1: all (nll)",
            ),
            Option(
                "logit-adjustment-only",
                Path,
                None,
                "adjust only the ANPs of this ontology",
            ),
            Option(
                "share-words",
                float,
                0.0,
                "how much ANPs with the same adjective or noun learn from one another; 0: not at all",
            ),
            Option("prior", Path, None, "an ontology: draw a noun's adjectives towards how often it counts them"),
            Option("prior-weight", float, 0.3, "how far they are drawn; 1: as if no image were seen"),
        ],
    )
