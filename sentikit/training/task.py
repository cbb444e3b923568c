"""What trainers and the training loop share: messages."""

from __future__ import annotations

import logging

from .distributed import leads

_log = logging.getLogger("sentikit.training")


def say(sentence: str) -> None:
    """Log a message of the run, in one process alone where torchrun started several."""
    if leads():
        _log.info("%s", sentence)
