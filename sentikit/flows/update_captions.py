"""Rewrites the captions of a dataset: a pure function over a shard, run here or by a pool of processes."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any, NamedTuple

from ..anp import ANP, Tag
from ..caption import Caption, Rewrite
from ..coco.captions import ImageId
from ..english.adjectives import count_without_adjective
from ..errors import PluginError, SentikitError
from ..interfaces import Rewriter
from ..plugins import load_plugins
from ..tag_filter import TagFilter
from ..tags import ImageTags
from .edits import check_undo, limit_edits

SHARD_IMAGES = 1000


class Captioned(NamedTuple):
    """An image's captions and its tags, best first."""

    captions: Sequence[str]
    tags: Sequence[Tag]


class CaptionedImages(Sequence[Captioned]):
    """The images that have captions, in the order of the file; an entry is made when it is asked for."""

    def __init__(self, by_image: Mapping[ImageId, list[dict[str, Any]]], tags: ImageTags) -> None:
        """`by_image` are the annotations by image id."""
        self._entries = [entry for entry in by_image.items() if entry[1]]
        self._tags = tags

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return list(map(self._captioned, self._entries[place]))
        return self._captioned(self._entries[place])

    def annotations(self) -> list[dict[str, Any]]:
        """The annotation of each caption, in the order of the images."""
        return [annotation for _, annotations in self._entries for annotation in annotations]

    def _captioned(self, entry: tuple[ImageId, list[dict[str, Any]]]) -> Captioned:
        identity, annotations = entry
        return Captioned([annotation["caption"] for annotation in annotations], self._tags.get(identity, ()))


