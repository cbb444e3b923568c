"""Joins photographs with a tag file: the files of its images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SentikitError
from ..io.paths import base_name, shown
from .find import find_images

if TYPE_CHECKING:
    from ..formats.tags import TaggedImage


def find_tagged_images(
    tag_path: Path, images: Sequence[TaggedImage], arguments: Sequence[str | os.PathLike[str]]
) -> list[Path | None]:
    """The photograph of each of a tag file's `images`, None where there is none.

    They are looked for among the files, folders and patterns of `arguments`: by `file_name`, as a path in one of the
    folders or by its base name, and then by id. Raises SentikitError where an image could be either of two files, or
    where the folders have to be searched and `arguments` name nothing.
    """

    @cache  # a folder is searched where a path does not lead to the file
    def named() -> dict[object, list[Path]]:
        found: dict[object, list[Path]] = {}
        for ref in find_images(arguments):
            found.setdefault(ref.file_name, []).append(ref.path)
            found.setdefault(("id", ref.image_id), []).append(ref.path)
        return found

    def find(image: TaggedImage) -> Path | None:
        found: list[Path] = []
        if image.file_name:
            for folder in arguments:
                if (path := Path(folder, image.file_name)).is_file():
                    return path
            found = named().get(base_name(image.file_name), [])
        found = found or named().get(("id", image.image_id), [])
        if len(found) > 1:
            raise SentikitError(
                f"{shown(tag_path)}, line {image.line:,}: {image} could be {shown(found[0])} or {shown(found[1])}: "
                "name the folder of one of them."
            )
        return found[0] if found else None

    return [find(image) for image in images]
