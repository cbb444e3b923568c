"""spacy-lemma: a careful writer, who reads the sentence before putting an adjective into it."""

from __future__ import annotations

from sentikit import Register, Rewriter, hookimpl


def _rewriter() -> Rewriter:
    from .rewriter import SpacyLemma

    return SpacyLemma()


@hookimpl
def register_rewriters(register: Register) -> None:
    """Offer spacy-lemma."""
    register(
        "spacy-lemma",
        _rewriter,
        summary="matches nouns by lemma and as nouns, and puts the adjective where English puts an opinion",
        default=True,
    )
