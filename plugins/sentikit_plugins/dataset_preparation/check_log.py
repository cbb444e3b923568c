"""What was found out of each image, on the disk while a run lasts, so that one that was cut off can go on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from sentikit import SentikitError
from sentikit.io.files import readable_os_errors
from sentikit.io.messages import show
from sentikit.io.paths import shown

_BEGIN = b'{"sentikit"'
_FLUSH = 500
"""How many lines may be lost where the process is killed."""


class CheckLog:
    """JSON lines, the settings first, then a line an image in the order of the source. Use it in a `with` block.

    done: how many images it has.
    replace: whether the run was begun with the user's word that its output may replace a file.
    """

    def __init__(
        self, path: Path, settings: Mapping[str, Any], files: Iterable[str], *, again: bool, replace: bool
    ) -> None:
        """Begin the file or, unless `again`, go on with the one that is there; a line that was cut off is dropped.

        settings: what the lines depend on, by the names that users know.
        files: the images in their order, which the lines that are there must follow.
        Raises SentikitError where the file is none of this class's, or was begun with other settings or images.
        """
        self.path = path
        self.done = 0
        self.replace = replace
        header = begun_header(path)
        if header is not None and not again:
            self._check_settings(header, settings)
            self.replace = replace or header.get("replace") is True
            self._go_on(files)
            with readable_os_errors("write", path):
                self._handle: BinaryIO = path.open("ab")
        else:
            with readable_os_errors("write", path):
                self._handle = path.open("wb")
            self._write({"sentikit": dict(settings), "replace": replace})
            self._flush()

    def append(self, line: Mapping[str, Any]) -> None:
        """Add the line of the next image."""
        self._write(line)
        self.done += 1
        if self.done % _FLUSH == 0:
            with readable_os_errors("write", self.path):
                self._handle.flush()

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of all images so far, in order."""
        self._flush()
        with readable_os_errors("read", self.path), self.path.open("rb") as handle:
            next(handle)
            for number, text in enumerate(handle, 2):
                yield self._parsed(number, text)

    def remove(self) -> None:
        """Delete the file: its run is finished."""
        self._handle.close()
        with suppress(OSError):
            self.path.unlink()

    def __enter__(self) -> CheckLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._handle.closed:
            self._flush()
            self._handle.close()

    def _check_settings(self, header: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        before = header["sentikit"]
        for key in {**before, **settings}:
            if before.get(key) != settings.get(key):
                raise SentikitError(
                    f"Cannot go on with {shown(self.path)}: it was begun with {key} {show(before.get(key))}, not "
                    f"{show(settings.get(key))}; give what it was begun with, or start again with --force."
                )

    def _go_on(self, files: Iterable[str]) -> None:
        """Count the whole lines, see that they are of `files`, and cut off what follows them."""
        expected = iter(files)
        with readable_os_errors("write", self.path), self.path.open("rb+") as handle:
            whole = len(next(handle))
            for number, text in enumerate(handle, 2):
                if not text.endswith(b"\n"):
                    break
                name, should_be = self._parsed(number, text)["file_name"], next(expected, None)
                if name != should_be:
                    there = f"where {show(name)} was, {'nothing' if should_be is None else show(should_be)} is now"
                    raise SentikitError(
                        f"Cannot go on with {shown(self.path)}: the images have changed since it was begun ({there}); "
                        "start again with --force."
                    )
                whole += len(text)
                self.done += 1
            handle.truncate(whole)

    def _parsed(self, number: int, text: bytes) -> dict[str, Any]:
        try:
            line: dict[str, Any] = json.loads(text)
            if line["status"] and line["file_name"]:
                return line
        except (ValueError, KeyError, TypeError):
            pass
        raise SentikitError(
            f"Cannot go on with {shown(self.path)}: its line {number:,} is damaged; start again with --force."
        )

    def _write(self, line: Mapping[str, Any]) -> None:
        with readable_os_errors("write", self.path):
            self._handle.write(json.dumps(line).encode() + b"\n")

    def _flush(self) -> None:
        with readable_os_errors("write", self.path):
            self._handle.flush()
            os.fsync(self._handle.fileno())


def log_path(manifest: Path) -> Path:
    """Where the log of a manifest's run is: beside it."""
    return manifest.with_name(f"{manifest.name}.partial")


def begun_header(path: Path) -> dict[str, Any] | None:
    """The first line of a log; None where there is no log, or it was killed before it had one.

    Raises SentikitError where the file is something else, so that nobody's file is replaced.
    """
    try:
        with path.open("rb") as handle:
            text = handle.readline()
    except FileNotFoundError:
        return None
    except OSError:
        with readable_os_errors("read", path):
            raise
    if not text.endswith(b"\n") and text[: len(_BEGIN)] == _BEGIN[: len(text)]:
        return None
    try:
        header: dict[str, Any] = json.loads(text)
        if isinstance(header["sentikit"], dict):
            return header
    except (ValueError, KeyError, TypeError):
        pass
    raise SentikitError(
        f"{shown(path)} is in the way: it was not begun by this command; move it, or name another output."
    )
