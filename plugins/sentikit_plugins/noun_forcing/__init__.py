"""noun-forcing: the nouns of a plain caption get the ANP decoder's adjectives (paper section 5.5)."""

from __future__ import annotations

from sentikit import Combiner, Option, Register, hookimpl


def _combiner(paper: bool) -> Combiner:
    from .combiner import NounForcing, PaperNounForcing

    return PaperNounForcing() if paper else NounForcing()


@hookimpl
def register_combiners(register: Register) -> None:
    """Register noun-forcing."""
    register(
        "noun-forcing",
        _combiner,
        summary="each noun of the caption gets the adjective that the tagger scores best for the noun and the image",
        options=[Option("paper", bool, False, "use only the ANPs that the tagger generated, matched as in the paper")],
        default=True,
    )
