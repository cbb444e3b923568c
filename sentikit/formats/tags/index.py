"""Finds the tags of captions that come one after another, whose images are not all known beforehand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import SentikitError
from ...io.messages import count, first, show, verb_for
from ...io.paths import base_name, ends_with, id_of_stem
from ..coco.captions import ImageId
from .reader import TagFile

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,40}")
_KEPT = 5


class TagIndex:
    """The rows of a tag file by image: by id, else by file name.

    A file name is compared whole, then by its last part and, if that stands for several images, by the folders before
    it, and then by the id that a photograph of that name has.
    """

    def __init__(self, tag_file: TagFile) -> None:
        self._file = tag_file
        self._by_id = {image.image_id: row for row, image in enumerate(tag_file.images) if image.image_id is not None}
        self._by_name: dict[str, int] = {}
        self._by_base: dict[str, list[int]] = {}
        for row, image in enumerate(tag_file.images):
            if image.file_name is not None:
                self._by_name[image.file_name] = row
                self._by_base.setdefault(base_name(image.file_name), []).append(row)
        self._used = bytearray(len(tag_file.images))
        self.untagged_captions = 0
        self._untagged: list[ImageId] = []

    def rows(self, ids: Sequence[ImageId | None], names: Sequence[str | None]) -> list[int]:
        """The row of each caption's image, or -1. Raises SentikitError for a name that is several images of the tags,
        and for an id that is a number in one file and text in the other."""
        get = self._by_id.get
        rows = [get(identity, -1) for identity in ids]  # type: ignore[arg-type]
        last: tuple[ImageId | None, str | None] | None = None
        found = -1
        for index, row in enumerate(rows):
            if row < 0:
                key = ids[index], names[index]
                if key != last:
                    last, found = key, self._look(*key)
                    if found < 0 and len(self._untagged) < _KEPT:
                        self._untagged.append(key[1] or "" if key[0] is None else key[0])
                rows[index] = found
                self.untagged_captions += found < 0
        for row in set(rows):
            if row >= 0:
                self._used[row] = 1
        return rows

    def _look(self, identity: ImageId | None, name: str | None) -> int:
        if identity is not None:
            self._refuse_other_type(identity)
        if name is None:
            return -1
        row = self._by_name.get(name, -1)
        if row >= 0:
            return row
        found = self._by_base.get(base_name(name), [])
        if len(found) > 1:
            found = [row for row in found if self._same_folders(row, name)] or found
        if len(found) > 1:
            one, other = (self._file.images[row] for row in found[:2])
            raise SentikitError(
                f"{self._file.path}, lines {one.line:,} and {other.line:,}: {show(name)} of the captions is ambiguous "
                f"because both {one} and {other} have this file name; give the captions an image id."
            )
        if found:
            return found[0]
        if identity is not None:
            return -1
        stem = base_name(name).rpartition(".")[0] or base_name(name)
        own: ImageId = id_of_stem(stem)
        row = self._by_id.get(own, -1)
        return row if row >= 0 and self._file.images[row].file_name is None else -1

    def _same_folders(self, row: int, name: str) -> bool:
        other = self._file.images[row].file_name or ""
        return ends_with(name, other) or ends_with(other, name)

    def _refuse_other_type(self, identity: ImageId) -> None:
        other: ImageId | None = str(identity)
        if isinstance(identity, str):
            other = int(identity) if _WHOLE.fullmatch(identity) else None
        if other is not None and other in self._by_id:
            line = self._file.images[self._by_id[other]].line
            kinds = ("text", "a number") if isinstance(identity, int) else ("a number", "text")
            raise SentikitError(
                f"{self._file.path}, line {line:,}: image_id {show(other)} is {kinds[0]} here and {kinds[1]} in the "
                "captions; make it the same in both files."
            )

    def check(self) -> None:
        """Raises SentikitError if no caption's image had tags."""
        if not any(self._used):
            raise SentikitError(
                f"No image of the captions has tags in {self._file.path}: its first image is {self._file.images[0]}, "
                f"and the captions' first is {show(next(iter(self._untagged), None))}."
            )

    def warnings(self) -> list[str]:
        """What the user should know after all captions were looked up: sentences."""
        sentences = []
        if self.untagged_captions:
            ids = first([show(identity) for identity in self._untagged], 3, ", ")
            were = verb_for(self.untagged_captions, "is of an image", "are of images")
            sentences.append(
                f"{count(self.untagged_captions, 'caption')} {were} without tags in {self._file.path}: {ids}."
            )
        unused = [image for image, used in zip(self._file.images, self._used, strict=True) if not used]
        if unused:
            sentences.append(
                f"{len(unused):,} of {count(len(self._used), 'image')} of {self._file.path} "
                f"{verb_for(len(unused), 'is', 'are')} not among the images of the captions: "
                f"{first(unused, joint=', ')}."
            )
        return sentences
