"""affect_metrics: how much feeling captions have, whether it is true of the image, and whether it is well written.

Each metric is computed for the captions, for the plain captions they were made from, and for what people wrote about
the images.
"""

from __future__ import annotations

from pathlib import Path

from sentikit import AffectMetric, Option, Register, hookimpl


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the metrics."""
    register("adjectives", _adjectives, summary="share of captions without an adjective, and without an emotional one")
    register("anps", _anps, summary="number of adjective-noun pairs, and of distinct ones")
    register(
        "unseen-anps",
        _unseen,
        summary="emotional adjective-noun pairs that are not in the training data",
        options=[Option("train", Path, None, "COCO captions or an ontology of the training data")],
    )
    register(
        "sentiment-bayes",
        _bayes,
        summary="sentiment accuracy, judged by naive Bayes trained on SentiCap and factual captions",
        options=[
            Option("senticap", Path, None, "SentiCap's senticap_dataset.json"),
            Option("factual", Path, None, "factual COCO captions, of other images than the evaluated ones"),
        ],
    )
    register(
        "sentiment-lexicon",
        _lexicon,
        summary="sentiment accuracy, judged by a published lexicon",
        options=[Option("lexicon", str, "textblob", "the lexicon", ("textblob", "vader"))],
    )
    register("anp-support", _support, summary="whether people who saw the image say the same about it")
    register("grammar", _grammar, summary="wrong articles, misplaced and doubled adjectives")
    register("diversity", _diversity, summary="vocabulary, distinct-1 and distinct-2")
    register("change", _change, summary="how much captions differ from their plain captions")


def _adjectives() -> AffectMetric:
    from .adjectives import Adjectives

    return Adjectives()


def _anps() -> AffectMetric:
    from .adjectives import Anps

    return Anps()


def _unseen(train: Path | None) -> AffectMetric:
    from .adjectives import UnseenAnps

    return UnseenAnps(train)


def _bayes(senticap: Path | None, factual: Path | None) -> AffectMetric:
    from .judges import BayesJudge

    return BayesJudge(senticap, factual)


def _lexicon(lexicon: str) -> AffectMetric:
    from .judges import LexiconJudge

    return LexiconJudge(lexicon)


def _support() -> AffectMetric:
    from .support import Support

    return Support()


def _grammar() -> AffectMetric:
    from .writing import Grammar

    return Grammar()


def _diversity() -> AffectMetric:
    from .writing import Diversity

    return Diversity()


def _change() -> AffectMetric:
    from .writing import Change

    return Change()
