"""Runs of `sentikit` in forked processes, which need not import torch and spaCy again."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from support.toy_commands import PLUGINS

_pipes: dict[int, int] = {}
"""The output of runs that may not write large files, by their process."""

PATIENCE = 120.0
"""Seconds after which a run counts as hanging."""


class Ended(NamedTuple):
    """A run: its exit code (negative: the signal that ended it), and all that it printed."""

    code: int
    output: str

    @property
    def is_orderly(self) -> bool:
        """Whether it ended with a code that is documented, and without a traceback or an unexpected error."""
        return self.code in (0, 1, 2, 130) and "Traceback" not in self.output and "Unexpected" not in self.output


def preload() -> None:
    """Import what the runs need, once."""
    import spacy  # noqa: F401
    import torch
    import torchvision  # noqa: F401

    import sentikit.api
    import sentikit.cli
    import sentikit.training.run  # noqa: F401

    torch.set_num_threads(1)


def start(
    arguments: Sequence[str | Path], log: Path, *, file_limit: int | None = None, memory: int | None = None
) -> int:
    """Fork a run in a session of its own; its process id.

    file_limit: bytes that a file may have, as on a full disk. memory: bytes that it may take on top of its own.
    """
    log.touch()
    reading, writing = os.pipe() if file_limit is not None else (-1, os.open(log, os.O_WRONLY | os.O_TRUNC))
    process = os.fork()
    if process:
        os.close(writing)
        if reading >= 0:
            _pipes[process] = reading
        return process
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        sys.stdout = sys.stderr = os.fdopen(writing, "w", buffering=1, errors="backslashreplace")
        if file_limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
        if memory is not None:
            limit = _address_space() + memory
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        from sentikit.cli import run

        code = run([*PLUGINS, *map(str, arguments)])
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
        finally:
            os._exit(code)  # whatever happens, the fork must not go on as the harness


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def wait(process: int, log: Path, patience: float = PATIENCE) -> Ended:
    """How the run ended. Raises TimeoutError, and kills it, if it hangs."""
    deadline = time.monotonic() + patience
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return Ended(os.waitstatus_to_exitcode(status), _output(process, log))
        if time.monotonic() > deadline:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise TimeoutError(f"a run hung: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.005)


def _output(process: int, log: Path) -> str:
    if process not in _pipes:
        return log.read_text(errors="replace")
    with os.fdopen(_pipes.pop(process), "r", errors="replace") as pipe:
        return pipe.read()


def run_to_end(
    arguments: Sequence[str | Path], log: Path, *, file_limit: int | None = None, memory: int | None = None
) -> Ended:
    """Run it without a disturbance; with the limits of `start`."""
    return wait(start(arguments, log, file_limit=file_limit, memory=memory), log)


def run_and_kill(arguments: Sequence[str | Path], log: Path, after: float, how: signal.Signals) -> Ended:
    """Send the signal after so many seconds, if the run still lasts."""
    process = start(arguments, log)
    deadline = time.monotonic() + after
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return Ended(os.waitstatus_to_exitcode(status), log.read_text(errors="replace"))
        time.sleep(0.002)
    os.kill(process, how)
    return wait(process, log)
