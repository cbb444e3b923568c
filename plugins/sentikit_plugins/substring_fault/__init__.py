"""substring-fault: a rule that is wrong on purpose, for comparison with the paper's count of caption updates."""

from __future__ import annotations

from sentikit import Register, Rewriter, hookimpl


@hookimpl
def register_rewriters(register: Register) -> None:
    """Register substring-fault."""
    register(
        "substring-fault",
        _substring_fault,
        summary="wrong on purpose, do not use: finds 'man' in 'woman', which fits the paper's count of updates",
    )


def _substring_fault() -> Rewriter:
    from .rewriter import SubstringFault

    return SubstringFault()
