"""PNG files without the texts that Pillow refuses as too long, so that their pixels can be decoded."""

from __future__ import annotations

import os
import struct
from typing import IO

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COMPRESSED = (b"zTXt", b"iCCP")
_KEPT = 1 << 20
"""Bytes of text that are kept."""


def without_long_texts(file: IO[bytes]) -> bytes | None:
    """The file without its compressed texts and colour profile, and without more than a megabyte of other text.

    Nothing is decompressed. None if the file is no PNG or has nothing of the kind.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    kept = bytearray(file.read(len(_SIGNATURE)))
    if kept != _SIGNATURE:
        return None
    left, dropped = _KEPT, False
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        end = min(file.tell() + length + 4, size)  # a checksum follows; a broken file says anything
        if kind in _COMPRESSED or (kind in (b"tEXt", b"iTXt") and length > left):
            file.seek(end)
            dropped = True
            continue
        body = file.read(end - file.tell())
        if kind == b"iTXt" and _is_compressed(body):
            dropped = True
            continue
        left -= length if kind in (b"tEXt", b"iTXt") else 0
        kept += head + body
    return bytes(kept) if dropped else None


def _is_compressed(body: bytes) -> bool:
    """The flag behind the keyword of an international text."""
    return body[body.find(b"\0") + 1 : body.find(b"\0") + 2] != b"\0"
