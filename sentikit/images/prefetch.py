"""Maps a function over many things in worker threads, in order, only so far ahead of whoever takes the results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def prefetch(function: Callable[[A], B], things: Iterable[A], threads: int, limit: int) -> Generator[B, None, None]:
    """`function` of each thing, in order, with at most `limit` results waiting; 0 threads: in the caller's.

    Closing the generator, as Ctrl-C does, waits only for the things being done at that moment.
    """
    if not threads:
        for thing in things:
            yield function(thing)
        return
    waiting: deque[Future[B]] = deque()
    remaining = iter(things)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="prefetch")
    try:
        while True:
            for thing in islice(remaining, limit - len(waiting)):
                waiting.append(pool.submit(function, thing))
            if not waiting:
                return
            future = waiting.popleft()
            yield future.result()
            del future  # or one result more would be held while the next is made
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
