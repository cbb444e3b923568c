"""The small pictures of a report, made by threads and bad photographs told apart."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SentikitError
from ..images import (
    OUTSIDE,
    ImageRef,
    PhotoFolder,
    find_coco_images,
    search_coco_images,
    search_images,
    stream_batches,
)
from ..images.failures import Failure
from ..io.paths import base_name, ends_with

if TYPE_CHECKING:
    from PIL.Image import Image

    from .captioned import ReportPhoto

LONGER_SIDE = 480
_QUALITY = 78
_NOT_FOUND = "its file was not found"
_BATCH = 50


class Thumbnail(NamedTuple):
    """A JPEG and its size in pixels."""

    data: bytes
    width: int
    height: int


def make_thumbnail(image: Image) -> Thumbnail:
    """`image` with a longer side of at most LONGER_SIDE pixels."""
    from PIL import Image as pillow

    small = image.copy()
    small.thumbnail((LONGER_SIDE, LONGER_SIDE), pillow.Resampling.LANCZOS, reducing_gap=2)
    data = io.BytesIO()
    small.save(data, "JPEG", quality=_QUALITY)
    return Thumbnail(data.getvalue(), *small.size)


class Photographs(NamedTuple):
    """The files of a report's photographs, and why others have none, by their places in the results."""

    paths: dict[int, Path]
    problems: dict[int, str]


def find_photographs(
    results: Path, photos: Sequence[ReportPhoto], images_dir: Path | None, *, allow_outside: bool = False
) -> Photographs:
    """The files of the photographs of `results`, by their names.

    They are looked for in `images_dir`, with its folders, or without it in the usual places around the results, where
    there need not be any.
    allow_outside: take a file outside the folder, too, where a name or a link leads there.
    Raises SentikitError where `images_dir` is no folder or has none of them.
    """
    wanted = [{"id": number, "file_name": photo.file_name} for number, photo in enumerate(photos) if photo.file_name]
    found = search_coco_images(results, wanted, images_dir, allow_outside=allow_outside)
    paths = {int(ref.image_id): ref.path for ref in found.refs}
    outside = {int(failure.image_id) for failure in found.outside}
    if images_dir is not None and len(paths) < len(wanted):
        folder = PhotoFolder(images_dir, allow_outside)
        for number, path in _found_deeper(photos, images_dir).items():
            if folder.holds(path):
                paths.setdefault(number, path)
            else:
                outside.add(number)
        if not paths:  # as it is told elsewhere
            find_coco_images(results, wanted, images_dir, allow_outside=allow_outside)
    problems = dict.fromkeys(range(len(photos)) if paths else (), _NOT_FOUND) | dict.fromkeys(outside, OUTSIDE)
    return Photographs(paths, {number: why for number, why in problems.items() if number not in paths})


def _found_deeper(photos: Sequence[ReportPhoto], folder: Path) -> dict[int, Path]:
    """The photographs in a folder and its folders, by their names; names of two photographs are left out."""
    named: dict[str, list[Path]] = {}
    with suppress(SentikitError):
        for ref in search_images([folder]).refs:
            named.setdefault(base_name(ref.file_name), []).append(ref.path)
    found: dict[int, Path] = {}
    for number, photo in enumerate(photos):
        same = named.get(base_name(photo.file_name), [])
        if len(same) > 1:
            same = [path for path in same if ends_with(os.path.abspath(path), photo.file_name)]
        if len(same) == 1:
            found[number] = same[0]
    return found


def stream_thumbnails(paths: dict[int, Path]) -> Iterator[tuple[int, Thumbnail | Failure]]:
    """The thumbnail of each file, or why there is none, in the order of the numbers."""
    refs = [ImageRef(path, number, path.name) for number, path in sorted(paths.items())]
    for batch in stream_batches(refs, _BATCH, lambda photo, _: make_thumbnail(photo.image), at_least=LONGER_SIDE):
        outcomes: list[tuple[ImageRef, Thumbnail | Failure]] = list(zip(batch.refs, batch.prepared, strict=True))
        numbered = [(int(ref.image_id), outcome) for ref, outcome in outcomes]
        numbered += [(int(failure.image_id), failure) for failure in batch.failures]
        yield from sorted(numbered, key=itemgetter(0))
