"""attention-match: an adjective goes where captioner and tagger looked at the same place (paper section 6)."""

from __future__ import annotations

from typing import Any

from sentikit import Combiner, Option, Register, hookimpl


def _combiner(**options: Any) -> Combiner:
    from .combiner import AttentionMatch

    return AttentionMatch(**options)


@hookimpl
def register_combiners(register: Register) -> None:
    """Offer attention-match."""
    register(
        "attention-match",
        _combiner,
        summary="an adjective goes to the noun for which the captioner looked where the tagger looked for its own",
        options=[
            Option(
                "distance",
                str,
                "hellinger",
                "how far two attention maps are apart; euclidean is the paper's",
                choices=("hellinger", "euclidean", "jensen-shannon", "cosine"),
            ),
            Option("k", float, 1.0, "weight of attention beside the tag's probability; 0: none"),
            Option("veto", float, 0.6, "no adjective goes where the maps are farther apart than this; 1: no veto"),
            Option("other-noun", float, 0.1, "factor for a noun that is not the tag's own; 0: never on one"),
            Option("head-of-compound", bool, True, "a train track is no train; false: it may be one (figure 11)"),
        ],
    )