@dataclass(frozen=True)
class RewriterChoice:
    """What a worker needs to make its own rewriter."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    plugins_dir: Path | None = None

    def create(self) -> Rewriter:
        """Raises PluginError or UsageError as `Plugins.get` and `Component.create` do."""
        rewriter: Rewriter = load_plugins(self.plugins_dir).get("rewriter", self.name).create(self.options)
        return rewriter


@dataclass
class ShardResult:
    """What became of a shard: the rewrites of its changed captions, by their place in it, and the counts."""

    rewrites: dict[int, Rewrite]
    captions: int
    without_adjective: int
    """Captions that hold no adjective after the update."""
    tagged: int
    """Captions whose image has tags, before the filter."""


def rewrite_shard(
    shard: Sequence[Captioned], rewriter: Rewriter, tag_filter: TagFilter, max_edits: int | None
) -> ShardResult:
    """Filter the tags of each image, rewrite its captions and keep the `max_edits` most probable edits of each.

    Raises PluginError where the rewriter fails or breaks its contract: a rewrite a caption, edits that can be undone.
    """

    texts = [text for captions, _ in shard for text in captions]
    # tuple.__new__ is what Caption() calls, at a fraction of the time.
    wrapped = map(tuple.__new__, repeat(Caption), zip(texts, repeat(()), repeat(None), repeat(None)))
    tags = [usable for captions, found in shard for usable in repeat(tag_filter.apply(found), len(captions))]
    rewrites: dict[int, Rewrite] = {}
    unchanged: list[str] = []
    done = 0
    try:
        for text, rewrite in zip(texts, rewriter.rewrite(zip(wrapped, tags, strict=True)), strict=True):
            if rewrite.edits or rewrite.text != text:
                check_undo("The rewriter", text, rewrite)
                rewrite = limit_edits(text, rewrite, tags[done], max_edits)
            if rewrite.edits:
                rewrites[done] = rewrite
            else:
                unchanged.append(text)
            done += 1
    except SentikitError:
        raise
    except Exception as error:
        raise PluginError(f"The rewriter failed at caption {done + 1:,}: {type(error).__name__}: {error}.") from error
    tagged = sum(len(captions) for captions, found in shard if found)
    return ShardResult(rewrites, done, count_without_adjective(unchanged), tagged)


def rewrite_dataset(
    images: Sequence[Captioned],
    choice: RewriterChoice,
    tag_filter: TagFilter,
    max_edits: int | None = None,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda captions: None,
) -> Iterator[ShardResult]:
    """Rewrite `images` shard by shard, in order; the same results whatever `jobs` is.

    images: may make an image's entry when it is asked for; several jobs each need a copy of it.
    max_edits: at most so many edits a caption; None: the rewriter's own default.
    progress: called with the number of captions of every shard that is done.
    """
    rewriter = choice.create()
    limit = rewriter.default_max_edits if max_edits is None else max_edits
    starts = range(0, len(images), SHARD_IMAGES)
    results: Iterator[ShardResult]
    if jobs <= 1:
        results = (rewrite_shard(images[start : start + SHARD_IMAGES], rewriter, tag_filter, limit) for start in starts)
    else:
        results = _in_processes(starts, jobs, (images, choice, tag_filter, limit))
    for result in results:
        progress(result.captions)
        yield result


@dataclass
class UpdateStatistics:
    """The paper's Table 2 for one file. It adds up: captions = updated + unchanged + failed + skipped."""

    images: int = 0
    captions: int = 0
    tagged: int = 0
    """Captions whose image has tags: the others could not be updated."""
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    """Captions that stay as they are because their photograph is missing or cannot be read."""
    skipped: int = 0
    edits: int = 0
    without_adjective: int = 0
    anps: Counter[ANP] = field(default_factory=Counter)

    def add(self, result: ShardResult) -> None:
        """Count a shard in."""
        self.captions += result.captions
        self.tagged += result.tagged
        self.updated += len(result.rewrites)
        self.unchanged += result.captions - len(result.rewrites)
        self.without_adjective += result.without_adjective
        anps = [edit.tag.anp for rewrite in result.rewrites.values() for edit in rewrite.edits]
        self.edits += len(anps)
        self.anps.update(anps)

    def fail(self, captions: int) -> None:
        """Of the captions that were counted as unchanged, so many have no photograph that can be read."""
        self.unchanged -= captions
        self.failed += captions

    def to_json(self) -> dict[str, Any]:
        """Plain values, as `--stats` writes them."""
        return {
            "images": self.images,
            "captions": self.captions,
            "captions_tagged": self.tagged,
            "captions_updated": self.updated,
            "captions_unchanged": self.unchanged,
            "captions_failed": self.failed,
            "captions_skipped": self.skipped,
            "edits": self.edits,
            "edits_per_caption": self.edits / self.captions if self.captions else None,
            "captions_without_adjective": self.without_adjective,
            "distinct_anps": len(self.anps),
            "anps": [
                {"adjective": anp.adjective, "noun": anp.noun, "edits": count}
                for anp, count in sorted(self.anps.items(), key=lambda item: (-item[1], item[0]))
            ],
        }


# A worker gets what all shards share once; a process pool can hand it over only through a global.
_worker: tuple[Sequence[Captioned], Rewriter, TagFilter, int | None] | None = None
_Shared = tuple[Sequence[Captioned], RewriterChoice, TagFilter, int | None]


def _start_worker(shared: _Shared) -> None:
    global _worker
    images, choice, tag_filter, max_edits = shared
    _worker = images, choice.create(), tag_filter, max_edits


def _work(start: int) -> ShardResult:
    assert _worker is not None
    images, rewriter, tag_filter, max_edits = _worker
    return rewrite_shard(images[start : start + SHARD_IMAGES], rewriter, tag_filter, max_edits)


def _in_processes(starts: Iterable[int], jobs: int, shared: _Shared) -> Iterator[ShardResult]:
    """The results in the order of the shards, no more than a few of them waiting."""
    # Forked workers have the captions and tags already; elsewhere each gets a copy.
    method = "fork" if "fork" in get_all_start_methods() and sys.platform == "linux" else "spawn"
    pool = ProcessPoolExecutor(jobs, mp_context=get_context(method), initializer=_start_worker, initargs=(shared,))
    waiting: deque[Future[ShardResult]] = deque()
    try:
        for start in starts:
            waiting.append(pool.submit(_work, start))
            if len(waiting) > 4 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
