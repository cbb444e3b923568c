"""Rewrites the captions of a dataset: a pure function over a chunk, run here or by a pool of processes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat, starmap
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..anp import ANP, Tag
from ..caption import Caption, Rewrite
from ..english.adjectives import count_without_adjective
from ..english.language import is_foreign
from ..errors import PluginError, SentikitError
from ..formats.coco.captions import ImageId
from ..formats.tags import ImageTags
from ..io.processes import fork_if_safe, map_in_processes
from ..plugin.interfaces import Rewriter
from ..plugin.kinds import REWRITER, reason
from ..plugin.loader import load_plugins
from .checks import check_rewrite
from .combining import counts_of, under_rules
from .edit_limits import BY_DEFAULT, EditRules, edit_limit, limit_edits
from .image_models import Named
from .tag_filter import TagFilter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CHUNK_IMAGES = 1000

log = logging.getLogger("sentikit.pipelines")


class Captioned(NamedTuple):
    """An image's captions, the tags that may go into them, best first, and whether it has any tags at all."""

    captions: Sequence[str]
    tags: Sequence[Tag]
    tagged: bool


class CaptionedImages(Sequence[Captioned]):
    """The images that have captions, in the order of the file; an entry is made when it is asked for.

    order: where each caption stands in the list that they came from, image by image.
    """

    def __init__(
        self,
        images: Iterable[ImageId],
        annotations: Sequence[Mapping[str, Any]],
        tags: ImageTags,
        tag_filter: TagFilter,
    ) -> None:
        """`annotations` have the captions and the ids of their `images`; `tag_filter` chooses from the `tags`."""
        import numpy as np

        identities = list(images)
        of = _places(identities, list(map(itemgetter("image_id"), annotations)))
        self.order: list[int] = np.argsort(of, kind="stable").tolist()
        texts = list(map(itemgetter("caption"), annotations))
        self._texts: list[str] = list(map(texts.__getitem__, self.order))
        counts = np.bincount(of, minlength=len(identities))
        ends = counts.cumsum()
        entries = zip(identities, (ends - counts).tolist(), ends.tolist(), strict=True)
        self._entries = [(identity, start, end) for identity, start, end in entries if start < end]
        self._tags = tags
        self._usable = tag_filter.apply_to_all(tags)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return list(starmap(self._captioned, self._entries[place]))
        return self._captioned(*self._entries[place])

    def _captioned(self, identity: ImageId, start: int, end: int) -> Captioned:
        captions = self._texts[start:end]
        tags = self._tags.get(identity)
        return Captioned(captions, self._usable[identity], True) if tags else Captioned(captions, (), False)


def _places(known: list[ImageId], wanted: list[ImageId]) -> npt.NDArray[np.int64]:
    """The place of each of `wanted` in `known`, where all of them are."""
    import numpy as np

    try:
        if set(map(type, known)) == {int}:
            ids, asked = np.array(known, np.int64), np.array(wanted, np.int64)
            order = ids.argsort()
            return order[np.searchsorted(ids, asked, sorter=order)]
    except OverflowError:  # an id of more than 64 bits
        pass
    places = dict(zip(known, range(len(known)), strict=True))
    return np.array(list(map(places.__getitem__, wanted)), np.int64)


