"""A contract suite as a pytest test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plugin.kinds import KINDS
from ..plugin.loader import load_plugins
from .subject import Check, NotChecked, Subject
from .suites import checks_of


def contract(kind: str, name: str, *, weights: object = None, **options: object) -> Callable[..., None]:
    """A pytest test of everything that a component of its kind must do; assign it to a name that begins with test_.

    kind: rewriter, combiner, tagger, captioner, encoder, metric or trainer.
    name: what the component is registered by; its plugin must be installed.
    weights: for a component with ``weights=True``: an open `Pack`, or "random" for an encoder.
    options: as for ``-O``, with underscores: ``verb="seems"``.
    Raises UsageError for a kind that has no suite.
    """
    import pytest

    given = {option.replace("_", "-"): _text(value) for option, value in options.items()}
    checks = checks_of(kind)
    (of_kind,) = (known for known in KINDS if known.name == kind)

    @pytest.mark.parametrize("check", checks, ids=str)
    def test(check: Check) -> None:
        try:
            check.run(Subject(load_plugins().get(of_kind, name), given, weights))
        except NotChecked as unknown:
            pytest.skip(str(unknown))

    made: Any = test
    return made  # type: ignore[no-any-return]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
