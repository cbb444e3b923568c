"""What in a text is prose: not an address, markup, an entity, a quotation or writing in capitals on a sign."""

from __future__ import annotations

import re

from .abbreviations import ABBREVIATIONS

_ENTITY = re.compile(r"&(?:#(\d{1,6})|#[xX]([0-9a-fA-F]{1,5})|(apos|quot|amp|nbsp|lt|gt|rsquo|lsquo|ldquo|rdquo));")
_NAMED = {"apos": "'", "quot": '"', "amp": "&", "nbsp": " ", "rsquo": "'", "lsquo": "'", "ldquo": '"', "rdquo": '"'}
_INVISIBLE = re.compile("[\ufeff\u200b-\u200d\u2060\xad]")
_TAG = re.compile(r"</?[a-zA-Z][\w:.-]*(?:\s[^<>]*)?/?>|<[\w.]+:[^<>\s]*>|\[/?[a-zA-Z*]+(?:=[^\]]*)?\]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,!?:;)]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[@#][^\W\d]\w+")
_FILE = re.compile(r"\b[\w-]+\.(?:com|org|net|jpe?g|png|gif|html?|pdf|mp4|io)\b(?:/\S*)?", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\W\d_])[;|](?=[^\W\d_])")
_WITH = re.compile(r"(?<!\w)w/(?=\s)", re.IGNORECASE)

# A quotation mark opens before a word and closes after one; an apostrophe inside a word does neither.
_TOKENIZED = re.compile(r"``[^`]+?(?:''|\")")
_SINGLE_QUOTED = re.compile(
    r"(?<![\w'’])['`‘]{1,2}(?!(?:s|re|ve|ll|d|m|t)\b)(?=\w)(?:[^'’`\n]|(?<=\w)['’](?=\w))+?(?<!\s)['’]{1,2}(?!\w)"
)
_CODE = re.compile(r"`[^`\n]+`")
_MUTUAL = re.compile(r"\b(\w+)[-‐](?:to|in|by|and|for|on|after)[-‐]\1\b", re.IGNORECASE)
_SHOUTED = re.compile(r"(?<![\w'’])[A-Z][A-Z'’]+(?:[ ,&!?-]+(?:[A-Z][A-Z'’]*))+(?![\w'’])")
_SPECIAL = re.compile(r"[&<\[@#/`'‘’‐-]|\w\.\w|[A-Z]{2}")

Span = tuple[int, int]


def readable(text: str) -> str:
    """`text` as prose, of the same length: entities as their characters, and blanks for markup and invisible marks."""
    if not text.isascii():
        text = _INVISIBLE.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" in text or "[" in text:
        text = _TAG.sub(_blank, text)
    if ";" in text or "|" in text:
        text = _GLUED.sub(" ", text)
    return _WITH.sub("in", text) if "/" in text else text


def _character(entity: re.Match[str]) -> str:
    """The character of an entity behind blanks, so that the text keeps its length."""
    decimal, hexadecimal, name = entity.groups()
    if name:
        character = _NAMED.get(name, " ")
    else:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        character = chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else " "
    return character.replace("’", "'").rjust(len(entity.group()))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def without_addresses(text: str) -> str:
    """`text` with blanks for addresses and markup, of the same length."""
    # Most captions have none of these, and a closer look takes longer than the rest of what is done to them.
    marked = "<" in text or "[" in text or "@" in text or "#" in text or ":" in text
    if not marked and not -1 < text.find(".") < len(text) - 2:
        return text
    for rule in (_TAG, _ADDRESS, _FILE):
        text = rule.sub(_blank, text)
    return text


def untouchable(text: str) -> list[Span]:
    """Where nothing may be put in: addresses, markup, quotations, and what is written in capitals among small letters.

    What stands in double quotation marks is not among them.
    """
    if not _SPECIAL.search(text):
        return []
    found = [match.span() for match in _ADDRESS.finditer(text)]
    found += [
        match.span() for rule in (_TAG, _FILE, _ENTITY, _CODE, _TOKENIZED, _MUTUAL) for match in rule.finditer(text)
    ]
    if any(mark in text for mark in "'’`‘"):
        found += [match.span() for match in _SINGLE_QUOTED.finditer(text) if not _is_owner(text, match)]
    if sum(map(str.islower, text)) > 3 and not text.isupper():
        found += [match.span() for match in _SHOUTED.finditer(text) if not _is_abbreviated(match.group())]
    return found


def _is_owner(text: str, match: re.Match[str]) -> bool:
    """Whether what looks like a closing mark is the apostrophe of "the dogs' bed"."""
    return match.group().endswith(("s'", "s’")) and match.group().count(" ") > 8


def _is_abbreviated(words: str) -> bool:
    """Whether capitals are abbreviations alone: "a TV, DVD and PC"; or a pronoun or an article among them."""
    found = re.findall(r"[A-Z]+", words)
    return all(word.lower() in ABBREVIATIONS or len(word) == 1 for word in found)


def touches(spans: list[Span], at: int) -> bool:
    """Whether the offset `at` is inside one of `spans`."""
    return any(start <= at < end for start, end in spans)
