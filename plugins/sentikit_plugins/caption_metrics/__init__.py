"""caption_metrics: the metrics of the COCO caption evaluation: bleu, rouge-l, cider and, if Java is installed, meteor.

Each metric tokenizes as that evaluation does (`sentikit.english.tokenizer`).
"""

from __future__ import annotations

from sentikit import Metric, Register, hookimpl


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the metrics."""
    register("bleu", _bleu, summary="BLEU-1 to BLEU-4 over the whole set, with the closest reference length")
    register("rouge-l", _rouge_l, summary="ROUGE-L: the longest common subsequence with the references")
    register("cider", _cider, summary="CIDEr (CIDEr-D): n-grams weighted by their idf in the references")
    register("meteor", _meteor, summary="METEOR, computed by pycocoevalcap and Java (extra 'eval')")
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


def _spice() -> Metric:
    from .java import Spice

    return Spice()
