"""Joins photographs with a tag file: the files of its images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SentikitError
from ..io.paths import base_name, ends_with, shown
from .failures import Failure
from .find import ImageRef, check_named, search_images
from .inside import OUTSIDE, PhotoFolder, name_problem, stays_inside

if TYPE_CHECKING:
    from ..formats.tags import TaggedImage

NOT_FOUND = "there is no photograph of its name or id"
"""Why a tag file's image has no photograph, where it has none."""


def find_tagged_images(
    tag_path: Path,
    images: Sequence[TaggedImage],
    arguments: Sequence[str | os.PathLike[str]],
    *,
    allow_outside: bool = False,
) -> list[Path | Failure]:
    """The photograph of each of a tag file's `images`, or why there is none.

    They are looked for among the files, folders and patterns of `arguments`: by `file_name`, as a path in one of the
    folders or by its base name, and then by id.
    allow_outside: take a file outside the folders, too, where a `file_name` or a link leads there.
    Raises SentikitError where an image could be either of two files, or where the folders have to be searched and
    `arguments` name nothing.
    """
    check_named(arguments)
    folders = [PhotoFolder(argument, allow_outside) for argument in arguments if os.path.isdir(argument)]

    @cache  # a folder is searched where a path does not lead to the file
    def named() -> dict[object, list[Path]]:
        found: dict[object, list[Path]] = {}
        for ref in search_images(arguments).refs:
            found.setdefault(base_name(ref.file_name), []).append(ref.path)
            for identity in {ref.image_id, ImageRef.from_path(ref.path).image_id}:
                found.setdefault(("id", identity), []).append(ref.path)
        return found

    def find(image: TaggedImage) -> Path | Failure:
        name = image.file_name or ""
        failure = Failure(Path(name or str(image.image_id)), image.key, NOT_FOUND)
        if name and (problem := name_problem(name)):
            return failure._replace(reason=problem)
        for folder in folders if name else ():
            if os.path.isfile(path := folder.path / name):
                if folder.holds(path):
                    return path
                failure = Failure(path, image.key, OUTSIDE)
        found = named().get(base_name(name), []) if name else []
        if len(found) > 1:
            found = [path for path in found if ends_with(os.path.abspath(path), name)] or found
        found = found or named().get(("id", image.image_id), [])
        if len(found) > 1:
            raise SentikitError(
                f"{shown(tag_path)}, line {image.line:,}: {image} could be {shown(found[0])} or {shown(found[1])}: "
                "name the folder of one of them."
            )
        if found and not stays_inside(found[0], folders):
            failure, found = Failure(found[0], image.key, OUTSIDE), []
        return found[0] if found else failure

    return [find(image) for image in images]
