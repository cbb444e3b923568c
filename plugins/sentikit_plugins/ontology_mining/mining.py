"""Ontologies and labels from captions that people wrote: the ANPs that they state of their photographs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sentikit import ANP, Denylist, Ontology, OntologyEntry, Tag, adjective_valence, polarity
from sentikit.affect.emotional import is_emotional, is_emotional_word
from sentikit.english import american
from sentikit.english.adjectives import has_adjective
from sentikit.english.stated import StatedANPs
from sentikit.formats.coco import ImageId
from sentikit.io.processes import map_in_processes

_SHARD = 2000

Progress = Callable[[int], None]
"""Is told of so many captions that are done."""

# Beside what the denylist knows: "good time", "fresh air".
_UNSEEN = frozenset({"air", "idea", "job", "moment", "point", "song", "time", "trick"})


class CaptionOf(NamedTuple):
    """A caption, and what tells its photograph from others."""

    photo: Hashable
    text: str


@dataclass
class Mined:
    """What captions state: how often, of which photographs, and in what words."""

    captions: int = 0
    photos: set[Hashable] = field(default_factory=set)
    stated: Counter[ANP] = field(default_factory=Counter)
    photos_of: defaultdict[ANP, set[Hashable]] = field(default_factory=lambda: defaultdict(set))
    examples: defaultdict[ANP, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, caption: CaptionOf, anps: Sequence[ANP], examples: int) -> None:
        """Count a caption in, which is an example of its ANPs if they have less than `examples`, of other photos."""
        self.captions += 1
        self.photos.add(caption.photo)
        self.stated.update(anps)
        for anp in anps:
            if caption.photo not in self.photos_of[anp] and len(self.examples[anp]) < examples:
                self.examples[anp].append(caption.text.strip())
            self.photos_of[anp].add(caption.photo)

    def stated_photos(self) -> int:
        """How many photographs have a caption that states an ANP."""
        return len(set().union(*self.photos_of.values()))

    def at_least(self, photos: int) -> int:
        """How many ANPs are stated of so many photographs or more."""
        return sum(len(found) >= photos for found in self.photos_of.values())


def mine(
    captions: Sequence[CaptionOf],
    *,
    emotional: bool = False,
    examples: int = 3,
    jobs: int = 1,
    progress: Progress = lambda captions: None,
) -> Mined:
    """Count the ANPs that `captions` state.

    emotional: only those whose adjective tells a feeling (`is_emotional`).
    examples: keep so many captions of each ANP. jobs: processes; the result is the same whatever it is.
    Raises MissingPipeline where spaCy's English pipeline is not installed.
    """
    mined = Mined()
    finder = StatedANPs(is_emotional_word if emotional else _is_adjective)
    found = _stated([caption.text for caption in captions], finder, jobs, progress)
    for caption, anps in zip(captions, found, strict=True):
        mined.add(caption, [anp for anp in anps if not emotional or is_emotional(anp)], examples)
    return mined


def make_ontology(
    mined: Mined, name: str, source: str, *, min_count: int = 1, largest: int | None = None, denylist: Denylist
) -> Ontology:
    """The ANPs of at least `min_count` photographs, the commonest first and no more than `largest`.

    Each has its adjective's valence. It is insertable where it is emotional and `denylist` has nothing against it, when
    captions of its own polarity are asked for.
    """
    ranked = sorted(mined.photos_of.items(), key=lambda item: (-len(item[1]), item[0]))
    kept = [(anp, len(photos)) for anp, photos in ranked if len(photos) >= min_count][:largest]
    entries = {
        anp: OntologyEntry(
            valence=_rounded(adjective_valence(anp.adjective)),
            count=count,
            insertable=_insertable(anp, denylist),
            examples=tuple(mined.examples[anp]),
        )
        for anp, count in kept
    }
    return Ontology(name, entries, source)


def label(
    captions: Mapping[ImageId, Sequence[str]],
    ontology: Ontology,
    *,
    jobs: int = 1,
    progress: Progress = lambda captions: None,
) -> Iterator[tuple[ImageId, list[Tag]]]:
    """The ANPs of `ontology` that the captions of each image state, best first; every image has its turn, in order.

    A tag's probability is the share of the image's captions that state it. Nouns agree in the singular.
    Raises MissingPipeline where spaCy's English pipeline is not installed.
    """
    finder = StatedANPs(frozenset(american(anp.adjective) for anp in ontology).__contains__)
    known: defaultdict[ANP, list[ANP]] = defaultdict(list)
    for anp in ontology:
        known[ANP(american(anp.adjective), finder.lemma(anp.noun))].append(anp)
    texts = [text for of_image in captions.values() for text in of_image]
    found = _stated(texts, finder, jobs, progress)
    for identity, of_image in captions.items():
        counts = Counter(anp for _ in of_image for stated in next(found) for anp in known.get(stated, ()))
        tags = [Tag(anp, count / len(of_image)) for anp, count in counts.items()]
        yield identity, sorted(tags, key=lambda tag: (-(tag.probability or 0), tag.anp))


def _is_adjective(word: str) -> bool:
    return has_adjective(word) or adjective_valence(word) is not None


def _insertable(anp: ANP, denylist: Denylist) -> bool:
    asked = polarity(adjective_valence(anp.adjective)) or "any"
    return is_emotional(anp) and anp.noun not in _UNSEEN and denylist.denies(anp, asked) is None


def _rounded(valence: float | None) -> float | None:
    return None if valence is None else round(valence, 4)


def _stated(texts: Sequence[str], finder: StatedANPs, jobs: int, progress: Progress) -> Iterator[frozenset[ANP]]:
    """The ANPs of each text, in order."""
    shards = [texts[start : start + _SHARD] for start in range(0, len(texts), _SHARD)]
    for shard, found in zip(shards, _in_shards(shards, finder, jobs), strict=True):
        progress(len(shard))
        yield from found


def _in_shards(shards: Sequence[Sequence[str]], finder: StatedANPs, jobs: int) -> Iterator[list[frozenset[ANP]]]:
    if jobs <= 1:
        yield from (list(finder.find(shard)) for shard in shards)
        return
    yield from map_in_processes(_work, shards, jobs, _start_worker, (finder,))


# A worker loads its pipeline once; a process pool can hand the finder over only through a global.
_worker: StatedANPs | None = None


def _start_worker(finder: StatedANPs) -> None:
    global _worker
    _worker = finder


def _work(texts: Sequence[str]) -> list[frozenset[ANP]]:
    assert _worker is not None
    return list(_worker.find(texts))
