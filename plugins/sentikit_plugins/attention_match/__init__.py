"""attention-match: an adjective goes where captioner and tagger looked at the same place (paper section 6)."""

from __future__ import annotations

from typing import Any

from sentikit import Combiner, Register, hookimpl, options_of

from .settings import MatchSettings


def _combiner(**options: Any) -> Combiner:
    from .combiner import AttentionMatch

    return AttentionMatch(MatchSettings(**options))


@hookimpl
def register_combiners(register: Register) -> None:
    """Offer attention-match."""
    register(
        "attention-match",
        _combiner,
        summary="an adjective goes to the noun for which the captioner looked where the tagger looked for its own",
        options=options_of(MatchSettings),
    )
