"""Pythons that are started as children. None looks for modules in the current folder, which may hold anyone's files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLE = "PYTHONSAFEPATH"


def python_command(*arguments: str) -> list[str]:
    """The command line of this Python with `arguments`."""
    return [sys.executable, "-P", *arguments]


@contextmanager
def safe_start() -> Iterator[None]:
    """Inside, a process that multiprocessing starts does not look for modules in the current folder either.

    A pool starts processes when it is made, and when it first gets something to do.
    """
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before
