"""The photographs of a run: files, folders and patterns, joined with the ids of a COCO file or a tag file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SentikitError
from ..formats.coco import read_json
from ..formats.tags import read_tags
from ..io.paths import shown
from .coco_photos import with_coco_ids
from .failures import Failure, Failures
from .find import ImageRef, search_images
from .inside import OUTSIDE, PhotoFolder, stays_inside
from .tagged_photos import find_tagged_images


class Photos(NamedTuple):
    """The photographs to go through.

    Those that the COCO file with the ids does not know have failed where the user named the very file (`unknown`), and
    are left out where they only stand in a folder (`left_out` says how many). So are pictures of other formats, which
    `note` tells in a sentence.
    """

    refs: list[ImageRef]
    unknown: list[Failure]
    left_out: int = 0
    note: str = ""

    @property
    def paths(self) -> list[Path]:
        """Their files."""
        return [ref.path for ref in self.refs]

    def first(self, limit: int | None) -> Photos:
        """At most so many of those that were found; None: all."""
        return self if limit is None else self._replace(refs=self.refs[:limit])

    def is_one(self, arguments: Sequence[str]) -> bool:
        """Whether the arguments they come from are the name of one file; a folder may hold one by chance."""
        return len(arguments) == len(self.refs) == 1 and self.refs[0].path == Path(arguments[0])

    def count_others(self, counts: Failures) -> None:
        """Count those that are not gone through."""
        counts.add(self.unknown)
        counts.left_out += self.left_out
        if self.note:
            counts.say(self.note)


def find_photos(arguments: Sequence[str], coco: Path | None, *, allow_outside: bool = False) -> Photos:
    """The photographs of files, folders and patterns; with a COCO file, under its ids.

    allow_outside: with a COCO file, take those that links lead to outside the folders that were named, too.
    Raises SentikitError where there is none, or the COCO file names none of them.
    """
    refs, others = search_images(arguments)
    if coco is None:
        return Photos(refs, [], len(others), others.sentence())
    known, unknown = with_coco_ids(refs, coco, _coco_images(coco))
    named = set(map(Path, arguments))
    reason = f"{shown(coco)} has no image of its name"
    failed = [Failure(ref.path, ref.image_id, reason) for ref in unknown if ref.path in named]
    left_out = len(unknown) - len(failed) + len(others)
    folders = [PhotoFolder(argument, allow_outside) for argument in arguments if os.path.isdir(argument)]
    photos = Photos([], failed, left_out, others.sentence())
    for ref in known:
        if ref.path in named or stays_inside(ref.path, folders):
            photos.refs.append(ref)
        else:
            photos.unknown.append(Failure(ref.path, ref.image_id, OUTSIDE))
    return photos


def find_named_photos(arguments: Sequence[str], tag_file: Path, *, allow_outside: bool = False) -> Photos:
    """The photographs of a tag file's images, under its ids; see `find_tagged_images`.

    Raises SentikitError where none is found, or where an image could be either of two files.
    """
    photos = Photos([], [])
    images = read_tags(tag_file).images
    found = find_tagged_images(tag_file, images, arguments, allow_outside=allow_outside)
    for image, photo in zip(images, found, strict=True):
        if isinstance(photo, Failure):
            photos.unknown.append(photo)
        else:
            by_path = image.image_id is not None and image.image_id == image.file_name
            photos.refs.append(ImageRef(photo, image.key, str(image.image_id) if by_path else photo.name))
    if not photos.refs:
        outside = next((f" {failure}" for failure in photos.unknown if failure.reason == OUTSIDE), "")
        raise SentikitError(f"No photograph of {shown(tag_file)} is among those that were named.{outside}")
    return photos


def _coco_images(path: Path) -> list[dict[str, Any]]:
    """The images of a COCO file of any sort that have an id and a name."""
    document = read_json(path)
    images = document.get("images") if isinstance(document, dict) else None
    if not isinstance(images, list):
        raise SentikitError(f"{shown(path)} is not a COCO file: it has no list 'images'.")
    return [
        image
        for image in images
        if isinstance(image, dict) and type(image.get("id")) in (int, str) and isinstance(image.get("file_name"), str)
    ]
