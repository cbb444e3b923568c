"""The photographs of a folder, and where the files beside them are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from sentikit import SentikitError
from sentikit.formats.interface import Target
from sentikit.images import SUFFIXES
from sentikit.io.messages import show
from sentikit.io.paths import natural_key, shown


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


def sidecar_paths(folder: Path, file_names: Iterable[str], suffix: str) -> dict[Path, str]:
    """The files beside photographs, with the photographs' names.

    Raises SentikitError where a name leads out of the folder or two photographs would have one file.
    """
    paths: dict[Path, str] = {}
    for name in file_names:
        path = sidecar_path(folder, name, suffix)
        if (other := paths.setdefault(path, name)) != name:
            raise SentikitError(
                f"{show(other)} and {show(name)} would have the same file beside them, {shown(path)}: rename one."
            )
        refuse_outside(folder, path)
    return paths


def refuse_outside(folder: Path, path: Path) -> None:
    """Raise SentikitError if a file that is to be written in a folder is a link to a file outside of it."""
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise SentikitError(
            f"Cannot write {shown(path)}: a link leads out of the folder {shown(folder)}; replace it by a file."
        )


def refuse_existing(path: Path, ways: str = "--overwrite, --append or --skip-existing") -> None:
    """Raise SentikitError, with the options that help, if a photograph's file is there already."""
    if path.exists():
        raise SentikitError(f"{shown(path)} exists already: give {ways}, or a new folder.")


def check_copy(folder: Path, output: Path, files: Iterable[Path], target: Target) -> bool:
    """Whether a copy of the files of a folder is the folder itself.

    Raises SentikitError where the target does not allow that, or a file cannot be written.
    """
    in_place = output.resolve() == folder.resolve()
    if in_place and target.existing != "overwrite" and not target.force:
        raise SentikitError(f"{shown(output)} is the folder itself: give --overwrite, or name a new folder.")
    for path in files:
        new = output / path.relative_to(folder)
        refuse_outside(output, new)
        if not in_place and target.existing is None and not target.force:
            refuse_existing(new, "--overwrite")
    return in_place
