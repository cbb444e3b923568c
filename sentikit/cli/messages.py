"""What the engine logs, shown on stderr: a line each, warnings with "Warning: " before them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ..commands.output import say


class _Stderr(logging.Handler):
    """Writes to stderr as it is at the moment, above a progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = "Warning: " if record.levelno >= logging.WARNING else ""
        say(prefix + record.getMessage())


@contextmanager
def shown_messages() -> Iterator[None]:
    """Inside, the messages of sentikit's loggers from INFO on are shown."""
    logger, handler = logging.getLogger("sentikit"), _Stderr()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
