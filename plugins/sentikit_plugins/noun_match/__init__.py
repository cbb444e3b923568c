"""noun-match: the caption update of the paper (section 4.1.2)."""

from __future__ import annotations

from sentikit import Register, Rewriter, hookimpl


@hookimpl
def register_rewriters(register: Register) -> None:
    """Register noun-match."""
    register(
        "noun-match", _noun_match, summary="the paper's rule: puts the adjective right before its noun, without grammar"
    )


def _noun_match() -> Rewriter:
    from .rewriter import NounMatch

    return NounMatch()
