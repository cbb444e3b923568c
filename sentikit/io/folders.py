"""Folders that are written whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .files import readable_os_errors
from .locks import locked


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yields a new folder beside `folder`, which takes its place when the block ends well, and is gone when it fails.

    What was there goes only when the new one is whole; whether it may go is the caller's to check before. What a
    killed run left is put right first.
    Raises SentikitError where the folder cannot be written, or another run writes it; other errors of the block pass
    through unchanged.
    """
    target = Path(os.path.realpath(folder))
    with readable_os_errors("write", folder):
        target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target) as alone:
        if alone:
            restore_folder(target)
        token = secrets.token_hex(4)
        fresh, old = target.with_name(f".{target.name}.{token}.new"), target.with_name(f".{target.name}.{token}.old")
        try:
            with readable_os_errors("write", folder):
                fresh.mkdir()
                yield fresh
                if target.exists():
                    os.replace(target, old)
                os.replace(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            if old.exists() and not target.exists():
                os.replace(old, target)
            shutil.rmtree(old, ignore_errors=True)


def restore_folder(target: Path) -> None:
    """Put back the folder that a killed run had moved aside, and delete what else it left. For who has the lock."""
    ours = re.compile(re.escape(f".{target.name}.") + r"[0-9a-f]{8}\.(new|old)")
    with suppress(OSError):
        for left in sorted(target.parent.iterdir(), reverse=True):
            if not ours.fullmatch(left.name) or left.is_symlink() or not left.is_dir():
                continue
            if left.name.endswith(".old") and not target.exists():
                os.replace(left, target)
            else:
                shutil.rmtree(left, ignore_errors=True)
