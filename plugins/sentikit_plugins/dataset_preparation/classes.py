"""Finds the classes of a folder of `adjective_noun/` folders, and what is beside them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sentikit import ANP, SentikitError
from sentikit.formats.tags import parse_anp
from sentikit.images import SUFFIXES, LeftOut
from sentikit.io.files import readable_os_errors
from sentikit.io.paths import shown


class ImageClass(NamedTuple):
    """An ANP and its image files, as paths in the source with forward slashes, in order."""

    anp: ANP
    images: list[str]


@dataclass(frozen=True)
class Source:
    """A folder of classes.

    classes: in alphabetical order; those without an image, too.
    outside: how many images the folders hold that are no class, by their names; ``.`` for the source itself.
    left_out: pictures of formats that are not read.
    """

    path: Path
    classes: list[ImageClass]
    outside: dict[str, int]
    left_out: LeftOut = field(default_factory=LeftOut)

    @property
    def images(self) -> int:
        """How many images the classes have."""
        return sum(len(cls.images) for cls in self.classes)

    def files(self) -> Iterator[tuple[ANP, str]]:
        """Every image with its ANP, class by class."""
        for cls in self.classes:
            for name in cls.images:
                yield cls.anp, name


def find_classes(path: Path) -> Source:
    """List a folder of classes; no image is opened.

    A folder is a class where its name is two words, ``misty_morning`` or ``misty morning``; nothing else is read from
    a name. Folders that differ in upper and lower case alone are one class. Hidden files and folders are passed over.
    Raises SentikitError where there is no such folder, or it has no class with an image.
    """
    if not path.is_dir():
        raise SentikitError(f"There is no folder {shown(path)}: name the folder that holds the adjective_noun folders.")
    left_out = LeftOut()
    listing = _list(path, left_out)
    outside: Counter[str] = Counter({".": len(listing.images)} if listing.images else {})
    folders: dict[ANP, list[str]] = {}
    for name in listing.folders:
        anp = _anp(name)
        if anp is None:
            outside[name] = _count_images(path / name)
        else:
            folders.setdefault(anp, []).append(name)
    classes = [ImageClass(anp, _class_images(path, names, outside, left_out)) for anp, names in sorted(folders.items())]
    if not any(cls.images for cls in classes):
        raise SentikitError(
            f"{shown(path)} has no image in a folder named adjective_noun, such as misty_morning/1.jpg: name the "
            "folder that holds those folders."
        )
    return Source(path, classes, dict(outside), left_out)


class _Listing(NamedTuple):
    folders: list[str]
    images: list[str]


def _list(folder: Path, left_out: LeftOut) -> _Listing:
    with readable_os_errors("read", folder), os.scandir(folder) as entries:
        visible = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
        listing = _Listing([], [])
        for entry in visible:
            if entry.is_dir():
                listing.folders.append(entry.name)
            elif _is_image_name(entry.name):
                listing.images.append(entry.name)
            else:
                left_out.add(folder / entry.name)
    return listing


def _class_images(path: Path, folders: list[str], outside: Counter[str], left_out: LeftOut) -> list[str]:
    """The images of a class; those of folders in it are counted as outside."""
    images = []
    for folder in folders:
        listing = _list(path / folder, left_out)
        images += [f"{folder}/{name}" for name in listing.images]
        for name in listing.folders:
            if number := _count_images(path / folder / name):
                outside[f"{folder}/{name}"] = number
    return images


def _anp(name: str) -> ANP | None:
    try:
        return parse_anp(name.replace("_", " "))
    except ValueError:
        return None


def _count_images(folder: Path) -> int:
    return sum(sum(map(_is_image_name, files)) for _, _, files in os.walk(folder))


def _is_image_name(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(SUFFIXES)