@dataclass(frozen=True)
class RewriterChoice:
    """What a worker needs to make its own rewriter.

    rules: what a rewriter with adjectives of its own must obey; None: no rules.
    made: the one that this process has already, if it has.
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    plugins_dir: Path | Sequence[Path] | None = None
    rules: TagFilter | None = field(default=None, repr=False, compare=False)
    made: Named[Rewriter] | None = field(default=None, repr=False, compare=False)

    def create(self) -> Named[Rewriter]:
        """Raises PluginError or UsageError as `Plugins.get` and `Component.create` do."""
        made = self.made
        if made is None:
            rewriter = load_plugins(self.plugins_dir).get(REWRITER, self.name).create(self.options)
            made = Named(f"The rewriter {self.name!r}", rewriter)
        return made if self.rules is None else under_rules(made, self.rules)


@dataclass
class ChunkResult:
    """The outcome of a chunk: the rewrites of its changed captions, by their place in it, and the counts."""

    rewrites: dict[int, Rewrite]
    captions: int
    without_adjective: int
    """Captions that hold no adjective after the update."""
    tagged: int
    """Captions whose image has tags, before the filter."""
    counts: Counter[str] = field(default_factory=Counter)
    """What the rewriter counted."""
    foreign: int = 0
    """Captions that would have been edited and are not in English."""


def rewrite_chunk(chunk: Sequence[Captioned], rewriter: Named[Rewriter], rules: EditRules) -> ChunkResult:
    """Rewrite the captions of each image and keep the edits that `rules` let each have.

    Raises PluginError if the rewriter fails or breaks its contract: a rewrite a caption, edits that can be undone.
    """
    texts = [text for captions, _, _ in chunk for text in captions]
    tags = [usable for captions, usable, _ in chunk for usable in repeat(usable, len(captions))]
    rewrites: dict[int, Rewrite] = {}
    unchanged: list[str] = []
    limit = edit_limit(rewriter.model, rules.max_edits)
    done = foreign = 0
    counted = counts_of([rewriter]).get(rewriter.label, Counter())
    try:
        made = iter(rewriter.model.rewrite(zip(map(Caption, texts), tags, strict=True)))
        for text, rewrite in zip(texts, made, strict=False):
            if not isinstance(rewrite, Rewrite) or rewrite.edits or rewrite.text != text:
                check_rewrite(rewriter.label, text, rewrite)
                rewrite = limit_edits(text, rewrite, tags[done], limit)
            if rewrite.edits and rules.language != "any" and is_foreign(text):
                foreign += 1
                unchanged.append(text)
            elif rewrite.edits:
                rewrites[done] = rewrite
            else:
                unchanged.append(text)
            done += 1
        if done < len(texts) or next(made, None) is not None:
            number = done if done < len(texts) else f"more than {done}"
            raise PluginError(f"{rewriter.label} gave {number} results for {len(texts)} captions.")
    except (SentikitError, MemoryError):
        raise
    except Exception as error:
        raise PluginError(f"{rewriter.label} failed at caption {done + 1:,}: {reason(error)}.") from error
    tagged = sum(len(captions) for captions, _, has_tags in chunk if has_tags)
    counts = counts_of([rewriter]).get(rewriter.label, Counter()) - counted
    return ChunkResult(rewrites, done, count_without_adjective(unchanged), tagged, counts, foreign)


def rewrite_dataset(
    images: Sequence[Captioned],
    choice: RewriterChoice,
    rules: EditRules = BY_DEFAULT,
    jobs: int = 1,
) -> Iterator[ChunkResult]:
    """Rewrite `images` chunk by chunk, in order; the same results whatever `jobs` is.

    images: may make an image's entry when it is asked for; several jobs each need a copy of it.
    """
    rewriter = choice.create()
    starts = range(0, len(images), CHUNK_IMAGES)
    if jobs <= 1:
        for start in starts:
            yield rewrite_chunk(images[start : start + CHUNK_IMAGES], rewriter, rules)
    else:
        shared = (images, replace(choice, made=None), rules)
        yield from map_in_processes(_work, starts, jobs, _start_worker, shared, fork_if_safe())


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
    foreign: int = 0
    """Of the unchanged captions, those that would have been edited and are not in English."""
    edits: int = 0
    without_adjective: int = 0
    anps: Counter[ANP] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    """What the rewriter counted."""

    def add(self, result: ChunkResult) -> None:
        """Count a chunk in."""
        self.captions += result.captions
        self.tagged += result.tagged
        self.updated += len(result.rewrites)
        self.unchanged += result.captions - len(result.rewrites)
        self.without_adjective += result.without_adjective
        self.foreign += result.foreign
        anps = [edit.tag.anp for rewrite in result.rewrites.values() for edit in rewrite.edits]
        self.edits += len(anps)
        self.anps.update(anps)
        self.counts.update(result.counts)

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
            "captions_not_english": self.foreign,
            "edits": self.edits,
            "edits_per_caption": self.edits / self.captions if self.captions else None,
            "captions_without_adjective": self.without_adjective,
            "distinct_anps": len(self.anps),
            "anps": [
                {"adjective": anp.adjective, "noun": anp.noun, "edits": count}
                for anp, count in sorted(self.anps.items(), key=lambda item: (-item[1], item[0]))
            ],
            **({"counts": dict(sorted(self.counts.items()))} if self.counts else {}),
        }


# A worker gets what all chunks share once; a process pool can hand it over only through a global.
_worker: tuple[Sequence[Captioned], Named[Rewriter], EditRules] | None = None


def _start_worker(images: Sequence[Captioned], choice: RewriterChoice, rules: EditRules) -> None:
    global _worker
    _worker = images, choice.create(), rules


def _work(start: int) -> ChunkResult:
    assert _worker is not None
    images, rewriter, rules = _worker
    return rewrite_chunk(images[start : start + CHUNK_IMAGES], rewriter, rules)
