"""The small pictures of a report, made by threads and bad photographs told apart."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SentikitError
from ..images import ImageRef, find_coco_images, find_images, stream_batches
from ..images.failures import Failure

if TYPE_CHECKING:
    from PIL.Image import Image

    from .captioned import ReportPhoto

LONGER_SIDE = 480
_QUALITY = 78
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


def find_photographs(results: Path, photos: Sequence[ReportPhoto], images_dir: Path | None) -> dict[int, Path]:
    """The files of the photographs, by their places in `photos`; those that are not found are not in it.

    They are looked for in `images_dir`, with its folders, or without it in the usual places around the results.
    Raises SentikitError where `images_dir` is no folder or has none of them.
    """
    names = {number: photo.file_name for number, photo in enumerate(photos) if photo.file_name}
    try:
        wanted = [{"id": number, "file_name": name} for number, name in names.items()]
        paths = {int(ref.image_id): ref.path for ref in find_coco_images(results, wanted, images_dir).refs}
    except SentikitError:
        if images_dir is None:
            return {}
        paths = _found_deeper(names, images_dir)
        if not paths:
            raise
    if images_dir is not None and len(paths) < len(names):
        paths = _found_deeper(names, images_dir) | paths
    return paths


def _found_deeper(names: Mapping[int, str], folder: Path) -> dict[int, Path]:
    """The photographs in a folder and its folders, by their base names; names of two photographs are left out."""
    paths: dict[str, list[Path]] = {}
    with suppress(SentikitError):
        for ref in find_images([folder]):
            paths.setdefault(ref.file_name, []).append(ref.path)
    found = ((number, paths.get(os.path.basename(name), ())) for number, name in names.items())
    return {number: same[0] for number, same in found if len(same) == 1}


def stream_thumbnails(paths: dict[int, Path]) -> Iterator[tuple[int, Thumbnail | Failure]]:
    """The thumbnail of each file, or why there is none, in the order of the numbers."""
    refs = [ImageRef(path, number, path.name) for number, path in sorted(paths.items())]
    for batch in stream_batches(refs, _BATCH, lambda photo, _: make_thumbnail(photo.image), at_least=LONGER_SIDE):
        outcomes: list[tuple[ImageRef, Thumbnail | Failure]] = list(zip(batch.refs, batch.prepared, strict=True))
        numbered = [(int(ref.image_id), outcome) for ref, outcome in outcomes]
        numbered += [(int(failure.image_id), failure) for failure in batch.failures]
        yield from sorted(numbered, key=itemgetter(0))
