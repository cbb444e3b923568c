"""The tags of many images in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import repeat
from math import isnan

from ..anp import ANP, Tag
from ..coco.captions import ImageId


class TagTable:
    """The tags of many images, 12 bytes a tag: `Tag`s are made when an image's are asked for."""

    def __init__(self) -> None:
        self._anps: list[ANP] = []
        self._places: dict[ANP, int] = {}
        self._rows = array("q", [0])
        self._tags = array("i")
        self._probabilities = array("d")

    def __len__(self) -> int:
        return len(self._rows) - 1

    def __getitem__(self, row: int) -> list[Tag]:
        """The tags of a row, best first."""
        part = slice(self._rows[row], self._rows[row + 1])
        anps = map(self._anps.__getitem__, self._tags[part])
        probabilities = self._probabilities[part]
        # tuple.__new__ is what Tag() calls, at a fraction of the time: a dataset has millions of tags.
        if isnan(sum(probabilities)):
            known = [None if isnan(probability) else probability for probability in probabilities]
            return list(map(tuple.__new__, repeat(Tag), zip(anps, known, repeat(None))))
        return list(map(tuple.__new__, repeat(Tag), zip(anps, probabilities, repeat(None))))

    def place(self, anp: ANP) -> int:
        """The number that stands for `anp` here."""
        place = self._places.setdefault(anp, len(self._anps))
        if place == len(self._anps):
            self._anps.append(anp)
        return place

    def append(self, places: list[int], probabilities: list[float]) -> None:
        """Add a row, best first; NaN is an unknown probability."""
        self._tags += array("i", places)
        self._probabilities += array("d", probabilities)
        self._rows.append(len(self._tags))


class ImageTags(Mapping[ImageId, list[Tag]]):
    """The tags by image id, best first; an image's are made when they are asked for."""

    def __init__(self, table: TagTable, rows: Mapping[ImageId, int]) -> None:
        self._table = table
        self._rows = rows

    def __getitem__(self, identity: ImageId) -> list[Tag]:
        return self._table[self._rows[identity]]

    def __iter__(self) -> Iterator[ImageId]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
