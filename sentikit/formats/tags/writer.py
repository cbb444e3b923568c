"""Tag files, written line by line, so that a run that was cut off can go on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from ...anp import Tag
from ...errors import SentikitError
from ...io.files import atomic_write, readable_os_errors, remove_left_over
from ...io.locks import locked
from ...io.messages import count, first, show, verb_for
from ...io.paths import shown
from ..coco.captions import ImageId
from .entries import HEADER, header_line, tag_line
from .reader import open_text, read_tags

ANOTHER_FILE = "name another file, or replace it with --force"
"""What to do about a file that cannot be gone on with, where the user named it."""

log = logging.getLogger("sentikit.formats")


class TagWriter:
    """Appends to a tag file, which no other run can write meanwhile. Use it in a `with` block; what was written by its
    end is on the disk.

    done: the images that the file held already, by id or else by file name, in its order.
    """

    def __init__(
        self, path: Path, settings: Mapping[str, Any], *, resume: bool = False, remedy: str = ANOTHER_FILE
    ) -> None:
        """Make the file anew, or with `resume` go on with the one that is there. Lines that were cut off or damaged,
        or repeat an image, are dropped with a warning, and their images are not among those that are done.

        remedy: what to do where it cannot be gone on with, as the end of a sentence.
        Raises SentikitError where the file cannot be written, another run is writing it or, resuming, it was made with
        other settings, and where a file would be replaced that no `TagWriter` has begun.
        """
        self.path = path
        self.done: dict[ImageId, int] = {}
        with ExitStack() as stack:
            stack.enter_context(locked(path))
            remove_left_over(path)
            self._handle = stack.enter_context(self._open(json.loads(json.dumps(settings)), resume, remedy))
            self._closing = stack.pop_all()

    def _open(self, settings: Mapping[str, Any], resume: bool, remedy: str) -> TextIO:
        path = self.path
        # Before the file is touched: nobody's photograph shall lose its last line.
        resume = resume and path.exists()
        check_goes_on(path, remedy) if resume else check_replaceable(path)
        resume = resume and _drop_torn_line(path)
        if resume:
            self.done = _done(path, settings, remedy)
        with readable_os_errors("write", path):
            handle = path.open("a" if resume else "w", encoding="utf-8", newline="\n")
        if not resume:
            with readable_os_errors("write", path):
                handle.write(json.dumps(header_line(settings)) + "\n")
        return handle

    def write(self, image_id: ImageId | None, file_name: str | None, tags: Sequence[Tag]) -> None:
        """Append the line of an image. Raises SentikitError where that fails."""
        self.write_line(tag_line(image_id, file_name, tags))

    def write_line(self, line: dict[str, Any]) -> None:
        """Append a line as it is. Raises SentikitError where that fails."""
        self.put_back(json.dumps(line) + "\n")

    def take_back(self, images: Sequence[ImageId]) -> dict[ImageId, str]:
        """Take the last lines, which are those of `images`, off the file. They can be `put_back`."""
        starts = [self.done[image] for image in images]
        with readable_os_errors("write", self.path):
            self._handle.flush()
            data = self.path.read_bytes()
            os.ftruncate(self._handle.fileno(), starts[0])
        ends = [*starts[1:], len(data)]
        return {image: data[start:end].decode("utf-8") for image, start, end in zip(images, starts, ends, strict=True)}

    def put_back(self, line: str) -> None:
        """Append a line that was taken off."""
        with readable_os_errors("write", self.path):
            self._handle.write(line)

    def flush(self) -> None:
        """Put on the disk what was written so far. Raises SentikitError where that fails."""
        with readable_os_errors("write", self.path):
            self._handle.flush()
            os.fsync(self._handle.fileno())
            gone = os.fstat(self._handle.fileno()).st_nlink == 0
        if gone:
            raise SentikitError(f"{shown(self.path)} was deleted while it was being written; run the command again.")

    def __enter__(self) -> TagWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._closing, readable_os_errors("write", self.path), self._handle:
            self.flush()


def write_tags(path: Path, tags: Mapping[ImageId, Sequence[Tag]]) -> None:
    """Write a tag file of tags by image id. Raises SentikitError if that fails."""
    with TagWriter(path, {}) as writer:
        for identity, found in tags.items():
            writer.write(identity, None, found)


def check_goes_on(path: Path, remedy: str = ANOTHER_FILE) -> None:
    """Raises SentikitError where `path` is there and no `TagWriter` has begun it. It is left as it is."""
    if not _is_ours(path):
        raise SentikitError(
            f"Cannot resume {shown(path)}: it was not started by this command and does not record how its tags were "
            f"made; {remedy}."
        )


def check_replaceable(path: Path) -> None:
    """Raises SentikitError where `path` is there and no `TagWriter` has begun it, so that ``--force`` spares it."""
    if not _is_ours(path):
        raise SentikitError(
            f"{shown(path)} is not replaced, as it was not started by this command: name another file, or move it away."
        )


def _is_ours(path: Path) -> bool:
    """Whether a `TagWriter` has begun `path`, or nothing is lost where one writes it."""
    begin = b'{"sentikit"'
    try:
        if not path.is_file():  # opening a pipe would wait; who writes finds out what it is
            return True
        with path.open("rb") as file:
            start = file.read(len(begin))
    except OSError:  # what cannot be read is found out by who opens it
        return True
    return begin.startswith(start)  # also one that was cut off at once


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
    if not path.is_file():
        return False
    with readable_os_errors("read", path), path.open(encoding="utf-8", errors="replace") as lines:
        first = lines.readline()
    try:
        return bool(json.loads(first) != json.loads(json.dumps(header_line(settings))))
    except (ValueError, RecursionError):  # cut off, or something else: who opens it finds that out
        return False


def _done(path: Path, settings: Mapping[str, Any], remedy: str) -> dict[ImageId, int]:
    """Where the line of each image begins, in the order of the file, which is mended first."""
    file = read_tags(path, allow_empty=True)
    if file.header is None:
        raise SentikitError(f"Cannot resume {path}: it does not record how its tags were made; {remedy}.")
    different = [key for key in {**file.header, **settings} if file.header.get(key) != settings.get(key)]
    if different:
        key = different[0]
        raise SentikitError(
            f"Cannot resume {path}: it was made with {key} {show(file.header.get(key))}, "
            f"not {show(settings.get(key))}; {remedy}."
        )
    headers = [problem for problem in file.problems if problem.key == HEADER]
    if headers:
        raise SentikitError(f"Cannot resume {path}: {headers[0]}; {remedy}.")
    if file.bad_lines:
        _drop_lines(path, file.bad_lines)
        dropped = count(len(file.bad_lines), "line")
        log.warning(
            f"{dropped} of {shown(path)} {verb_for(len(file.bad_lines), 'was', 'were')} cut off, damaged or repeated, "
            f"and {verb_for(len(file.bad_lines), 'is', 'are')} dropped; what only they held is made again: "
            f"{first(file.problems)}."
        )
        file = read_tags(path, allow_empty=True)
    starts = _line_starts(path)
    return {image.key: starts[image.line - 1] for image in file.images}


def _drop_lines(path: Path, numbers: Iterable[int]) -> None:
    dropped = set(numbers)
    with atomic_write(path, force=True) as kept, open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            if number not in dropped:
                kept.write(line)


def _line_starts(path: Path) -> list[int]:
    """The byte that each line begins at. The lines are those that a text file is read in."""
    starts, place = [], 0
    with readable_os_errors("read", path), path.open(encoding="utf-8", newline="") as lines:
        for line in lines:
            starts.append(place)
            place += len(line.encode())
    return starts
