"""Text of other programs and of data files, as sentences, one line of output and JSON can take it."""

from __future__ import annotations

import json
import os
from typing import Any

from .paths import shown

_LONGEST = 300
"""Characters of a reason or of a path in a sentence."""


def short_reason(text: str) -> str:
    """A reason on one line, not too long, with all that is not printable escaped."""
    line = " ".join(text.split())
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line[:_LONGEST])
    return escaped if max(len(line), len(escaped)) <= _LONGEST else f"{escaped[: _LONGEST - 3]}..."


def short_path(path: str | os.PathLike[str]) -> str:
    """A path as `shown` gives it, without its middle if it is very long."""
    text = shown(path)
    return text if len(text) <= _LONGEST else f"{text[:100]}...{text[-(_LONGEST - 103) :]}"


def json_text(value: Any) -> str:
    """The value as JSON, with characters of all languages as they are if UTF-8 can hold them, and else escaped."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of surrogates
        return json.dumps(value)
    return text
