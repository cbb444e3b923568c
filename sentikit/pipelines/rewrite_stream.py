"""Rewrites captions that come batch by batch, in flat memory, here or by a pool of processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from ..formats.tags.table import TagTable
from ..io.processes import fork_if_safe, map_in_processes
from ..plugin.interfaces import Rewriter
from .edit_limits import BY_DEFAULT, EditRules
from .image_models import Named
from .update import Captioned, ChunkResult, RewriterChoice, rewrite_chunk


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
    if jobs <= 1:
        yield from map(StreamRewriter(table, tagged, choice.create(), rules).rewrite, batches)
    else:
        choice.create()  # whatever is wrong with it is told before processes start
        shared = (table, tagged, replace(choice, made=None), rules)
        yield from map_in_processes(_work, batches, jobs, _start_worker, shared, fork_if_safe(), prefetch=2)


# A worker gets what all batches share once; a process pool can hand it over only through a global.
_worker: StreamRewriter | None = None


def _start_worker(table: TagTable, tagged: bytearray, choice: RewriterChoice, rules: EditRules) -> None:
    global _worker
    _worker = StreamRewriter(table, tagged, choice.create(), rules)


def _work(batch: Texts) -> ChunkResult:
    assert _worker is not None
    return _worker.rewrite(batch)
