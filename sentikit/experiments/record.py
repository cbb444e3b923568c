"""What is kept of a step's run, so that it is done again only where its command or what it reads has changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..io.files import atomic_write, read_text, readable_os_errors
from ..io.messages import show
from ..io.paths import shown
from .plan import Plan, StepRun
from .table_reader import is_usable

FOLDER = "steps"
"""In the output folder: the record and the log of every run."""


def record_path(output: Path, run: StepRun) -> Path:
    """The record's file."""
    return output / FOLDER / f"{run.name.replace('/', '_')}.json"


def log_path(output: Path, run: StepRun) -> Path:
    """The file of what the run printed."""
    return record_path(output, run).with_suffix(".log")


def read_record(output: Path, run: StepRun) -> dict[str, Any]:
    """What is known of the run; empty if it never began, or if the record is damaged."""
    return _document(record_path(output, run))


def _document(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty if it has none."""
    try:
        found = json.loads(read_text(path))
    except (SentikitError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def has_records(output: Path) -> bool:
    """Whether the folder has a record of any run: others may have a folder of the same name."""
    return any("command" in _document(path) for path in (output / FOLDER).glob("*.json"))


def seconds_before(record: dict[str, Any]) -> float:
    """How long the run took until it was interrupted."""
    seconds = record.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and is_usable(seconds) else 0.0


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
    there = [os.path.exists(path) for path in run.makes.values()]
    if any(record.get(key) != value for key, value in known.items()):
        return "to do"
    if record.get("finished") and all(there):
        return "done"
    return "begun" if run.resume is not None and any(there) else "to do"


def claim(plan: Plan, run: StepRun) -> dict[str, Any]:
    """What the record says before the run begins: whose it is, and what it will make and may remove later."""
    return {"experiment": plan.recipe.file.stem, "makes": [_relative(plan, path) for path in run.makes.values()]}


def removable(plan: Plan, run: StepRun) -> list[Path]:
    """What stands where the run will write, and is to be removed first.

    Raises SentikitError if the record does not say that this step of this experiment made it.
    """
    output, experiment = plan.choices.output, plan.recipe.file.stem
    record = read_record(output, run)
    if (other := record.get("experiment", experiment)) != experiment:
        raise SentikitError(
            f"{shown(output)} holds the step {run.name} of another experiment, {show(other)}: name another folder with "
            "-o."
        )
    made = record.get("makes")
    there = [path for path in run.makes.values() if os.path.lexists(path)]
    for path in there:
        if not isinstance(made, list) or _relative(plan, path) not in made:
            raise SentikitError(
                f"{shown(path)} is in the way of the step {run.name}, and {shown(record_path(output, run))} does not "
                "say that this experiment made it: move it, or name another folder with -o."
            )
    return there


def remove(paths: Iterable[Path]) -> None:
    """Remove files and folders; of a link, the link alone."""
    for path in paths:
        with readable_os_errors("remove", path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _relative(plan: Plan, path: Path) -> str:
    return path.relative_to(plan.choices.output).as_posix()


def fingerprint(path: Path) -> str:
    """Changes when the file, or a file in the folder, changes: by names, sizes and times, as make does it."""
    digest = hashlib.sha256()
    with readable_os_errors("read", path):
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
