"""spacy-lemma: a careful writer that parses the sentence before it inserts an adjective."""

from __future__ import annotations

from sentikit import Register, Rewriter, hookimpl


def _rewriter() -> Rewriter:
    from .rewriter import SpacyLemma

    return SpacyLemma()


@hookimpl
def register_rewriters(register: Register) -> None:
    """Register spacy-lemma."""
    register(
        "spacy-lemma",
        _rewriter,
        summary="matches nouns by lemma and part of speech; puts the adjective where English puts opinion adjectives",
    )
