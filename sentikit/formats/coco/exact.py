"""Numbers that a float cannot hold, kept as they are written, and keys that stand twice in an object."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import chain
from math import isfinite
from typing import Any

import orjson

_SHORT = 16
"""Characters of a number that a float holds exactly: fifteen digits and a point."""
_MINUS_ZERO = re.compile(r"-0(?=\s*[,\]}])")
_NESTING = frozenset((dict, list))
_NONCE = secrets.token_hex(16)
_TOKEN = re.compile(rb'"' + _NONCE.encode() + rb':([^"]*)"')


class ExactNumber(float):
    """A float that knows how it was written, such as 1e400; it is written so again."""

    text: str

    @classmethod
    def of(cls, text: str) -> ExactNumber:
        """The number that JSON has as `text`."""
        number = cls(text)
        number.text = text
        return number


def parse_float(text: str) -> float:
    """The number: an `ExactNumber` where a float would be another number."""
    value = float(text)
    if len(text) < _SHORT and isfinite(value) and abs(value) > 1e-300:
        return value
    try:
        if isfinite(value) and Decimal(text) == Decimal(repr(value)) and (value or not text.startswith("-")):
            return value
    except InvalidOperation:
        pass
    return ExactNumber.of(text)


def parse_json(text: str) -> Any:
    """The value of JSON `text`. Raises what `json.loads` does."""
    if _MINUS_ZERO.search(text):
        return json.loads(text, parse_float=parse_float, parse_int=_parse_int)
    return json.loads(text, parse_float=parse_float)


def _parse_int(text: str) -> int | float:
    return ExactNumber.of(text) if text == "-0" else int(text)


def to_json(value: Any) -> bytes:
    """`value` as JSON. orjson is ten times as fast as json, which takes what orjson does not, or writes otherwise:
    NaN, which it makes null; huge numbers, lone surrogates, and characters beyond ASCII."""
    exact = False

    def token(value: Any) -> str:
        nonlocal exact
        if type(value) is not ExactNumber:
            raise TypeError
        exact = True
        return f"{_NONCE}:{value.text}"

    try:
        text = orjson.dumps(value, default=token)
        if text.isascii() and b"null" not in text:
            return _TOKEN.sub(rb"\1", text) if exact else text
    except TypeError:
        exact = True  # or not: it stopped before it could be known
    text = json.dumps(_with_tokens(value) if exact else value, separators=(",", ":")).encode("ascii")
    return _TOKEN.sub(rb"\1", text) if exact else text


def _with_tokens(value: Any) -> Any:
    if type(value) is ExactNumber:
        return f"{_NONCE}:{value.text}"
    if isinstance(value, list):
        return list(map(_with_tokens, value))
    if isinstance(value, dict):
        return {key: _with_tokens(inner) for key, inner in value.items()}
    return value


def repeated_keys(text: str, value: Any) -> list[tuple[str, str]]:
    """Where an object of the JSON `text`, whose value is `value`, has a key twice: its place, and the key.

    Nearly always the number of quotes before colons tells that there is none; otherwise the text is read once more.
    """
    if text.count('":') == _count_keys(value):
        return []
    repeats: dict[int, list[str]] = {}

    def pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            twice = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
            repeats[id(made)] = list(dict.fromkeys(twice))
        return made

    again = json.loads(text, object_pairs_hook=pairs)
    return [(place, key) for place, made in _places("", again) for key in repeats.get(id(made), ())] if repeats else []


def _count_keys(value: Any) -> int:
    """The keys of all objects of a JSON value. Lists of flat objects are counted in a few calls into C."""
    number, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        entries = one if type(one) is list else [one]
        objects = entries if set(map(type, entries)) == {dict} else [entry for entry in entries if type(entry) is dict]
        number += sum(map(len, objects))
        if not _NESTING.isdisjoint(map(type, chain.from_iterable(map(dict.values, objects)))):
            waiting += [inner for entry in objects for inner in entry.values() if type(inner) in _NESTING]
        if objects is not entries:
            waiting += [entry for entry in entries if type(entry) is list]
    return number


def _places(place: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    waiting = [(place, value)]
    while waiting:
        place, one = waiting.pop()
        if isinstance(one, dict):
            yield place or "the file", one
            inner = [(f"{place}.{key}" if place else key, value) for key, value in one.items()]
        else:
            inner = [(f"{place}[{index}]", value) for index, value in enumerate(one)]
        waiting += [pair for pair in reversed(inner) if isinstance(pair[1], dict | list)]
