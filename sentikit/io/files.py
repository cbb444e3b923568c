"""Files read and written safely: errors in one sentence, and outputs that are whole or not there at all."""

from __future__ import annotations

import errno
import io
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import SentikitError, UsageError
from .locks import output_key

_REASONS = {
    errno.ENOENT: "it does not exist",
    errno.ENOTDIR: "a part of its path is not a folder",
    errno.EACCES: "permission denied; check its permissions",
    errno.EPERM: "permission denied; check its permissions",
    errno.EROFS: "its disk is read-only; choose another place",
    errno.ENOSPC: "the disk is full; free some space or choose another place",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another place",
    errno.EFBIG: "it would be larger than the file system allows; choose another place",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links form a loop",
}


@contextmanager
def readable_os_errors(deed: str, path: Path) -> Iterator[None]:
    """Inside, an OSError becomes a SentikitError that says that `path` cannot be read or written, and why."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or f"{error.strerror or error}".lower()
        raise SentikitError(f"Cannot {deed} {path}: {reason}.") from error


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without a byte-order mark. Raises SentikitError where it is not there or not UTF-8."""
    with readable_os_errors("read", path):
        check_is_file(path)
        data = path.read_bytes()
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise SentikitError(f"Cannot read {path}: it is compressed; unpack it first.")
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        raise SentikitError(f"Cannot read {path}: it is {encoding[:6].upper()}; save it as UTF-8.")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            what = f"it is cut off in the middle of a character, after byte {len(data):,}; copy or download it again"
        else:
            what = f"it is not UTF-8 (byte {error.start:,} is 0x{data[error.start]:02x}); save it as UTF-8"
        raise SentikitError(f"Cannot read {path}: {what}.") from None


def check_is_file(path: Path) -> None:
    """Raise SentikitError where `path` is a folder, a pipe or a device, or OSError where it is not there."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise SentikitError(f"Cannot read {path}: it is {'a folder, ' if stat.S_ISDIR(mode) else ''}not a file.")


def updated_path(path: Path) -> Path:
    """Where the update of `path` goes by default: ``captions.json`` -> ``captions.sentikit.json``."""
    return path.with_name(path.name.removesuffix(".json") + ".sentikit.json")


def beside(path: Path, what: str) -> Path:
    """A default output beside `path`: ``captions.csv`` -> ``captions.sentikit.csv``, a folder ``photos`` ->
    ``photos.sentikit``. A `what` that the name has before its suffix already is replaced."""
    if path.is_dir():
        return path.with_name(f"{path.name.removesuffix('.sentikit')}.{what}")
    return path.with_name(f"{path.stem.removesuffix('.sentikit')}.{what}{path.suffix}")


def restored_path(path: Path) -> Path:
    """Where the restored form of `path` goes by default: ``captions.sentikit.json`` -> ``captions.restored.json``."""
    return path.with_name(path.name.removesuffix(".json").removesuffix(".sentikit") + ".restored.json")


def check_output(path: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Raise SentikitError where `atomic_write` would refuse `path`: to be called before long work."""
    refuse_dash(path)
    target = _target(path)
    with readable_os_errors("write", path):
        if target.exists():
            if any(source.exists() and target.samefile(source) for source in inputs):
                raise SentikitError(f"The output {path} is also an input: name another output.")
            if not target.is_file():
                kind = "a folder" if target.is_dir() else "not an ordinary file"
                raise SentikitError(f"Cannot write {path}: it is {kind}; name a file.")
            if not force:
                raise SentikitError(f"{path} exists already: name another output, or replace it with --force.")
        if not target.parent.is_dir():
            raise SentikitError(f"Cannot write {path}: the folder {target.parent} does not exist; create it first.")
        if not os.access(target.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise SentikitError(f"Cannot write {path}: its folder is not writable; choose another place.")


def check_outputs(outputs: Iterable[tuple[Path | None, bool]], *, inputs: Iterable[Path] = ()) -> None:
    """Raise SentikitError where one of a command's outputs would be refused, or two of them are one file.

    outputs: each with whether it may replace a file; None stands for one that was not asked for.
    """
    inputs = tuple(inputs)
    taken: dict[Path, Path] = {}
    for path, force in outputs:
        if path is None:
            continue
        other = taken.setdefault(_target(path), path)
        if other is not path:
            same = f"{path} is" if other == path else f"{other} and {path} are the same file, which is"
            raise UsageError(f"{same} named for two outputs of this command: name another file for one of them.")
        check_output(path, force=force, inputs=inputs)


def refuse_dash(path: Path) -> None:
    """Raise UsageError where `path` is ``-``, which elsewhere means standard output."""
    if str(path) == "-":
        raise UsageError("Cannot write to '-': this output goes to a file or a folder; name one.")


@contextmanager
def atomic_write(path: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> Iterator[Output]:
    """A UTF-8 text file that becomes `path` when the block ends, and leaves no trace when the block fails.

    It is written beside `path`, flushed to the disk and moved into place, so that whoever reads `path` finds the old
    content or the new, never a part of it, even where the process is killed. A link is written through, and a
    replaced file's permissions are kept.

    force: replace a file that exists.
    inputs: files that are being read, which the output must not be.
    Raises SentikitError where `path` cannot be written; other errors of the block pass through unchanged.
    """
    inputs = tuple(inputs)
    check_output(path, force=force, inputs=inputs)
    target = _target(path)
    remove_left_over(target)
    temporary = target.with_name(f".sentikit-{output_key(target)}-{secrets.token_hex(8)}.tmp")
    handle = None
    try:
        handle = Output(path, temporary)
        yield handle
        with readable_os_errors("write", path):
            handle.flush()
            os.fsync(handle.fileno())
            handle.close()
        check_output(path, force=force, inputs=inputs)  # another program may have made it meanwhile
        with readable_os_errors("write", path):
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):  # closing tries once more to write what is left
            if handle is not None:
                handle.close()
        with suppress(OSError):
            temporary.unlink()
        raise


class Output(io.TextIOWrapper):
    """A new text file. Its errors name the output, so that they cannot be taken for errors of what it is made from."""

    def __init__(self, path: Path, temporary: Path) -> None:
        self._path = path
        with readable_os_errors("write", path):
            # os.open, and not tempfile, so that the permissions are those of any new file
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        _hold(descriptor)
        super().__init__(os.fdopen(descriptor, "wb"), encoding="utf-8", newline="\n")

    def write(self, text: str, /) -> int:
        with readable_os_errors("write", self._path):
            return super().write(text)

    def write_bytes(self, text: bytes) -> None:
        """Write text that is UTF-8 already, after all that was written before."""
        with readable_os_errors("write", self._path):
            self.flush()
            self.buffer.write(text)


def remove_left_over(path: Path) -> None:
    """Delete the temporary files that killed runs left of the output `path`; those of runs that live are held."""
    target = _target(path)
    try:
        found = list(target.parent.glob(f".sentikit-{output_key(target)}-*.tmp"))
    except OSError:
        return
    for temporary in found:
        with suppress(OSError):
            descriptor = os.open(temporary, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            try:
                if _hold(descriptor):
                    temporary.unlink()
            finally:
                os.close(descriptor)


def _hold(descriptor: int) -> bool:
    """Lock an open file until it is closed or its process ends. Whether that could be done."""
    from filelock import lock_descriptor

    try:
        return lock_descriptor(descriptor, blocking=False)
    except OSError:  # a file system without locks
        return False


def _target(path: Path) -> Path:
    """The file itself, where `path` is a link to it."""
    return Path(os.path.realpath(path))
