"""The tags of many images in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from math import isnan
from typing import Any

from ...anp import ANP, Tag
from ..coco.captions import ImageId


class TagTable:
    """The tags of many images as columns, 12 bytes a tag: a `Tag` is made when it is asked for.

    anps: the distinct ANPs; what stands for one in a row is its place here.
    places: those of the tags of all rows, each row best first; `probabilities` likewise, where NaN is an unknown one.
    """

    def __init__(self) -> None:
        self.anps: list[ANP] = []
        self.places = array("i")
        self.probabilities = array("d")
        self._starts = array("q", [0])
        self._place_of: dict[ANP, int] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, row: int) -> TagColumns:
        """The tags of a row, best first."""
        return TagColumns(self, self._starts[row], self._starts[row + 1])

    def place(self, anp: ANP) -> int:
        """The number that stands for `anp` here."""
        place = self._place_of.setdefault(anp, len(self.anps))
        if place == len(self.anps):
            self.anps.append(anp)
        return place

    def append(self, places: list[int], probabilities: list[float]) -> None:
        """Add a row, best first; NaN is an unknown probability."""
        self.places.fromlist(places)
        self.probabilities.fromlist(probabilities)
        self._starts.append(len(self.places))

    @cached_property
    def nouns(self) -> list[str]:
        """The nouns of all tags, row by row. To be asked for when the table is complete."""
        nouns = [anp.noun for anp in self.anps]
        return list(map(nouns.__getitem__, self.places))

    def only(self, allowed: Sequence[bool], top_k: int, least: float | None = None) -> TagTable:
        """A table of the same rows with those of the `top_k` best tags of each that are allowed.

        allowed: for each of `anps`.
        least: leaves out what is less probable, and what has no probability.
        """
        import numpy as np

        places, probabilities, starts = map(np.asarray, (self.places, self.probabilities, self._starts))
        kept = np.array(allowed, bool)[places]
        kept &= np.arange(len(places)) < np.repeat(starts[:-1] + top_k, np.diff(starts))
        if least is not None:  # NaN is not above anything
            kept &= probabilities >= least
        table = TagTable()
        table.anps, table._place_of = self.anps, self._place_of
        table.places.frombytes(places[kept].tobytes())
        table.probabilities.frombytes(probabilities[kept].tobytes())
        table._starts = array("q", np.concatenate(([0], kept.cumsum()))[starts].tobytes())
        return table


class TagColumns(Sequence[Tag]):
    """Consecutive tags of a table, best first. Of a dataset's millions of tags hardly one is ever made."""

    __slots__ = ("_end", "_start", "_table")

    def __init__(self, table: TagTable, start: int, end: int) -> None:
        self._table = table
        self._start = start
        self._end = end

    def nouns(self) -> list[str]:
        """The noun of each tag."""
        return self._table.nouns[self._start : self._end]

    def __len__(self) -> int:
        return self._end - self._start

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return list(self)[index]
        place = range(self._start, self._end)[index]
        probability = self._table.probabilities[place]
        return Tag(self._table.anps[self._table.places[place]], None if isnan(probability) else probability)

    def __iter__(self) -> Iterator[Tag]:
        part = slice(self._start, self._end)
        anps = map(self._table.anps.__getitem__, self._table.places[part])
        known: Sequence[float | None] = self._table.probabilities[part]
        if isnan(sum(known)):  # type: ignore[arg-type]
            known = [None if isnan(probability) else probability for probability in self._table.probabilities[part]]
        # tuple.__new__ is what Tag() calls, at a fraction of the time.
        return map(tuple.__new__, repeat(Tag), zip(anps, known, repeat(None)))

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


class ImageTags(Mapping[ImageId, TagColumns]):
    """The tags by image id, best first."""

    def __init__(self, table: TagTable, rows: Mapping[ImageId, int]) -> None:
        self.table = table
        self._rows = rows

    def __getitem__(self, identity: ImageId) -> TagColumns:
        return self.table[self._rows[identity]]

    def __iter__(self) -> Iterator[ImageId]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def of_table(self, table: TagTable) -> ImageTags:
        """The same images with the rows of another table."""
        return ImageTags(table, self._rows)
