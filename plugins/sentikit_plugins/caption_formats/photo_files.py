"""The photographs of a folder, and where the files beside them are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sentikit import SentikitError
from sentikit.images import SUFFIXES
from sentikit.io.messages import show
from sentikit.io.paths import natural_key


def photos_by_stem(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Each folder under `folder`, in natural order, with its photographs by their names without suffix."""
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=natural_key)
        photos: dict[str, str] = {}
        for name in sorted(names, key=natural_key):
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in SUFFIXES and not name.startswith("."):
                photos.setdefault(stem, name)
        if photos:
            yield Path(directory), photos


def sidecar_path(folder: Path, file_name: str, suffix: str) -> Path:
    """The file beside a photograph. Raises SentikitError for a name that leads out of the folder."""
    name = PurePosixPath(file_name.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or not name.name or "\0" in file_name:
        raise SentikitError(f"No file beside the photograph {show(file_name)}: its name leads out of the folder.")
    stem = name.stem if name.suffix.lower() in SUFFIXES else name.name
    return folder.joinpath(*name.parts[:-1], stem + suffix)
