"""Published weights that are fetched when they are first used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sentikit import SentikitError


@contextmanager
def explain_failed_download(name: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes one sentence: libraries raise anything where a download fails."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SentikitError(
            f"The published weights of {name} could not be loaded ({reason}): connect this machine to the network "
            "for the first use, start from a pack, or use --init random."
        ) from error
