"""Rewrites captions that come batch by batch, in flat memory, here or by a pool of processes."""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from itertools import groupby
from multiprocessing import get_all_start_methods, get_context
from typing import NamedTuple

from ..errors import SentikitError
from ..formats.tags.table import TagTable
from ..io.interpreters import safe_start
from ..io.processes import end_with_parent, ended_by_signals, signals_held_back
from ..plugin.interfaces import Rewriter
from .edit_limits import BY_DEFAULT, EditRules
from .image_models import Named
from .update import Captioned, ChunkResult, RewriterChoice, rewrite_chunk

_TRIES = 3

log = logging.getLogger("sentikit.pipelines")


class Texts(NamedTuple):
    """The captions of a batch, and the row of each one's image in the table of tags, or -1."""

    texts: Sequence[str]
    rows: Sequence[int]


class StreamRewriter(NamedTuple):
    """What rewrites a batch. table: the tags that may go in. tagged: for each row, whether it has any at all."""

    table: TagTable
    tagged: bytearray
    rewriter: Named[Rewriter]
    rules: EditRules

    def rewrite(self, batch: Texts) -> ChunkResult:
        """The rewrites by the captions' places in the batch, and the counts."""
        images, start, rows, texts = [], 0, batch.rows, batch.texts
        tagged, table = self.tagged, self.table
        for row, group in groupby(rows):
            end = start + len(list(group))
            tags = table[row] if row >= 0 else ()
            images.append(Captioned(texts[start:end], tags, row >= 0 and bool(tagged[row])))
            start = end
        return rewrite_chunk(images, self.rewriter, self.rules)


def rewrite_stream(
    batches: Iterable[Texts],
    table: TagTable,
    tagged: bytearray,
    choice: RewriterChoice,
    rules: EditRules = BY_DEFAULT,
    jobs: int = 1,
) -> Iterator[ChunkResult]:
    """Rewrite each batch, in order; the same results whatever `jobs` is."""
    rewriter = choice.create()
    if jobs <= 1:
        yield from map(StreamRewriter(table, tagged, rewriter, rules).rewrite, batches)
    else:
        with ended_by_signals():
            yield from _Pool(jobs, (table, tagged, replace(choice, made=None), rules)).results(batches)


_Shared = tuple[TagTable, bytearray, RewriterChoice, EditRules]
# A worker gets what all batches share once; a process pool can hand it over only through a global.
_worker: StreamRewriter | None = None


def _start_worker(shared: _Shared, parent: int) -> None:
    global _worker
    end_with_parent(parent)
    table, tagged, choice, rules = shared
    _worker = StreamRewriter(table, tagged, choice.create(), rules)


def _work(batch: Texts) -> ChunkResult:
    assert _worker is not None
    return _worker.rewrite(batch)


class _Pool:
    """Processes that rewrite. Batches whose worker is killed are done again by new ones."""

    def __init__(self, jobs: int, shared: _Shared) -> None:
        self._jobs = jobs
        self._shared = shared
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        # Forked workers have the tags already; elsewhere each gets a copy.
        method = "fork" if "fork" in get_all_start_methods() and sys.platform == "linux" else "spawn"
        initial = (self._shared, os.getpid())
        with safe_start():
            return ProcessPoolExecutor(
                self._jobs, mp_context=get_context(method), initializer=_start_worker, initargs=initial
            )

    def _submit(self, batch: Texts) -> Future[ChunkResult]:
        with safe_start(), signals_held_back():
            return self._pool.submit(_work, batch)

    def results(self, batches: Iterable[Texts]) -> Iterator[ChunkResult]:
        """In the order of the batches, no more than a few of them waiting."""
        waiting: deque[tuple[Texts, Future[ChunkResult]]] = deque()
        try:
            for batch in batches:
                try:
                    waiting.append((batch, self._submit(batch)))
                except BrokenProcessPool:  # killed while nothing was asked of it; what waits is done again below
                    broken: Future[ChunkResult] = Future()
                    broken.set_exception(BrokenProcessPool())
                    waiting.append((batch, broken))
                if len(waiting) > 2 * self._jobs:
                    yield self._next(waiting)
            while waiting:
                yield self._next(waiting)
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _next(self, waiting: deque[tuple[Texts, Future[ChunkResult]]]) -> ChunkResult:
        for attempt in range(_TRIES):
            try:
                result = waiting[0][1].result()
                waiting.popleft()
                return result
            except BrokenProcessPool:
                if attempt + 1 < _TRIES:
                    log.warning("A worker process was killed; its captions are done again.")
                self._pool.shutdown(cancel_futures=True)
                self._pool = self._new()
                again = [(batch, self._submit(batch)) for batch, _ in waiting]
                waiting.clear()
                waiting.extend(again)
        raise SentikitError(
            f"A process of --jobs {self._jobs} was killed {_TRIES} times in a row, perhaps because the memory is too "
            "small: use fewer jobs."
        )
