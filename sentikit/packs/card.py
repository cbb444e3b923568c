"""Model cards as the Hugging Face hub reads them: README.md, Markdown below a head of metadata in YAML.

Of YAML only what such heads consist of is read and written: texts, and lists of texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .documents import file_of, read_note

CARD, OLD_CARD = "README.md", "MODEL_CARD.md"
"""The second is the name in packs that were made before there was the first."""
NOT_STATED = "No licence was stated for these weights."
Metadata = Mapping[str, str | list[str]]

_HEAD = re.compile(r"---\n(?P<head>.*?)^---\n*", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"(?P<key>[A-Za-z_][\w-]*):(?: +(?P<value>\S.*))?")
_PLAIN = re.compile(r"[A-Za-z][\w./ -]*[\w.]|[A-Za-z]")
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


class Card(NamedTuple):
    """A model card."""

    file: str | None
    """The name of its file; None if there is none."""
    metadata: Metadata
    text: str
    head: str = ""
    """The metadata as it is written."""


def read_card(pack: Path) -> Card:
    """The card of the pack in a folder. Raises SentikitError if it is too large or not UTF-8."""
    for name in (CARD, OLD_CARD):
        if file_of(pack, name).exists():
            whole = read_note(pack, name)
            found = _HEAD.match(_with_end(whole))
            return Card(name, *split_card(whole), found["head"] if found else "")
    return Card(None, {}, "")


def split_card(text: str) -> tuple[dict[str, str | list[str]], str]:
    """The metadata, and the text below it. What is not understood of the metadata is left out."""
    text = _with_end(text)
    found = _HEAD.match(text)
    if found is None:
        return {}, text.strip()
    metadata: dict[str, str | list[str]] = {}
    key = ""
    for line in found["head"].splitlines():
        if entry := _LINE.fullmatch(line.rstrip()):
            key = entry["key"]
            metadata[key] = _read(entry["value"]) if entry["value"] else []
        elif (item := line.strip()).startswith("- ") and isinstance(values := metadata.get(key), list):
            values.append(_text(item[2:]))
    return metadata, text[found.end() :].strip()


def _with_end(text: str) -> str:
    return text.replace("\r\n", "\n") + "\n"


def _read(value: str) -> str | list[str]:
    if value.startswith("[") and value.endswith("]"):
        return [_text(item) for item in value[1:-1].split(",") if item.strip()]
    return _text(value)


def _text(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def written_card(metadata: Metadata, text: str, head: str = "") -> str:
    """The card's file: the metadata, then the text as it is.

    head: metadata as it is written elsewhere, kept to the letter but for the keys that `metadata` has.
    """
    lines: list[str] = []
    for key, value in metadata.items():
        if isinstance(value, str):
            lines.append(f"{key}: {_quoted(value)}")
        else:
            lines += [f"{key}:", *(f"- {_quoted(item)}" for item in value)]
    lines += head_without(head, metadata)
    return "---\n" + "".join(f"{line}\n" for line in lines) + f"---\n\n{text}"


def head_without(head: str, keys: Container[str]) -> list[str]:
    """The lines of a head that do not belong to one of the keys."""
    kept: list[str] = []
    belongs = False
    for line in head.splitlines():
        if entry := _LINE.match(line):
            belongs = entry["key"] in keys
        if not belongs:
            kept.append(line)
    return kept


def _quoted(value: str) -> str:
    """As it is where YAML takes it for a text, else in quotes."""
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML
    return value if plain else json.dumps(value, ensure_ascii=False)


def metadata_of(config: Mapping[str, Any], license: str) -> dict[str, str | list[str]]:
    """What the hub is told of a pack by default.

    config: the pack's. license: the text of its LICENSE.
    """
    captions = any(model["kind"] == "captioner" for model in config["models"].values())
    stated: dict[str, str | list[str]] = {"license": "unknown"}
    if license.strip() not in ("", NOT_STATED):
        stated = {"license": "other", "license_name": "see-license", "license_link": "LICENSE"}
    return stated | {
        "library_name": "sentikit",
        "pipeline_tag": "image-to-text" if captions else "image-classification",
        "tags": ["sentikit", *sorted({f"{model['kind']}" for model in config["models"].values()})],
    }
