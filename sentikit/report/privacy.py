"""Takes the folders out of what a report shows: it is passed on, and where its files were is private."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from ..io.paths import base_name

_START = r"(?:(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:[\\/]|\\\\|~[\w.-]*[\\/]|/)"
"""How a place begins: a drive or a scheme other than the web's, a share, a home folder, the root."""
_PLACE = re.compile(rf"\s*{_START}", re.IGNORECASE)
_OF_A_FILE = re.compile(rf"\s*(?:{_START}|https?:|[A-Za-z]:|\$|%)", re.IGNORECASE)
_ESCAPED = re.compile("%(2f|5c)", re.IGNORECASE)
_IN_QUOTES = re.compile(rf"""(["'])({_START}(?:(?!\1|\.\.\.).)*)""")
_IN_TEXT = re.compile(rf"""(?<![\w.)/\\:"'~]){_START}[^\s"',;]*[^\s"',;.:)]""")


def file_label(file_name: str) -> str:
    """A file name as a report shows it: without its folders if they say where it was, and as it is otherwise."""
    name = unquote(file_name) if _ESCAPED.search(file_name) else file_name
    parts = name.replace("\\", "/").split("/")
    return base_name(name) if _OF_A_FILE.match(name) or ".." in parts else file_name


def without_folders(text: str) -> str:
    """A sentence, in which absolute paths are base names."""
    text = _IN_QUOTES.sub(lambda found: found[1] + base_name(found[2]), text)
    return _IN_TEXT.sub(lambda found: base_name(found[0]), text)


def without_folders_in(value: Any) -> Any:
    """The same for all texts in a JSON value; one that is a path as a whole becomes its base name."""
    if isinstance(value, dict):
        return {without_folders_in(key): without_folders_in(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(without_folders_in, value))
    if isinstance(value, str):
        return base_name(value) if _PLACE.match(value) else without_folders(value)
    return value
