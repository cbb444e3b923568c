"""Manifests of photographs with adjective-noun pairs: JSON lines, as `sentikit prepare vso` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..io.files import read_text
from ..io.paths import shown


def manifest_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]] | None:
    """The objects of a manifest with the numbers of their lines; None if the file is something else.

    The iterator raises SentikitError at a line that is not an object.
    """
    lines = [(number, line) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()]
    try:
        is_manifest = bool(lines) and "adjective" in json.loads(lines[0][1])
    except (ValueError, TypeError, RecursionError):
        return None
    return _rows(path, lines) if is_manifest else None


def bad_row(path: Path, number: int, why: str) -> SentikitError:
    """What is wrong with a line of a manifest, to be raised. why: the end of a sentence."""
    return SentikitError(f"{shown(path)}, line {number:,} of the manifest: {why}.")


def checked_file_name(row: dict[str, Any]) -> str:
    """The file name of a row. Raises KeyError if there is none, and ValueError, with the reason, if it is not one."""
    name = row["file_name"]
    if not isinstance(name, str) or not name or "\0" in name:
        raise ValueError("its file_name is not the name of a file")
    return name


def _rows(path: Path, lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in lines:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            raise bad_row(path, number, "it is not JSON") from None
        except (ValueError, RecursionError):
            raise bad_row(path, number, "it is not sound JSON") from None
        if not isinstance(row, dict):
            raise bad_row(path, number, "it is not an object")
        yield number, row
