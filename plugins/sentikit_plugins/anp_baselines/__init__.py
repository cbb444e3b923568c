"""anp-replace and anp-scoring: SentiCap's baselines (Mathews et al. 2016), to compare noun-forcing with."""

from __future__ import annotations

from pathlib import Path

from sentikit import Combiner, Option, Register, hookimpl, read_ontology


def _replace(ontology: Path | None, careful: bool) -> Combiner:
    from .combiners import AnpReplace

    return AnpReplace(read_ontology(ontology) if ontology else None, careful)


def _scoring(careful: bool) -> Combiner:
    from .combiners import AnpScoring

    return AnpScoring(careful)


@hookimpl
def register_combiners(register: Register) -> None:
    """Register both."""
    careful = Option("careful", bool, False, "leave out adjectives that clash with the caption, as noun-forcing does")
    register(
        "anp-replace",
        _replace,
        summary="each noun of the caption gets its commonest adjective, whatever the image shows",
        options=[
            Option("ontology", Path, None, "the ontology whose counts are used; by default that of --ontology"),
            careful,
        ],
    )
    register(
        "anp-scoring",
        _scoring,
        summary="each noun of the caption gets the adjective that the tagger scores best, whatever the caption says",
        options=[careful],
    )
