"""COCO caption files, read and checked."""

from __future__ import annotations

import os
import shlex
from collections.abc import Container, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import repeat
from operator import contains, itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from ...errors import SentikitError, UsageError
from ...io.messages import MISSING, Problem, count, first, show, verb_for
from .jsonfile import read_json, read_json_and_repeats
from .mark import KEY, read_mark

if TYPE_CHECKING:
    from pycocotools.coco import COCO

_CHUNK = 1000
"""So many annotations at once stay in the processor's cache while they are checked."""
_ID_TYPES = frozenset((int, str))
_NAMED_ONLY = frozenset(("id", "image_id"))
"""Keys of an annotation that may have a problem without making its caption unusable."""

ImageId: TypeAlias = int | str
"""Whole numbers, 0 among them, and text."""


@dataclass(frozen=True)
class CocoCaptions:
    """A COCO caption file, as parsed, and what is wrong with it.

    document: all that the file holds, keys in its order.
    images: the usable images by id. The id is an int or a str; `file_name` is a str, None or not there.
    problems: everything wrong, images first, in the order of the file.
    bad: the indexes of the annotations that are not usable; the others have a sound image_id and caption.
    uncaptioned: the ids of the images without a usable caption.
    updated: how many captions have the mark of an update.
    """

    path: Path
    document: dict[str, Any]
    images: dict[ImageId, dict[str, Any]]
    problems: list[Problem]
    bad: frozenset[int]
    uncaptioned: list[ImageId]
    updated: int

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """All annotations, the bad ones too."""
        annotations: list[dict[str, Any]] = self.document["annotations"]
        return annotations

    def usable(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The index and the annotation of every usable caption, in the order of the file."""
        for index, annotation in enumerate(self.annotations):
            if index not in self.bad:
                yield index, annotation

    def usable_annotations(self) -> list[dict[str, Any]]:
        """The annotation of every usable caption, in the order of the file."""
        return [annotation for _, annotation in self.usable()] if self.bad else self.annotations

    def warnings(self) -> list[str]:
        """What the user should know before these captions are used: sentences, for stderr."""
        sentences = []
        if self.problems:
            sentences.append(
                f"{self.path} has {count(len(self.problems), 'problem')}, and {len(self.bad):,} of its "
                f"{count(len(self.annotations), 'caption')} {verb_for(len(self.bad), 'is', 'are')} left out: "
                f"{first(self.problems)}."
            )
        if self.uncaptioned:
            ids = first(self.uncaptioned, 5, ", ", show)
            sentences.append(
                f"{len(self.uncaptioned):,} of the {count(len(self.images), 'image')} of {self.path} "
                f"{verb_for(len(self.uncaptioned), 'has', 'have')} no usable caption: ids {ids}."
            )
        return sentences


def read_captions(
    path: Path, *, strict: bool = False, allow_updated: bool = False, document: Any = None
) -> CocoCaptions:
    """Read a COCO caption file.

    strict: raise at the first problem. Otherwise bad annotations are listed and left out (`CocoCaptions.warnings`).
    allow_updated: take a file that sentikit has updated, too.
    document: what the file holds, if it has been parsed already; `path` then only names it.
    Raises SentikitError, with the place and the value, for a file that is something else, has no usable caption, or
    was updated already.
    """
    captions = inspect_captions(path, document)
    if not allow_updated and (captions.updated or isinstance(captions.document.get(KEY), dict)):
        command = f"sentikit restore-captions {shlex.quote(str(path))}"
        raise SentikitError(f"{path} was updated by sentikit already: restore it first ({command}).")
    if not allow_updated and KEY in captions.document:
        raise SentikitError(f"{path}: the top-level key '{KEY}' was not written by sentikit; rename or remove it.")
    if strict and captions.problems:
        raise SentikitError(f"{path}: {captions.problems[0]}.")
    if len(captions.bad) == len(captions.annotations):
        raise SentikitError(f"{path} has no usable caption; the first problem is {captions.problems[0]}.")
    return captions


def captions_of(captions: str | os.PathLike[str] | Mapping[str, Any] | COCO, strict: bool = False) -> CocoCaptions:
    """The captions of a file, a parsed document or a pycocotools object, checked, in a document of their own.

    Raises SentikitError as `read_captions` does, and UsageError for something else.
    """
    if isinstance(captions, str | os.PathLike):
        return read_captions(Path(captions), strict=strict)
    document = captions if isinstance(captions, Mapping) else getattr(captions, "dataset", None)
    if not isinstance(document, Mapping):
        raise UsageError(f"Captions are a file, a document or a COCO object, not {type(captions).__name__}.")
    own = dict(document)
    if isinstance(own.get("annotations"), list):
        own["annotations"] = [copy(annotation) for annotation in own["annotations"]]
    return read_captions(Path("captions"), strict=strict, document=own)


def inspect_captions(path: Path, document: Any = None) -> CocoCaptions:
    """Read and check a COCO caption file; its problems are in the result.

    document: as for `read_captions`.

    Raises SentikitError only where the file cannot be read, is something else, or has no annotations at all.
    """
    repeats: list[Problem] = []
    if document is None:
        document, repeats = read_json_and_repeats(path, look_for_repeats=True)
    document = check_document(path, document)
    images, problems = _check_images(document["images"])
    problems = repeats + problems
    bad: list[int] = []
    seen: set[ImageId] = set()
    updated = 0
    captioned = _all_sound(document["annotations"], images)
    if captioned is None:
        captioned = set()
        for index, annotation in enumerate(document["annotations"]):
            wrong = list(_annotation_problems(f"annotations[{index}]", annotation, images, seen))
            problems += wrong
            if any(problem.key not in _NAMED_ONLY for problem in wrong) or not _has_image(annotation, images):
                bad.append(index)
            else:
                captioned.add(annotation["image_id"])
                updated += KEY in annotation
            if isinstance(annotation, dict) and _is_id(identity := annotation.get("id")):
                seen.add(identity)  # a bad entry has its id too, and no other may have it
    uncaptioned = [identity for identity in images if identity not in captioned]
    return CocoCaptions(path, document, images, problems, frozenset(bad), uncaptioned, updated)


def read_document(path: Path) -> dict[str, Any]:
    """The JSON object of a COCO caption file. Its `images` and `annotations` are lists; their entries are unchecked.

    Raises SentikitError for a file that cannot be read, is something else, or has no annotations at all.
    """
    return check_document(path, read_json(path))


def check_document(path: Path, document: Any) -> dict[str, Any]:
    """`document`, what the file `path` holds, as `read_document` gives it; raises SentikitError where that does."""
    kind = _other_kind(document)
    if kind:
        raise SentikitError(f"{path} is not a COCO caption file: it looks like {kind}.")
    if not isinstance(document, dict):
        raise SentikitError(f"{path} is not a COCO caption file: it holds {show(document)}, not an object.")
    for key in ("images", "annotations"):
        value = document.get(key, MISSING)
        if not isinstance(value, list):
            what = "is missing" if value is MISSING else f"holds {show(value)}, not a list"
            raise SentikitError(f"{path} is not a COCO caption file: its key '{key}' {what}.")
    if not document["annotations"]:
        raise SentikitError(f"{path} has no captions: its list 'annotations' is empty.")
    return document


def _other_kind(document: Any) -> str | None:
    """What the file is, where it is one of those that lie about beside COCO caption files."""
    if isinstance(document, list) and document and isinstance(document[0], dict) and "image_id" in document[0]:
        return "a COCO results file (a list of captions without the images)"
    if not isinstance(document, dict):
        return None
    annotations, images = document.get("annotations"), document.get("images")
    if isinstance(annotations, list) and not any(
        isinstance(entry, dict) and "caption" in entry for entry in annotations
    ):
        for key, kind in (
            ("keypoints", "keypoints"),
            ("segments_info", "panoptic"),
            ("segmentation", "instances"),
            ("bbox", "instances"),
        ):
            if annotations and isinstance(annotations[0], dict) and key in annotations[0]:
                return f"a COCO {kind} file (its annotations have '{key}' and no 'caption')"
    if annotations is None and isinstance(images, list) and images and isinstance(images[0], dict):
        if "sentences" in images[0]:
            return "a file in Karpathy's format (its captions are the 'sentences' of its images)"
        return "a COCO file with images only (it has no 'annotations')"
    return None


def _check_images(entries: list[Any]) -> tuple[dict[ImageId, dict[str, Any]], list[Problem]]:
    """The usable images by id, and what is wrong with the others."""
    images: dict[ImageId, dict[str, Any]] = {}
    problems: list[Problem] = []
    for index, image in enumerate(entries):
        if (
            isinstance(image, dict)
            and _is_id(identity := image.get("id"))
            and identity not in images
            and isinstance(image.get("file_name"), str | None)
        ):
            images[identity] = image
        elif isinstance(image, dict) and _is_whole(number := image.get("id")) and number not in images:
            problems += _image_problems(f"images[{index}]", image, images)
            if isinstance(image.get("file_name"), str | None):
                images[int(number)] = {**image, "id": int(number)}
        else:
            problems += _image_problems(f"images[{index}]", image, images)
    return images, problems


def _all_sound(annotations: list[Any], images: Mapping[ImageId, Any]) -> set[ImageId] | None:
    """The images of the annotations, where all of these are usable and none has a mark; else None.

    It asks what `_annotation_problems` asks, of all at once in a few calls into C: there may be a million.
    """
    ids: set[ImageId] = set()
    captioned: set[ImageId] = set()
    for start in range(0, len(annotations), _CHUNK):
        chunk = annotations[start : start + _CHUNK]
        try:
            own, of, captions = (list(map(itemgetter(key), chunk)) for key in ("id", "image_id", "caption"))
        except (KeyError, TypeError, IndexError):
            return None
        if not (_ID_TYPES.issuperset(map(type, own)) and _ID_TYPES.issuperset(map(type, of))):
            return None
        if not (set(map(type, captions)) == {str} and all(map(str.strip, captions))):
            return None
        if any(map(contains, chunk, repeat(KEY))):
            return None
        ids.update(own)
        captioned.update(of)
    return captioned if len(ids) == len(annotations) and captioned <= images.keys() else None


def _image_problems(place: str, image: Any, seen: dict[ImageId, dict[str, Any]]) -> Iterator[Problem]:
    if not isinstance(image, dict):
        yield Problem(place, "", image, "it is not an object")
        return
    yield from _id_problems(place, image, seen)
    name = image.get("file_name")
    if not (name is None or isinstance(name, str)):
        yield Problem(place, "file_name", name, "it is not text")


def _annotation_problems(
    place: str, annotation: Any, images: dict[ImageId, dict[str, Any]], seen: set[ImageId]
) -> Iterator[Problem]:
    if not isinstance(annotation, dict):
        yield Problem(place, "", annotation, "it is not an object")
        return
    yield from _id_problems(place, annotation, seen)
    image = annotation.get("image_id", MISSING)
    if not _is_id(image):
        yield Problem(place, "image_id", image, _no_id(image))
    elif image not in images:
        yield Problem(place, "image_id", image, _unknown_image(image, images))
    caption = annotation.get("caption", MISSING)
    if not isinstance(caption, str):
        yield Problem(place, "caption", caption, "it is missing" if caption is MISSING else "it is not text")
    elif not caption.strip():
        yield Problem(place, "caption", caption, "it is blank")
    if KEY in annotation:
        try:
            read_mark(annotation[KEY])
        except ValueError as error:
            yield Problem(place, KEY, annotation[KEY], str(error))


def _id_problems(place: str, entry: dict[str, Any], seen: Container[ImageId]) -> Iterator[Problem]:
    identity = entry.get("id", MISSING)
    if not _is_id(identity):
        yield Problem(place, "id", identity, _no_id(identity))
    elif identity in seen:
        yield Problem(place, "id", identity, "an earlier entry has the same id")


def _has_image(annotation: Any, images: Mapping[ImageId, Any]) -> bool:
    """Whether the caption's image is known, by an id or by the same number with a point."""
    if not isinstance(annotation, dict):
        return False
    image = annotation.get("image_id")
    return (_is_id(image) or _is_whole(image)) and image in images


def _is_whole(value: Any) -> TypeGuard[float]:
    """Whether it is a whole number that was written as 1.0."""
    return type(value) is float and value.is_integer()


def _is_id(value: Any) -> TypeGuard[ImageId]:
    return type(value) is int or type(value) is str  # isinstance would take True for an int


def _no_id(value: Any) -> str:
    if _is_whole(value):
        return f"it is used as {int(value)}; write it as a whole number"
    return "it is missing" if value is MISSING else "it is neither a whole number nor text"


def _unknown_image(image: ImageId, images: dict[ImageId, dict[str, Any]]) -> str:
    try:
        other: ImageId = int(image) if isinstance(image, str) else str(image)
    except ValueError:
        other = image
    if other in images:
        return f"the list 'images' has it as {show(other)}; write both as numbers or both as text"
    return "the list 'images' has no usable image with this id"
