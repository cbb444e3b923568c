"""JSON objects as units: a caption is changed in the object's own text, and its mark goes in as the last key.

The mark of an object with one caption is ``{"original": ..., "edits": [...]}``, as in COCO files; with several it is
``{"captions": [{"index": 2, "original": ..., "edits": [...]}]}``. `original` is written with the very characters that
the caption had, so that taking the mark off gives the object's original bytes back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, TypeAlias

import orjson

from ..io.messages import MISSING
from ..io.text import json_text
from .coco.exact import repeated_keys
from .coco.mark import KEY, Mark, edit_entry, read_mark
from .interface import Change

JsonPath: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from an object to a caption in it."""

_SPACE = re.compile(r"[ \t\r\n]*")
_COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f\ud800-\udfff]*').fullmatch
"""Text that stands in JSON as it is."""
_decode = json.JSONDecoder().raw_decode


def value_span(text: str, path: JsonPath) -> tuple[int, int]:
    """Where the value that `path` leads to stands in the text of a JSON object. Raises LookupError if it is not there.

    Of a key that is there twice, the last one counts, as it does for `json`.
    """
    at = _skip(text, 0)
    for step in path:
        at = _member(text, at, step)
    return at, _decode(text, at)[1]


def _caption_span(text: str, path: JsonPath, change: Change) -> tuple[int, int]:
    """`value_span`, found at once where the object is flat and the caption's key and text stand in it as usual."""
    if len(path) == 1 and change.mark is not None and text.count("{") == 1:
        key = f'"{path[0]}"'
        if text.count(key) == 1 and (colon := _COLON.match(text, text.index(key) + len(key))):
            token = string_token(change.mark.original)
            if text.startswith(token, colon.end()):
                return colon.end(), colon.end() + len(token)
    return value_span(text, path)


