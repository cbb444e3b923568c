"""Joins the tags of a file to the images of captions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import SentikitError
from ...io.messages import count, first, show, verb_for
from ...io.paths import ends_with
from ..coco.captions import ImageId
from .reader import TagFile, TaggedImage
from .table import ImageTags


@dataclass(frozen=True)
class MatchedTags:
    """The tags of the images of a caption file.

    untagged: the ids of the images that have no line in the tag file.
    unused: the tagged images that are none of the caption file's.
    renamed: the images whose tags, of the same id, are of a file with another name.
    """

    path: Path
    tags: ImageTags
    untagged: list[ImageId]
    unused: list[TaggedImage]
    renamed: list[ImageId]

    def warnings(self) -> list[str]:
        """What the user should know before these tags are used: sentences, for stderr."""
        images = len(self.tags) + len(self.untagged)
        tagged = len(self.tags) + len(self.unused)
        sentences = []
        if self.untagged:
            ids = _first(self.untagged)
            sentences.append(
                f"{len(self.untagged):,} of {count(images, 'image')} {verb_for(len(self.untagged), 'has', 'have')} no "
                f"tags in {self.path}: ids {ids}."
            )
        if self.unused:
            sentences.append(
                f"{len(self.unused):,} of {count(tagged, 'image')} of {self.path} "
                f"{verb_for(len(self.unused), 'is', 'are')} none of the captions': "
                f"{first(self.unused, joint=', ')}."
            )
        if self.renamed:
            sentences.append(
                f"{count(len(self.renamed), 'image')} of {self.path} {verb_for(len(self.renamed), 'has', 'have')} "
                "another file name in the captions; "
                f"make sure that both number the same images: ids {_first(self.renamed)}."
            )
        return sentences


def match_tags(images: Mapping[ImageId, Mapping[str, Any]], tag_file: TagFile) -> MatchedTags:
    """The tags of `images`, which are COCO's images by id: by image_id, or by file name where a line has no image_id.

    A line whose image_id is its file name is joined by name as well. The last part of a file name is compared and, if
    that stands for several images, the folders before it. Raises SentikitError where a name could be two images, where
    an id is a number in one file and text in the other, and where no image has tags.
    """
    rows: dict[ImageId, int] = {}
    by_name: list[tuple[int, TaggedImage]] = []
    unused: list[TaggedImage] = []
    for row, image in enumerate(tag_file.images):
        if image.image_id is not None and image.image_id in images:
            rows[image.image_id] = row
        elif image.image_id is None or image.image_id == image.file_name:
            by_name.append((row, image))
        else:
            _refuse_other_type(image.image_id, images, image, tag_file.path)
            unused.append(image)
    names = _images_by_name(images) if by_name else {}
    claims: dict[ImageId, list[tuple[int, TaggedImage]]] = {}
    for row, image in by_name:
        identity = _image_of_name(image, names, tag_file.path)
        if identity is None or identity in rows:
            unused.append(image)
        else:
            claims.setdefault(identity, []).append((row, image))
    for identity, claimants in claims.items():
        row = _best_claim(str(images[identity].get("file_name")), claimants, tag_file.path)
        rows[identity] = row
        unused += [image for other, image in claimants if other != row]
    if not rows:
        raise SentikitError(
            f"No image of the captions has tags in {tag_file.path}: its first image is {tag_file.images[0]}, "
            f"and the captions' first is {show(next(iter(images), None))}."
        )
    return MatchedTags(
        path=tag_file.path,
        tags=ImageTags(tag_file.tags, rows),
        untagged=[identity for identity in images if identity not in rows],
        unused=unused,
        renamed=[identity for identity, row in rows.items() if _is_renamed(images[identity], tag_file.images[row])],
    )


def _images_by_name(images: Mapping[ImageId, Mapping[str, Any]]) -> dict[str, list[tuple[ImageId, str]]]:
    """The images by the last part of their name, with the whole of it."""
    names: dict[str, list[tuple[ImageId, str]]] = {}
    for identity, image in images.items():
        if isinstance(name := image.get("file_name"), str):
            names.setdefault(_base_name(name), []).append((identity, name))
    return names


def _image_of_name(image: TaggedImage, names: Mapping[str, list[tuple[ImageId, str]]], path: Path) -> ImageId | None:
    """The image of the captions that a line is of by its file name."""
    own = image.file_name or ""
    base = _base_name(own)
    found = names.get(base, [])
    if len(found) > 1:
        found = [(identity, name) for identity, name in found if _same_folders(name, own)] or found
    if len(found) > 1:
        raise SentikitError(
            f"{path}, line {image.line:,}: {show(base)} is ambiguous because images {show(found[0][0])} and "
            f"{show(found[1][0])} of the captions both have this file name; give the tags an image_id."
        )
    return found[0][0] if found else None


def _best_claim(name: str, claimants: list[tuple[int, TaggedImage]], path: Path) -> int:
    """The row of the line whose folders are those of the image `name`, of the lines with its base name."""
    if len(claimants) > 1:
        claimants = [claim for claim in claimants if _same_folders(name, claim[1].file_name or "")] or claimants
    if len(claimants) > 1:
        one, other = claimants[0][1], claimants[1][1]
        raise SentikitError(
            f"{path}, lines {one.line:,} and {other.line:,}: {show(_base_name(name))} is ambiguous because both "
            f"{one} and {other} have this file name; give the tags an image_id."
        )
    return claimants[0][0]


def _same_folders(one: str, other: str) -> bool:
    """Whether one of two paths is the end of the other."""
    return ends_with(one, other) or ends_with(other, one)


def _refuse_other_type(identity: ImageId, images: Mapping[ImageId, Any], image: TaggedImage, path: Path) -> None:
    """A number that the captions have as text, or the other way round, is a fault of one of the files."""
    if isinstance(identity, int):
        other: ImageId | None = str(identity)
    else:
        other = int(identity) if re.fullmatch(r"0|-?[1-9][0-9]{0,40}", identity) else None
    if other is not None and other in images:
        kinds = ("a number", "text") if isinstance(identity, int) else ("text", "a number")
        raise SentikitError(
            f"{path}, line {image.line:,}: image_id {show(identity)} is {kinds[0]} here and {kinds[1]} in the "
            "captions; make it the same in both files."
        )


def _is_renamed(image: Mapping[str, Any], tagged: TaggedImage) -> bool:
    """Whether both have a file name, and these differ in more than folder, suffix and case."""
    name = image.get("file_name")
    if name == tagged.file_name or not isinstance(name, str) or tagged.file_name is None:
        return False
    return _stem(name) != _stem(tagged.file_name)


def _stem(name: str) -> str:
    return _base_name(name).rpartition(".")[0].lower() or _base_name(name).lower()


def _base_name(name: str) -> str:
    """The last part of a path, whichever system wrote it."""
    return name[max(name.rfind("/"), name.rfind("\\")) + 1 :]


def _first(ids: list[ImageId]) -> str:
    return first([show(identity) for identity in ids], 5, ", ")
