"""What a line of JSON holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson

KEY = "sentikit"


class SkippedLineError(Exception):
    """A line without a usable caption."""


class Same(Sequence[Any]):
    """The same thing at every index."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __len__(self) -> int:
        return 0

    def __getitem__(self, index: Any) -> Any:
        return self._value


def has_mark(value: dict[str, Any]) -> bool:
    """Whether it was updated."""
    return KEY in value


def line_value(line: bytes) -> Any:
    """The value of a line. json takes what orjson does not: NaN, huge numbers, halves of surrogate pairs."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line.decode("utf-8-sig"))
