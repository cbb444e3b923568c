"""What is kept of a step's run, so that it is done again only where its command or what it reads has changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..io.files import atomic_write, read_text, readable_os_errors
from .plan import StepRun

FOLDER = "steps"
"""In the output folder: the record and the log of every run."""


def record_path(output: Path, run: StepRun) -> Path:
    """The record's file."""
    return output / FOLDER / f"{run.name.replace('/', '_')}.json"


def log_path(output: Path, run: StepRun) -> Path:
    """The file of what the run printed."""
    return record_path(output, run).with_suffix(".log")


def read_record(output: Path, run: StepRun) -> dict[str, Any]:
    """What is known of the run; empty where it never began."""
    try:
        found = json.loads(read_text(record_path(output, run)))
    except (SentikitError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_record(output: Path, run: StepRun, record: dict[str, Any]) -> None:
    """Keep what is known of the run."""
    with atomic_write(record_path(output, run), force=True) as handle:
        handle.write(json.dumps(record, indent=1) + "\n")


def identity(run: StepRun) -> dict[str, Any]:
    """What the result depends on: the command, and the state of what it reads."""
    return {"command": list(run.arguments), "reads": {str(path): fingerprint(path) for path in run.reads}}


def state(output: Path, run: StepRun, known: dict[str, Any]) -> str:
    """``done``: as it would be done now, and its files are there; ``begun``, and can go on; or ``to do``.

    known: the run's `identity`.
    """
    record = read_record(output, run)
    there = [path.exists() for path in run.makes.values()]
    if any(record.get(key) != value for key, value in known.items()):
        return "to do"
    if record.get("finished") and all(there):
        return "done"
    return "begun" if run.resume is not None and any(there) else "to do"


def remove_made(run: StepRun) -> None:
    """Remove what an earlier run of the step left."""
    for path in run.makes.values():
        with readable_os_errors("remove", path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def fingerprint(path: Path) -> str:
    """Changes when the file, or a file in the folder, changes: by names, sizes and times, as make does it."""
    digest = hashlib.sha256()
    for name, status in _files(path):
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _files(path: Path) -> list[tuple[str, os.stat_result]]:
    if not path.is_dir():
        return [("", path.stat())] if path.exists() else []
    found = []
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            file = os.path.join(folder, name)
            if os.path.exists(file):
                found.append((os.path.relpath(file, path), os.stat(file)))
    return found
