"""Joins photographs with a COCO file: its images' files, and its ids for files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SentikitError
from ..io.messages import first, verb_for
from ..io.paths import base_name, ends_with, shown
from .failures import Failure
from .find import ImageRef
from .inside import NO_SUCH_FILE, OUTSIDE, PhotoFolder, name_problem

if TYPE_CHECKING:
    from ..formats.coco.captions import ImageId

_SPLIT = re.compile(r"(?<![a-z])(train|val|test)(20\d\d)?(?![a-z0-9])")
_PREFIX = re.compile(r"COCO_(train|val|test)20\d\d_")


class CocoPhotos(NamedTuple):
    """The images of a COCO file: those whose file was found, and the others, with the path where they should be."""

    refs: list[ImageRef]
    missing: list[Failure]

    @property
    def outside(self) -> list[Failure]:
        """Those of `missing` that lie outside the folder of the photographs."""
        return [failure for failure in self.missing if failure.reason == OUTSIDE]


def find_coco_images(
    coco_path: Path,
    images: Sequence[Mapping[str, Any]],
    images_dir: Path | None = None,
    *,
    allow_outside: bool = False,
) -> CocoPhotos:
    """The photographs of a COCO file's `images`, in their order.

    They are looked for in `images_dir` or, without it, in the usual places around the file: beside it, in ``images/``
    and in the folder of the split (``annotations/captions_val2017.json`` -> ``val2017/``, ``images/val2017/``). The
    folder where most are found is the one taken. An image is found by its `file_name`, as a path in the folder or by
    its base name, with the prefix of COCO 2014 (``COCO_val2014_``) or without.
    allow_outside: take a file outside the folder, too, where a `file_name` or a link leads there.
    Raises SentikitError, with the folders that were tried, where none is found.
    """
    photos = search_coco_images(coco_path, images, images_dir, allow_outside=allow_outside)
    if images and not photos.refs:
        what = "the image" if len(images) == 1 else f"any of the {len(images):,} images"
        tried = ", ".join(shown(os.path.abspath(folder)) for folder in _folders(coco_path, images_dir))
        outside = photos.outside
        hint = f", or read what is outside ({_some(outside)}) with --allow-outside" if outside else ""
        raise SentikitError(
            f"Cannot find {what} of {shown(coco_path)} (looked in {tried}): give --images FOLDER{hint}."
        )
    return photos


def search_coco_images(
    coco_path: Path,
    images: Sequence[Mapping[str, Any]],
    images_dir: Path | None = None,
    *,
    allow_outside: bool = False,
) -> CocoPhotos:
    """What `find_coco_images` finds, which may be nothing. Raises SentikitError where `images_dir` is no folder."""
    if images_dir is not None and not os.path.isdir(images_dir):
        raise SentikitError(
            f"There is no folder {shown(images_dir)}: give the folder of the photographs with --images."
        )
    around = [coco_path.parent, Path(os.path.normpath(coco_path.parent / ".."))] if images_dir is None else [images_dir]
    best: CocoPhotos | None = None
    outside: dict[ImageId, Failure] = {}
    for folder in _folders(coco_path, images_dir):
        photos = _look_in(PhotoFolder(folder, allow_outside, around), images)
        outside |= {failure.image_id: failure for failure in photos.outside}
        if best is None or len(photos.refs) > len(best.refs):
            best = photos
        if not best.missing:
            break
    best = best or CocoPhotos([], [])
    return CocoPhotos(best.refs, [outside.get(failure.image_id, failure) for failure in best.missing])


def missing_warning(coco_path: Path, photos: CocoPhotos) -> str | None:
    """A sentence on the images without a file, and one on those outside the folder, where there are any."""
    total = len(photos.missing) + len(photos.refs)
    outside = photos.outside
    missing = [failure for failure in photos.missing if failure.reason != OUTSIDE]
    sentences = []
    if missing:
        were = verb_for(len(missing), "was", "were")
        sentences.append(
            f"{len(missing):,} of the {total:,} images of {shown(coco_path)} {were} not found where the others are "
            f"(ids {_ids(missing)})."
        )
    if outside:
        were = verb_for(len(outside), "is", "are")
        sentences.append(
            f"{len(outside):,} of the {total:,} images of {shown(coco_path)} {were} outside the folder of the "
            f"photographs and not read (ids {_ids(outside)}: {_some(outside)}); --allow-outside, in Python "
            "allow_outside=True, reads them."
        )
    return " ".join(sentences) or None


def _ids(failures: Sequence[Failure]) -> str:
    return ", ".join(shown(str(failure.image_id)) for failure in failures[:5]) + (", ..." if len(failures) > 5 else "")


def _some(failures: Iterable[Failure]) -> str:
    """The files of the first of them."""
    return first([shown(failure.file) for failure in failures], 3, ", ")


def with_coco_ids(
    refs: Iterable[ImageRef], coco_path: Path, images: Iterable[Mapping[str, Any]]
) -> tuple[list[ImageRef], list[ImageRef]]:
    """Give files the ids and names that the COCO file's `images` have for their base names.

    Images or files that share a base name are told apart by their folders.
    Returns those that the COCO file names, and the others. Raises SentikitError where a file could be two of its
    images, or where it names none of the files.
    """
    named: dict[str, list[Mapping[str, Any]]] = {}
    for image in images:
        named.setdefault(base_name(_file_name(image)), []).append(image)
    found: list[tuple[ImageRef, Mapping[str, Any]]] = []
    unknown: list[ImageRef] = []
    for ref in refs:
        same = named.get(base_name(ref.file_name), [])
        if len(same) > 1:
            same = [image for image in same if _is_in_its_folders(ref, image)] or same
        if len(same) > 1:
            raise SentikitError(
                f"{shown(ref.path)} could be image {same[0]['id']!r} or {same[1]['id']!r} of {shown(coco_path)}, "
                "which both have that file name."
            )
        if same:
            found.append((ref, same[0]))
        else:
            unknown.append(ref)
    known, others = _with_ids(found)
    unknown += others
    if unknown and not known:
        raise SentikitError(f"{shown(coco_path)} names none of the images (the first is {shown(unknown[0].path)}).")
    return known, unknown


def _with_ids(found: Sequence[tuple[ImageRef, Mapping[str, Any]]]) -> tuple[list[ImageRef], list[ImageRef]]:
    """The files under the ids of their images, and those of images that have another file in their folders."""
    placed = {image["id"] for ref, image in found if _is_in_its_folders(ref, image)}
    known: list[ImageRef] = []
    others: list[ImageRef] = []
    for ref, image in found:
        if image["id"] in placed and not _is_in_its_folders(ref, image):
            others.append(ref)
        else:
            known.append(ImageRef(ref.path, image["id"], image["file_name"]))
    return known, others


def _is_in_its_folders(ref: ImageRef, image: Mapping[str, Any]) -> bool:
    return ends_with(os.path.abspath(ref.path), _file_name(image))


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


def _look_in(folder: PhotoFolder, images: Sequence[Mapping[str, Any]]) -> CocoPhotos:
    """One listing of the folder answers for most images, rather than a question to the disk for each."""
    try:
        with os.scandir(folder.path) as entries:
            is_link = {entry.name: entry.is_symlink() for entry in entries}
    except OSError:
        is_link = {}
    photos = CocoPhotos([], [])
    for image in images:
        file_name = _file_name(image)
        name, problem = _find(folder, file_name, is_link)
        path = folder.path / name
        if problem is None:
            photos.refs.append(ImageRef(path, image["id"], file_name))
        else:
            photos.missing.append(Failure(path, image["id"], problem))
    return photos


def _find(folder: PhotoFolder, file_name: str, is_link: Mapping[str, bool]) -> tuple[str, str | None]:
    """The name in the folder that an image is found by, or its own and why it cannot be used."""
    if problem := name_problem(file_name):
        return file_name, problem
    problem = NO_SUCH_FILE
    for name in _candidates(folder.path, file_name):
        if name in is_link or (("/" in name or "\\" in name) and os.path.isfile(folder.path / name)):
            if folder.holds(folder.path / name, is_link.get(name)):
                return name, None
            problem = OUTSIDE
    return file_name, problem


def _candidates(folder: Path, file_name: str) -> Iterator[str]:
    base = base_name(file_name)
    yield file_name
    if base:
        yield base
        yield _PREFIX.sub("", base)
    if _PREFIX.match(f"COCO_{folder.name}_"):
        yield f"COCO_{folder.name}_{base}"


def _file_name(image: Mapping[str, Any]) -> str:
    name = image.get("file_name")
    return name if isinstance(name, str) else ""
