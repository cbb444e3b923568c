"""Processes that end with the one that started them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def signals_held_back() -> Iterator[None]:
    """In the block, in which processes are started, signals wait: Python ignores an exception while it forks."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent(parent: int) -> None:
    """Call it in a new worker: it ends when the process `parent` has ended, and at once when it is told to.

    Ctrl-C is for the parent, which ends its workers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """In the block SIGTERM and SIGHUP end the run in good order, as Ctrl-C does, with the shell's exit code for them.

    It does nothing outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.getsignal(getattr(signal, name)) for name in names}
    for name in names:
        if before[name] is signal.SIG_DFL:
            signal.signal(getattr(signal, name), _end)
    try:
        yield
    finally:
        for name in names:
            signal.signal(getattr(signal, name), before[name])


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
