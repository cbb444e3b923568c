"""Finds the photographs that a command line names: files, folders and patterns."""

from __future__ import annotations

import glob
import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..errors import SentikitError, UsageError
from ..io.paths import as_text, id_of_stem, natural_key, shown
from .left_out import HEIF, LeftOut, can_read_heif

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from ..formats.coco.captions import ImageId

    ImageSource: TypeAlias = Image | np.ndarray | bytes

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".gif"),
    *(".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".pnm", ".avif", ".avifs"),
    *(".mpo", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
    *(HEIF if can_read_heif() else ()),
)
"""What image files are called, in lower case. Files that are named one by one may be called anything."""

log = logging.getLogger("sentikit.images")


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
        return cls(path, id_of_stem(stem), as_text(path.name))


class FoundImages(NamedTuple):
    """The images that a search found, and the pictures of other formats that it passed over in folders."""

    refs: list[ImageRef]
    left_out: LeftOut


def find_images(arguments: Sequence[str | os.PathLike[str]]) -> list[ImageRef]:
    """The images that files, folders and patterns name, in the order named, each once.

    Folders are searched with all they hold, in natural order (2.jpg before 10.jpg), without hidden files and folders.
    Patterns are those of the shell with ``**``, for where the shell leaves them as they are. A file that does not
    exist stays in the list, so that it fails when it is read and the others are done. Images whose ids would be the
    same get their path for id and name, from the folder that holds all that was named.
    Pictures of other formats in the folders are logged. Raises SentikitError where a folder has no images, or where
    nothing that was named exists.
    """
    found = search_images(arguments)
    if found.left_out:
        log.warning(found.left_out.sentence())
    return found.refs


def search_images(arguments: Sequence[str | os.PathLike[str]]) -> FoundImages:
    """What `find_images` finds, with the pictures that it would log."""
    check_named(arguments)
    found: dict[str, ImageRef] = {}
    left_out = LeftOut()
    places = [place for argument in arguments for place in _places(Path(argument), left_out)]
    for place in places:
        for path in place.images:
            found.setdefault(os.path.abspath(path), ImageRef.from_path(path))
    if not any(map(os.path.lexists, found)):
        names = ", ".join(shown(argument) for argument in arguments[:3]) + (", ..." if len(arguments) > 3 else "")
        raise SentikitError(f"There is no such file or folder: {names}." if names else "No images were named.")
    return FoundImages(_with_distinct_ids(list(found.values()), [place.folder for place in places]), left_out)


def check_named(arguments: Iterable[str | os.PathLike[str]]) -> None:
    """Raises UsageError for an empty argument, which would otherwise be the current folder."""
    for number, argument in enumerate(arguments, 1):
        if not os.fspath(argument):
            raise UsageError(f"IMAGES: argument {number} is empty; name a file, a folder or a pattern.")


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


def _with_distinct_ids(refs: list[ImageRef], folders: Sequence[Path]) -> list[ImageRef]:
    """The images, of which those with the same id get their path from the folder that holds all `folders`."""
    alike = _alike(refs)
    if not alike:
        return refs
    try:
        base = os.path.commonpath(list(map(os.path.abspath, folders)))
    except ValueError:  # on two disks of Windows
        return refs
    while alike:
        before = refs
        refs = [_with_path(ref, base) if ref.image_id in alike else ref for ref in refs]
        alike = _alike(refs) if refs != before else set()  # a path can be what another image is called
    return refs


def _alike(refs: Iterable[ImageRef]) -> set[ImageId]:
    """The ids that several images have."""
    return {identity for identity, number in Counter(ref.image_id for ref in refs).items() if number > 1}


def _with_path(ref: ImageRef, base: str) -> ImageRef:
    path = as_text(Path(os.path.relpath(ref.path, base)).as_posix())
    return ref._replace(image_id=path, file_name=path)


class _Place(NamedTuple):
    """The images of a folder, or one that was named, with its folder."""

    folder: Path
    images: list[Path]


def _places(argument: Path, left_out: LeftOut) -> list[_Place]:
    """What an argument names. Pictures of other formats are added to `left_out`."""
    if os.path.isdir(argument):
        place = _Place(argument, list(_walk(argument, left_out)))
        if not place.images:
            also = f" {left_out.sentence()}" if left_out else ""
            raise SentikitError(
                f"The folder {shown(argument)} has no images (.jpg, .png, .webp, .gif, .bmp, .tif, ...).{also}"
            )
        return [place]
    if not os.path.lexists(argument) and glob.has_magic(str(argument)):
        matches = sorted(map(Path, glob.iglob(str(argument), recursive=True)), key=_by_parts)
        places = [place for match in matches if (place := _place_of_match(match, left_out)).images]
        if places:
            return places
    return [_Place(argument.parent, [argument])]


def _place_of_match(match: Path, left_out: LeftOut) -> _Place:
    if os.path.isdir(match):
        return _Place(match, list(_walk(match, left_out)))
    if _is_image_name(match.name):
        return _Place(match.parent, [match])
    left_out.add(match)
    return _Place(match.parent, [])


def _walk(folder: Path, left_out: LeftOut) -> Iterator[Path]:
    """The images in a folder and its folders, in natural order."""
    seen: set[tuple[int, int]] = set()
    waiting = [(folder, True)]
    while waiting:
        path, is_folder = waiting.pop()
        if is_folder:
            waiting += reversed(_entries(path, seen))
        elif _is_image_name(path.name):
            yield path
        else:
            left_out.add(path)


def _entries(folder: Path, seen: set[tuple[int, int]]) -> list[tuple[Path, bool]]:
    """What a folder holds, in natural order, and whether it is a folder; nothing if it was `seen`, by another link."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return []
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise SentikitError(f"The folder {shown(folder)} cannot be read: {error.strerror or error}.") from error
    visible.sort(key=lambda entry: natural_key(entry.name))
    return [(Path(entry.path), os.path.isdir(entry) if entry.is_symlink() else entry.is_dir()) for entry in visible]


def _by_parts(path: Path) -> list[tuple[list[str | int], str]]:
    return [natural_key(part) for part in path.parts]


def _is_image_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)
