"""Folders that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import readable_os_errors


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yields a new folder beside `folder`, which takes its place when the block ends well, and is gone when it fails.

    What was there goes only when the new one is whole; whether it may go is the caller's to check before.
    Raises SentikitError where the folder cannot be written; other errors of the block pass through unchanged.
    """
    target = Path(os.path.realpath(folder))
    token = secrets.token_hex(4)
    fresh, old = target.with_name(f".{target.name}.{token}.new"), target.with_name(f".{target.name}.{token}.old")
    try:
        with readable_os_errors("write", folder):
            fresh.mkdir(parents=True)
            yield fresh
            if target.exists():
                os.replace(target, old)
            os.replace(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not target.exists():
            os.replace(old, target)
        shutil.rmtree(old, ignore_errors=True)
