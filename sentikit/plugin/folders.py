"""Folders of single-file plugins: their files, and whether others than the user can put code there."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from ..errors import PluginError, UsageError
from ..io.files import readable_os_errors
from ..io.paths import shown


@dataclass(frozen=True)
class PluginFolder:
    """A folder whose files are plugins.

    module_prefix: before the names of its modules, so that those of other folders have other names.
    warning: a sentence if others can change its code.
    """

    files: Sequence[Path]
    module_prefix: str
    warning: str | None


def open_folders(folders: Iterable[Path]) -> list[PluginFolder]:
    """The folders in order, each once. Raises UsageError for one that is none."""
    found: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"The plugins folder {shown(folder)} does not exist.")
        found.setdefault(os.path.realpath(folder), folder)
    return [_open(folder, number) for number, folder in enumerate(found.values())]


def _open(folder: Path, number: int) -> PluginFolder:
    with readable_os_errors("read", folder):
        files = sorted(folder.glob("[!_]*.py"))
    prefix = f"sentikit_file_plugin{number or ''}_"
    return PluginFolder(files, prefix, _warning((folder, *files)))


def _warning(paths: Iterable[Path]) -> str | None:
    """A sentence about the first of the paths that others can change."""
    for path in paths:
        if why := _danger(path):
            where = "load plugins from a place that only you can write to"
            return f"The code of plugins in {shown(path)} runs as you, and {why}: {where}."
    return None


def _danger(path: Path) -> str | None:
    """Who else can change a file or folder."""
    if not hasattr(os, "geteuid"):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if status.st_mode & stat.S_IWOTH:
        return "anyone can write there"
    if status.st_uid not in (0, os.geteuid()):
        return f"it belongs to another user ({status.st_uid})"
    return None


def import_file(path: Path, module_prefix: str) -> ModuleType:
    """The module of a plugin's file. Raises PluginError if it is no file, and whatever the file raises."""
    if not path.is_file():
        raise PluginError("it is not a file")
    spec = importlib.util.spec_from_file_location(f"{module_prefix}{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look their module up
    spec.loader.exec_module(module)
    return module