def _compact(value: Any) -> str:
    try:
        return orjson.dumps(value).decode("utf-8")
    except TypeError:  # halves of surrogate pairs
        return json.dumps(value, separators=(",", ":"))


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _member(text: str, at: int, step: str | int) -> int:
    is_object = text[at] == "{"
    if is_object != isinstance(step, str):
        raise LookupError(step)
    close, found, index = ("}" if is_object else "]"), -1, 0
    at = _skip(text, at + 1)
    while text[at] != close:
        key: str | int = index
        if is_object:
            key, at = scanstring(text, at + 1, True)
            at = _skip(text, _skip(text, at) + 1)
        if key == step:
            found = at
        at = _skip(text, _decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    if found < 0:
        raise LookupError(step)
    return found


def read_marks(value: Mapping[str, Any], paths: Sequence[JsonPath]) -> dict[int, Mark]:
    """The marks of an object's captions, by their index among `paths`. Raises ValueError for something foreign."""
    mark = value.get(KEY, MISSING)
    if mark is MISSING:
        return {}
    if isinstance(mark, dict) and isinstance(mark.get("captions"), list):
        found: dict[int, Mark] = {}
        for entry in mark["captions"]:
            index = entry.get("index") if isinstance(entry, dict) else None
            if type(index) is not int or not 0 <= index < len(paths):
                raise ValueError("it was not written by sentikit, or it is damaged; rename or remove it")
            found[index] = read_mark(entry)
        return found
    return {0: read_mark(mark)}


def repeats(text: str, value: Any) -> list[tuple[str, str]]:
    """Where an object of the JSON `text`, whose value is `value`, has a key twice: its place, and the key."""
    return repeated_keys(text, value)


def mark_value(marks: Mapping[int, Mark], several: bool) -> dict[str, Any]:
    """The value of a key `sentikit` for the marked captions of an object, by index, of several captions or one."""
    entries = {
        index: {"original": mark.original, "edits": [edit_entry(edit) for edit in mark.edits]}
        for index, mark in sorted(marks.items())
    }
    if not several:
        return entries[0]
    return {"captions": [{"index": index, **entry} for index, entry in entries.items()]}


class JsonEditor:
    """Edits JSON objects. Locators are (index of the caption in its object, how many it has, path)."""

    def edit(self, unit: bytes, changes: Sequence[tuple[Any, Change]], run: Mapping[str, Any] | None) -> bytes:
        """See `UnitEditor`."""
        text = unit.decode("utf-8", "surrogatepass")
        restored = [located for located in changes if located[1].mark is None]
        updated = [located for located in changes if located[1].mark is not None]
        if restored:
            text = self._restore(text, [locator for locator, _ in restored])
        if updated:
            text = self._update(text, updated, run)
        return text.encode("utf-8", "surrogatepass")

    def _update(self, text: str, changes: Sequence[tuple[Any, Change]], run: Mapping[str, Any] | None) -> str:
        spans = sorted((*_caption_span(text, path, change), index, change) for (index, _, path), change in changes)
        pieces, at, marks = [], 0, []
        for start, end, index, change in spans:
            raw = text[start:end]
            pieces += [text[at:start], string_token(change.text, like=raw)]
            at = end
            assert change.mark is not None
            edits = _compact([edit_entry(edit) for edit in change.mark.edits])
            marks.append((index, f'"original":{raw},"edits":{edits}'))
        pieces.append(text[at:])
        (_, several, _), _ = changes[0]
        extra = "" if run is None else f',"run":{_compact(run)}'
        if several == 1:
            mark = f"{{{marks[0][1]}{extra}}}"
        else:
            inner = ",".join(f'{{"index":{index},{entry}}}' for index, entry in sorted(marks))
            mark = f'{{"captions":[{inner}]{extra}}}'
        new = "".join(pieces)
        close = _decode(new, _skip(new, 0))[1] - 1
        return f'{new[:close]},"{KEY}":{mark}{new[close:]}'

    def _restore(self, text: str, locators: Sequence[tuple[int, int, JsonPath]]) -> str:
        start, end = value_span(text, (KEY,))
        mark = text[start:end]
        originals: dict[JsonPath, str] = {}
        value = json.loads(mark)
        rest = []
        for index, _, path in locators:
            own: JsonPath = ("original",)
            if isinstance(value.get("captions"), list):
                place = next(n for n, entry in enumerate(value["captions"]) if entry["index"] == index)
                own = ("captions", place, "original")
            first, last = value_span(mark, own)
            originals[path] = mark[first:last]
        if isinstance(value.get("captions"), list):
            done = {index for index, _, _ in locators}
            rest = [entry for entry in value["captions"] if entry["index"] not in done]
        if rest:  # captions that were changed after the update keep their marks
            text = text[:start] + json_text({**value, "captions": rest}) + text[end:]
        else:
            text = _without_key(text, start, end)
        for path, raw in originals.items():
            first, last = value_span(text, path)
            text = text[:first] + raw + text[last:]
        return text


def _without_key(text: str, start: int, end: int) -> str:
    """The object without the key whose value stands there, and without the comma that this makes superfluous."""
    key = _key_of(text, start)
    before = text[:key].rstrip(" \t\r\n")
    if before.endswith(","):
        return before[:-1] + text[end:]
    after = _skip(text, end)
    return text[:key] + text[_skip(text, after + 1) if text[after] == "," else end :]


def _key_of(text: str, start: int) -> int:
    """Where the key stands whose value begins at `start`; it may be written with escapes."""
    at = _skip(text, _skip(text, 0) + 1)
    while True:
        key = at
        _, at = scanstring(text, at + 1, True)
        at = _skip(text, _skip(text, at) + 1)
        if at == start:
            return key
        at = _skip(text, _skip(text, _decode(text, at)[1]) + 1)


def string_token(text: str, like: str = "") -> str:
    """A JSON string, with escapes for characters beyond ASCII if `like`, another one of the file, has them."""
    if "\\u" in like and like.isascii():
        return json.dumps(text)
    return f'"{text}"' if _PLAIN(text) else json_text(text)
