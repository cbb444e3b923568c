"""Whether a caption holds an adjective, by a word list: fast enough to ask of every caption of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_MARKS = b".,;:!?\"'()[]/-"
_PLAIN = bytes.maketrans(bytes(range(65, 91)) + _MARKS, bytes(range(97, 123)) + b" " * len(_MARKS))
"""Capitals in lower case, marks as blanks; on bytes, which is several times as fast as on text."""


def has_adjective(text: str) -> bool:
    """Whether a word of `text` is one that captions use mostly as an adjective (see `adjectives.txt`)."""
    return count_without_adjective([text]) == 0


def count_without_adjective(texts: Sequence[str]) -> int:
    """How many of `texts` hold no such word."""
    together = "\n".join(texts)
    if together.count("\n") >= len(texts):  # some text has a line break of its own
        together = "\n".join(text.replace("\n", " ") for text in texts)
    plain = together.encode("utf-8", "replace").translate(_PLAIN)
    return sum(map(_adjectives().isdisjoint, map(bytes.split, plain.split(b"\n")))) if texts else 0


@cache
def _adjectives() -> frozenset[bytes]:
    lines = files("sentikit.data").joinpath("adjectives.txt").read_bytes().splitlines()
    return frozenset(line for line in lines if not line.startswith(b"#"))
