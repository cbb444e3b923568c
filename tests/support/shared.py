"""What is slow to make and is made once: by a process, or by all workers of a test run together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from sentikit.english import pipeline

if TYPE_CHECKING:
    from spacy.language import Language


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` of this test run. The first worker that asks for it has `make` fill it; the others wait."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared" / name
    complete = folder.with_name(f"{name}.complete")
    folder.parent.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            complete.touch()
    return folder


def shared_pipeline(exclude: Iterable[str] = ()) -> Language:
    """`load_pipeline`, which loads each pipeline once in a process."""
    return _pipeline(pipeline.PIPELINES, tuple(exclude))


@cache
def _pipeline(names: tuple[str, ...], exclude: tuple[str, ...]) -> Language:
    """The names are those that `load_pipeline` looks for, which a test may change."""
    return pipeline.load_pipeline(exclude)
