"""The contract suite of each kind of component."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UsageError
from .encoder_checks import ENCODER_CHECKS
from .image_checks import CAPTIONER_CHECKS, TAGGER_CHECKS
from .metric_checks import METRIC_CHECKS
from .subject import Check
from .text_checks import COMBINER_CHECKS, REWRITER_CHECKS
from .trainer_checks import TRAINER_CHECKS

SUITES: Mapping[str, tuple[Check, ...]] = {
    "tagger": TAGGER_CHECKS,
    "captioner": CAPTIONER_CHECKS,
    "rewriter": REWRITER_CHECKS,
    "combiner": COMBINER_CHECKS,
    "encoder": ENCODER_CHECKS,
    "metric": METRIC_CHECKS,
    "trainer": TRAINER_CHECKS,
}


def checks_of(kind: str) -> tuple[Check, ...]:
    """The checks of a kind of component: rewriter, tagger and so on. Raises UsageError for another word."""
    if kind not in SUITES:
        raise UsageError(f"There is no contract suite for a {kind!r}; there are {', '.join(SUITES)}.")
    return SUITES[kind]
