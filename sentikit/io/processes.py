"""Processes that end with the one that started them."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from types import FrameType
from typing import Any, TypeVar

from ..errors import SentikitError
from .interpreters import safe_start

Item = TypeVar("Item")
Result = TypeVar("Result")

log = logging.getLogger("sentikit.processes")

_TRIES = 3
"""How often in a row the processes may be killed."""
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


def fork_if_safe() -> str:
    """The start method for workers that share much: forked ones have it already, spawned ones each get a copy."""
    return "fork" if "fork" in get_all_start_methods() and sys.platform == "linux" else "spawn"


def map_in_processes(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int,
    start: Callable[..., None],
    arguments: tuple[Any, ...],
    method: str = "spawn",
    prefetch: int = 4,
) -> Iterator[Result]:
    """What `work` makes of each item, in order, made by `jobs` processes.

    Each process first calls `start` with the arguments. At most `prefetch` items per process are given out beyond the
    one whose result is next. Processes end with this one, and at once if the caller is interrupted or told to end.
    Items whose process is killed are done again by new processes.
    Raises SentikitError if that happens again and again, and whatever `work` raises.
    """
    source = iter(items)
    unfinished: deque[Item] = deque()

    def remaining() -> Iterator[Item]:
        yield from tuple(unfinished)
        for item in source:
            unfinished.append(item)
            yield item

    failures = 0
    while True:
        try:
            with ended_by_signals():
                for result in _in_pool(work, remaining(), jobs, start, arguments, method, prefetch):
                    unfinished.popleft()
                    failures = 0
                    yield result
            return
        except BrokenProcessPool:
            failures += 1
            if failures == _TRIES:
                raise SentikitError(
                    f"A process of --jobs {jobs} was killed {_TRIES} times in a row, perhaps because the memory is too "
                    "small: use fewer jobs."
                ) from None
            log.warning("A worker process was killed; its captions are done again.")


def _in_pool(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int,
    start: Callable[..., None],
    arguments: tuple[Any, ...],
    method: str,
    prefetch: int,
) -> Iterator[Result]:
    initial = (os.getpid(), start, arguments)
    with safe_start():
        pool = ProcessPoolExecutor(jobs, mp_context=get_context(method), initializer=_start, initargs=initial)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            with safe_start(), signals_held_back():
                waiting.append(pool.submit(work, item))
            if len(waiting) > prefetch * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException:
        # Nobody waits for what still runs. Python 3.14 has a public way; without the attribute the pool is waited for.
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _start(parent: int, start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    end_with_parent(parent)
    start(*arguments)


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
