"""Joins photographs with a COCO file: its images' files, and its ids for files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SentikitError
from ..io.paths import base_name, shown
from .find import ImageRef

_SPLIT = re.compile(r"(?<![a-z])(train|val|test)(20\d\d)?(?![a-z0-9])")
_PREFIX = re.compile(r"COCO_(train|val|test)20\d\d_")


class CocoPhotos(NamedTuple):
    """The images of a COCO file: those whose file was found, and the others, with the path where they should be."""

    refs: list[ImageRef]
    missing: list[ImageRef]


def find_coco_images(
    coco_path: Path, images: Sequence[Mapping[str, Any]], images_dir: Path | None = None
) -> CocoPhotos:
    """The photographs of a COCO file's `images`, in their order.

    They are looked for in `images_dir` or, without it, in the usual places around the file: beside it, in ``images/``
    and in the folder of the split (``annotations/captions_val2017.json`` -> ``val2017/``, ``images/val2017/``). The
    folder where most are found is the one taken. An image is found by its `file_name`, as a path in the folder or by
    its base name, with the prefix of COCO 2014 (``COCO_val2014_``) or without.
    Raises SentikitError, with the folders that were tried, where none is found.
    """
    if images_dir is not None and not os.path.isdir(images_dir):
        raise SentikitError(
            f"There is no folder {shown(images_dir)}: give the folder of the photographs with --images."
        )
    folders = list(_folders(coco_path, images_dir))
    best = CocoPhotos([], [])
    for folder in folders:
        photos = _look_in(folder, images)
        if len(photos.refs) > len(best.refs):
            best = photos
        if not best.missing and best.refs:
            break
    if images and not best.refs:
        what = "the image" if len(images) == 1 else f"any of the {len(images):,} images"
        tried = ", ".join(shown(os.path.abspath(folder)) for folder in folders)
        raise SentikitError(f"Cannot find {what} of {shown(coco_path)} (looked in {tried}): give --images FOLDER.")
    return best


def missing_warning(coco_path: Path, photos: CocoPhotos) -> str | None:
    """A sentence on the images without a file, where there are any."""
    missing = photos.missing
    if not missing:
        return None
    total = len(missing) + len(photos.refs)
    ids = ", ".join(str(ref.image_id) for ref in missing[:5]) + (", ..." if len(missing) > 5 else "")
    were = "was" if len(missing) == 1 else "were"
    return (
        f"{len(missing):,} of the {total:,} images of {shown(coco_path)} {were} not found where the others are "
        f"(ids {ids})."
    )


def with_coco_ids(
    refs: Iterable[ImageRef], coco_path: Path, images: Iterable[Mapping[str, Any]]
) -> tuple[list[ImageRef], list[ImageRef]]:
    """Give files the ids and names that the COCO file's `images` have for their base names.

    Returns those that the COCO file names, and the others. Raises SentikitError where a base name could mean two of
    its images, or where it names none of the files.
    """
    named: dict[str, list[Mapping[str, Any]]] = {}
    for image in images:
        named.setdefault(base_name(_file_name(image)), []).append(image)
    known: list[ImageRef] = []
    unknown: list[ImageRef] = []
    for ref in refs:
        same = named.get(base_name(ref.file_name), [])
        if len(same) > 1:
            raise SentikitError(
                f"{shown(ref.path)} could be image {same[0]['id']!r} or {same[1]['id']!r} of {shown(coco_path)}, "
                "which both have that file name."
            )
        if same:
            known.append(ImageRef(ref.path, same[0]["id"], same[0]["file_name"]))
        else:
            unknown.append(ref)
    if unknown and not known:
        raise SentikitError(f"{shown(coco_path)} names none of the images (the first is {shown(unknown[0].path)}).")
    return known, unknown


def _folders(coco_path: Path, images_dir: Path | None) -> Iterator[Path]:
    """Where the photographs may be: the folders that there are, likely ones first, each once."""
    split = _SPLIT.search(coco_path.stem.lower())
    names = [split.group()] if split else []
    if images_dir is not None:
        places = [images_dir, *(images_dir / name for name in names)]
    else:
        here = coco_path.parent
        places = []
        for root in (here, here / ".."):
            places += [root, root / "images", *(root / name for name in names)]
            places += [root / "images" / name for name in names]
    seen: set[str] = set()
    for place in map(Path, map(os.path.normpath, places)):
        real = os.path.realpath(place)
        if real not in seen and os.path.isdir(real):
            seen.add(real)
            yield place


def _look_in(folder: Path, images: Sequence[Mapping[str, Any]]) -> CocoPhotos:
    """One listing of the folder answers for most images, rather than a question to the disk for each."""
    try:
        present = set(os.listdir(folder))
    except OSError:
        return CocoPhotos([], [])
    photos = CocoPhotos([], [])
    for image in images:
        file_name = _file_name(image)
        found = next((name for name in _candidates(folder, file_name) if _is_there(folder, name, present)), None)
        ref = ImageRef(folder / (found or file_name), image["id"], file_name)
        (photos.missing if found is None else photos.refs).append(ref)
    return photos


def _candidates(folder: Path, file_name: str) -> Iterator[str]:
    if not file_name:
        return
    base = base_name(file_name)
    yield file_name
    yield base
    yield _PREFIX.sub("", base)
    if _PREFIX.match(f"COCO_{folder.name}_"):
        yield f"COCO_{folder.name}_{base}"


def _is_there(folder: Path, name: str, present: set[str]) -> bool:
    if "/" in name or "\\" in name:
        return (folder / name).is_file()
    return name in present


def _file_name(image: Mapping[str, Any]) -> str:
    name = image.get("file_name")
    return name if isinstance(name, str) else ""
