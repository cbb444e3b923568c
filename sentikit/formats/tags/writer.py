"""Tag files, written line by line, so that a run that was cut off can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ...anp import Tag
from ...errors import SentikitError
from ...io.files import readable_os_errors
from ...io.messages import show
from ...io.paths import shown
from ..coco.captions import ImageId
from .entries import header_line, tag_line
from .reader import read_tags

ANOTHER_FILE = "name another file, or replace it with --force"
"""What to do about a file that cannot be gone on with, where the user named it."""


class TagWriter:
    """Appends to a tag file. Use it in a `with` block; what was written by its end is on the disk.

    done: the images that the file held already, by id or else by file name.
    """

    def __init__(
        self, path: Path, settings: Mapping[str, Any], *, resume: bool = False, remedy: str = ANOTHER_FILE
    ) -> None:
        """Make the file anew, or with `resume` go on with the one that is there; a line that was cut off is dropped.

        remedy: what to do where it cannot be gone on with, as the end of a sentence.
        Raises SentikitError where the file cannot be written or, resuming, was made with other settings.
        """
        self.path = path
        self.done: set[ImageId] = set()
        settings = json.loads(json.dumps(settings))
        resume = resume and path.exists()
        if resume:
            check_goes_on(path, remedy)  # before the file is touched: nobody's photograph shall lose its last line
            resume = _drop_torn_line(path)
        if resume:
            self.done = _done(path, settings, remedy)
        with readable_os_errors("write", path):
            self._handle = path.open("a" if resume else "w", encoding="utf-8", newline="\n")
        if not resume:
            self.write_line(header_line(settings))

    def write(self, image_id: ImageId | None, file_name: str | None, tags: Sequence[Tag]) -> None:
        """Append the line of an image. Raises SentikitError where that fails."""
        self.write_line(tag_line(image_id, file_name, tags))

    def flush(self) -> None:
        """Put on the disk what was written so far. Raises SentikitError where that fails."""
        with readable_os_errors("write", self.path):
            self._handle.flush()
            os.fsync(self._handle.fileno())

    def __enter__(self) -> TagWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with readable_os_errors("write", self.path), self._handle:
            self.flush()

    def write_line(self, line: dict[str, Any]) -> None:
        """Append a line as it is. Raises SentikitError where that fails."""
        with readable_os_errors("write", self.path):
            self._handle.write(json.dumps(line) + "\n")


def write_tags(path: Path, tags: Mapping[ImageId, Sequence[Tag]]) -> None:
    """Write a tag file of tags by image id. Raises SentikitError if that fails."""
    with TagWriter(path, {}) as writer:
        for identity, found in tags.items():
            writer.write(identity, None, found)


def check_goes_on(path: Path, remedy: str = ANOTHER_FILE) -> None:
    """Raises SentikitError where `path` is there and no `TagWriter` has begun it. It is left as it is."""
    begin = b'{"sentikit"'
    try:
        with path.open("rb") as file:
            ours = file.read(len(begin)) in (begin, b"")
    except OSError:  # what cannot be read is found out by who opens it
        return
    if not ours:
        raise SentikitError(
            f"Cannot resume {shown(path)}: it was not started by this command and does not record how its tags were "
            f"made; {remedy}."
        )


def _drop_torn_line(path: Path) -> bool:
    """Cut off a last line without its end. Whether anything is left."""
    with readable_os_errors("write", path), path.open("rb+") as handle:
        whole = 0
        for line in handle:
            if line.endswith(b"\n"):
                whole += len(line)
        handle.truncate(whole)
    return whole > 0


def was_made_otherwise(path: Path, settings: Mapping[str, Any]) -> bool:
    """Whether the file `path` is there and its first line tells other settings than these."""
    if not path.exists():
        return False
    with readable_os_errors("read", path), path.open(encoding="utf-8", errors="replace") as lines:
        first = lines.readline()
    try:
        return bool(json.loads(first) != json.loads(json.dumps(header_line(settings))))
    except ValueError:  # cut off, or something else: who opens it finds that out
        return False


def _done(path: Path, settings: Mapping[str, Any], remedy: str) -> set[ImageId]:
    file = read_tags(path, strict=True, allow_empty=True)
    if file.header is None:
        raise SentikitError(f"Cannot resume {path}: it does not record how its tags were made; {remedy}.")
    different = [key for key in {**file.header, **settings} if file.header.get(key) != settings.get(key)]
    if different:
        key = different[0]
        raise SentikitError(
            f"Cannot resume {path}: it was made with {key} {show(file.header.get(key))}, "
            f"not {show(settings.get(key))}; {remedy}."
        )
    return {image.key for image in file.images}
