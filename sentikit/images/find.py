"""Finds the photographs that a command line names: files, folders and patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..errors import SentikitError
from ..io.paths import as_text, natural_key, shown

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from ..formats.coco.captions import ImageId

    ImageSource: TypeAlias = Image | np.ndarray | bytes

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif"),
    *(".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".avif", ".avifs"),
)
"""What image files are called, in lower case. Files that are named one by one may be called anything."""


class NoPhotograph(str):
    """Stands where a photograph was expected, and says what is there."""


class ImageRef(NamedTuple):
    """An image to be read: where it is, and its names in the output.

    source: the image itself, if it is not a file: a Pillow image, an array or a file's bytes; `path` is then a name.
    """

    path: Path
    image_id: ImageId
    file_name: str
    source: ImageSource | NoPhotograph | None = None

    @classmethod
    def from_path(cls, path: Path) -> ImageRef:
        """The id is the base name without suffix, as a number where it is one: ``000000000139.jpg`` -> 139."""
        stem = as_text(path.stem)
        return cls(path, int(stem) if stem.isascii() and stem.isdigit() else stem, as_text(path.name))


def find_images(arguments: Sequence[str | os.PathLike[str]]) -> list[ImageRef]:
    """The images that files, folders and patterns name, in the order named, each once.

    Folders are searched with all they hold, in natural order (2.jpg before 10.jpg), without hidden files and folders.
    Patterns are those of the shell with ``**``, for where the shell leaves them as they are. A file that does not
    exist stays in the list, so that it fails when it is read and the others are done.
    Raises SentikitError where a folder has no images, or where nothing that was named exists.
    """
    found: dict[str, ImageRef] = {}
    anything = False
    for argument in arguments:
        for path in _paths(Path(argument)):
            found.setdefault(os.path.abspath(path), ImageRef.from_path(path))
            anything = anything or os.path.lexists(path)
    if not anything:
        names = ", ".join(shown(argument) for argument in arguments[:3]) + (", ..." if len(arguments) > 3 else "")
        raise SentikitError(f"There is no such file or folder: {names}." if names else "No images were named.")
    return list(found.values())


def check_distinct_ids(refs: Iterable[ImageRef]) -> None:
    """Raise SentikitError where two files have the same image id, so that a file of tags could not tell them apart."""
    seen: dict[ImageId, ImageRef] = {}
    for ref in refs:
        other = seen.setdefault(ref.image_id, ref)
        if other is not ref:
            raise SentikitError(
                f"{shown(other.path)} and {shown(ref.path)} would both have the image id {ref.image_id!r}: "
                "rename one, or process their folders one at a time."
            )


def _paths(argument: Path) -> list[Path]:
    if os.path.isdir(argument):
        paths = _inside(argument)
        if not paths:
            raise SentikitError(
                f"The folder {shown(argument)} has no images (.jpg, .png, .webp, .gif, .bmp, .tif, ...)."
            )
        return paths
    if not os.path.lexists(argument) and glob.has_magic(str(argument)):
        matches = sorted(map(Path, glob.iglob(str(argument), recursive=True)), key=_by_parts)
        paths = [path for match in matches for path in (_inside(match) if os.path.isdir(match) else [match])]
        return [path for path in paths if _is_image_name(path.name)] or [argument]
    return [argument]


def _inside(folder: Path) -> list[Path]:
    """The images in a folder and its folders, in natural order."""
    return list(_walk(folder, set()))


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:  # links may lead in a circle
            return
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise SentikitError(f"The folder {shown(folder)} cannot be read: {error.strerror or error}.") from error
    for entry in sorted(visible, key=lambda entry: natural_key(entry.name)):
        if os.path.isdir(entry) if entry.is_symlink() else entry.is_dir():
            yield from _walk(Path(entry.path), seen)
        elif _is_image_name(entry.name):
            yield Path(entry.path)


def _by_parts(path: Path) -> list[tuple[list[str | int], str]]:
    return [natural_key(part) for part in path.parts]


def _is_image_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)
