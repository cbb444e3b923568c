"""Keeps what a data file's `file_name` leads to inside the folder of the photographs, with links followed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

NO_SUCH_FILE = "there is no such file"
OUTSIDE = "it is outside the folder of the photographs; --allow-outside reads it"
"""Why a photograph was not read, as a `Failure` gives it."""
_LONGEST_PART = 255
"""Bytes that a file or folder may have in its name on nearly every system."""

_allowed: ContextVar[bool] = ContextVar("outside_allowed", default=False)


@contextmanager
def outside_allowed(allowed: bool = True) -> Iterator[None]:
    """In the block, photographs are found outside their folder as well.

    This is for readers that take no such argument: those of trainers, which call the functions of `sentikit.images`.
    """
    token = _allowed.set(allowed or _allowed.get())
    try:
        yield
    finally:
        _allowed.reset(token)


def name_problem(name: str) -> str | None:
    """Why no file can have this name, as the end of a sentence; None if one can."""
    if name.isascii() and 0 < len(name) <= _LONGEST_PART and "\0" not in name:
        return None  # nearly all names
    if not name:
        return "its name is empty"
    if "\0" in name:
        return f"{NO_SUCH_FILE}, as its name has a null character"
    try:
        parts = os.fsencode(name).split(b"/")
    except UnicodeEncodeError:
        return f"{NO_SUCH_FILE}, as its name is not valid text"
    return "its name is too long" if max(map(len, parts)) > _LONGEST_PART else None


class PhotoFolder:
    """A folder in which a data file's photographs are looked for."""

    def __init__(
        self, path: str | os.PathLike[str], allow_outside: bool = False, within: Sequence[str | os.PathLike[str]] = ()
    ) -> None:
        """within: the folders of which one must hold this one, if its name was guessed and may be that of a link."""
        self.path = Path(path)
        self._anywhere = allow_outside or _allowed.get()
        self._root = os.path.realpath(path)
        roots = [os.path.realpath(folder) for folder in within]
        if roots and not any(is_inside(self._root, root) for root in roots):
            self._root = roots[0]
        self._parents: dict[str, str] = {}

    def holds(self, path: str | os.PathLike[str], is_link: bool | None = None) -> bool:
        """Whether the file may be read: it is in the folder after all links are followed, or anything may be read.

        is_link: whether the file itself is a link, if that is known.
        """
        return self._anywhere or is_inside(self._real(os.fspath(path), is_link), self._root)

    def _real(self, path: str, is_link: bool | None) -> str:
        """The real path. Most files are no links, and have their folder in common with others."""
        parent, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir):
            return os.path.realpath(path)
        if parent not in self._parents:
            self._parents[parent] = os.path.realpath(parent)
        real = os.path.join(self._parents[parent], name)
        if is_link is None:
            is_link = os.path.islink(real)
        return os.path.realpath(real) if is_link else real


def stays_inside(path: Path, folders: Sequence[PhotoFolder]) -> bool:
    """Whether no link leads to the file from those of `folders` that it was found in; others were named themselves."""
    searched = [folder for folder in folders if is_inside(os.path.abspath(path), os.path.abspath(folder.path))]
    return not searched or any(folder.holds(path) for folder in searched)


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is `folder` or below it; both are real, or at least absolute."""
    return path == folder or path.startswith(os.path.join(folder, ""))
