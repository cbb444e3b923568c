"""JSON files: read with errors that name the place, written piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...errors import SentikitError
from ...io.files import atomic_write, read_text
from ...io.memory import paused_collector
from ...io.messages import MISSING, Problem
from .exact import parse_json, repeated_keys, to_json

_TWICE = "the object has this key more than once, and only the last value is used and written"

_PIECE = 1000
"""How many entries of a list become text at once: few enough for little memory, enough for json's fast encoder."""


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises SentikitError, with the place, where it is not whole and sound JSON."""
    return read_json_and_repeats(path)[0]


def read_json_and_repeats(path: Path, *, look_for_repeats: bool = False) -> tuple[Any, list[Problem]]:
    """The value of a JSON file, and the keys that its objects have twice, if they are looked for.

    Numbers that a float cannot hold are an `ExactNumber`. Raises SentikitError as `read_json` does.
    """
    text = read_text(path)
    if not text.strip():
        raise SentikitError(f"Cannot read {path}: it is empty.")
    try:
        with paused_collector():
            value = parse_json(text)
            repeats = repeated_keys(text, value) if look_for_repeats else []
            return value, [Problem(place, key, MISSING, _TWICE) for place, key in repeats]
    except MemoryError:
        raise SentikitError(f"Cannot read {path}: the memory is too small for it; close other programs.") from None
    except json.JSONDecodeError as error:
        raise SentikitError(f"Cannot read {path}: {_explanation(text, error)}.") from None
    except RecursionError:
        raise SentikitError(f"Cannot read {path}: its lists and objects are nested too deeply.") from None
    except ValueError:  # the one left: Python limits the digits of a number, as reading them takes quadratic time
        raise SentikitError(f"Cannot read {path}: it contains a number with more than 4,300 digits.") from None


def _explanation(text: str, error: json.JSONDecodeError) -> str:
    place = f"line {error.lineno:,}, column {error.colno:,}"
    if error.msg == "Extra data":
        return f"there is more text after its JSON ends, at {place} (tag files and other JSON Lines are not COCO files)"
    unread = text[error.pos :]
    if text.lstrip()[0] in "{[" and (error.msg.startswith("Unterminated string") or not set(unread) & set("]}")):
        end = text.rstrip()
        line, column = end.count("\n") + 1, len(end) - end.rfind("\n")
        place = f"line {line:,}, column {column:,} (character {len(end):,})"
        return f"its JSON is cut off at {place}; copy or download it again"
    return f"it is not JSON: {error.msg[:1].lower()}{error.msg[1:]} at {place}"


def write_document(path: Path, document: Any, *, force: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Write `document` as JSON, in bounded memory. Reading it again gives an equal value with its keys in order.

    All characters but ASCII are written as escapes, as in COCO's own files: so lone surrogates survive, and programs
    that open the file in their platform's encoding read it right. `force` and `inputs` are those of `atomic_write`.
    Raises SentikitError where the file cannot be written.
    """
    with atomic_write(path, force=force, inputs=inputs) as handle:
        try:
            for piece in _pieces(document):
                handle.write_bytes(piece)
        except RecursionError:
            raise SentikitError(f"Cannot write {path}: its lists and objects are nested too deeply.") from None
        handle.write_bytes(b"\n")


def _pieces(document: Any) -> Iterator[bytes]:
    """`document` as JSON, piece by piece: lists by their entries, at the top and one level below."""
    if isinstance(document, list):
        yield from _list_pieces(document)
    elif isinstance(document, dict):
        before = b"{"
        for key, value in document.items():
            yield before + json.dumps(key).encode("ascii") + b":"
            if isinstance(value, list):
                yield from _list_pieces(value)
            else:
                yield to_json(value)
            before = b","
        yield b"}" if document else b"{}"
    else:
        yield to_json(document)


def _list_pieces(entries: list[Any]) -> Iterator[bytes]:
    before = b"["
    for start in range(0, len(entries), _PIECE):
        yield before + to_json(entries[start : start + _PIECE])[1:-1]
        before = b","
    yield b"]" if entries else b"[]"
