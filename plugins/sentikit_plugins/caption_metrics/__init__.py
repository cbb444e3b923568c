"""caption_metrics: the metrics of the COCO caption evaluation, bleu, rouge-l, cider and, if Java is installed, meteor,
and chair, which counts the objects that are not in the photograph.

Each metric tokenizes as that evaluation does (`sentikit.english.tokenizer`).
"""

from __future__ import annotations

from pathlib import Path

from sentikit import Metric, Option, Register, hookimpl


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the metrics."""
    register("bleu", _bleu, summary="BLEU-1 to BLEU-4 over the whole set, with the closest reference length")
    register("rouge-l", _rouge_l, summary="ROUGE-L: the longest common subsequence with the references")
    register("cider", _cider, summary="CIDEr (CIDEr-D): n-grams weighted by their idf in the references")
    register("meteor", _meteor, summary="METEOR, computed by pycocoevalcap and Java (extra 'eval')")
    register(
        "chair",
        _chair,
        summary="CHAIR: objects named that are not in the photograph, and recall of those that two people name",
        options=[Option("instances", Path, None, "COCO instances file of the images")],
    )
    register("spice", _spice, summary="SPICE: not computed; explains why")


def _bleu() -> Metric:
    from .bleu import Bleu

    return Bleu()


def _rouge_l() -> Metric:
    from .rouge import RougeL

    return RougeL()


def _cider() -> Metric:
    from .cider import Cider

    return Cider()


def _meteor() -> Metric:
    from .java import Meteor

    return Meteor()


def _chair(instances: Path | None) -> Metric:
    from .chair import Chair

    return Chair(instances)


def _spice() -> Metric:
    from .java import Spice

    return Spice()
