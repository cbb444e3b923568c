"""One run at a time on an output: the second is told who has it."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SentikitError
from .paths import shown

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LONGEST_RECORD = 4096


@contextmanager
def locked(output: Path) -> Iterator[bool]:
    """In the block no other run can lock `output`, a file or a folder. Yields whether it really is locked.

    The lock belongs to the process: it is gone when that ends, however it ends. A place that cannot be locked, such as
    a read-only folder or a file system without locks, is used without one.
    Raises SentikitError, with the process that has it, if another run holds the lock.
    """
    from filelock import FileLock, SoftFileLock, Timeout

    path = _lock_path(output)
    if not path.parent.is_dir():  # filelock would make it
        yield False
        return
    lock: BaseFileLock = FileLock(path, blocking=False, thread_local=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # filelock tells of file systems without native locks
            lock.acquire()
    except Timeout:
        raise SentikitError(_refusal(output, path)) from None
    except OSError:
        yield False
        return
    try:
        _record_holder(lock, path)
        yield True
    finally:
        if not isinstance(lock, SoftFileLock):
            with suppress(OSError):  # while it is held, so that whoever has opened it meanwhile sees that it is gone
                path.unlink()
        with suppress(OSError):
            lock.release()


def output_key(target: Path) -> str:
    """What the names of the lock and the temporary files of an output have in common, however long its own name is."""
    return hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]


def _lock_path(output: Path) -> Path:
    target = Path(os.path.realpath(output))
    return target.with_name(f".sentikit-{output_key(target)}.lock")


def _record_holder(lock: BaseFileLock, path: Path) -> None:
    """Write into the lock who has it. Where the file system has no locks, filelock writes a record of its own."""
    from filelock import SoftFileLock

    if isinstance(lock, SoftFileLock):
        return
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(" ", "seconds"),
        "command": shlex.join(sys.argv)[:500],
    }
    with suppress(OSError):
        path.write_text(json.dumps(holder), "ascii")


def _refusal(output: Path, path: Path) -> str:
    who = "another process"
    with suppress(OSError, ValueError, TypeError, KeyError):
        with path.open(encoding="ascii") as file:
            holder = json.loads(file.read(_LONGEST_RECORD))
        command = shown(str(holder["command"])[:200])
        who = f"process {holder['pid']:d} on {shown(holder['host'])} since {shown(holder['since'])} ({command})"
    return (
        f"{shown(output)} is in use by another run of sentikit: {who}. Wait until it has ended, or name another output."
    )
