"""stdout and stderr that take every text, whatever the terminal's encoding, and that may be closed."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

BROKEN_PIPE = 141
"""The exit code when nobody reads stdout any more, as of a program that SIGPIPE ends."""


def make_streams_safe() -> None:
    """Characters that the encoding lacks are written as escapes; what is written to a closed stream is lost."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def end_streams(code: int) -> int:
    """Write what is left; the exit code, which tells if that could not be done."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            if code == 0 and stream is sys.stdout:
                code = BROKEN_PIPE if isinstance(error, BrokenPipeError) else 1
                if code == 1:
                    _complain(error)
            _forget(stream)
    return code


def _complain(error: Exception) -> None:
    with suppress(OSError, ValueError):
        print(f"Error: Cannot write to stdout: {getattr(error, 'strerror', None) or error}.", file=sys.stderr)


def _forget(stream: TextIO) -> None:
    """Python would complain once more when it closes the stream."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
