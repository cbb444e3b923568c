"""Pictures that a folder holds and sentikit does not read: counted by kind, and named with what to do about them."""

from __future__ import annotations

import os
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from ..io.messages import count, first, verb_for
from ..io.paths import shown

HEIF = (".heic", ".heif", ".hif", ".heics", ".heifs")
"""What phones call HEIF photographs, which the extra 'heif' reads."""
HEIF_EXTRA = "pip install 'sentikit-captions[heif]'"
_RAW = (
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".gpr", ".iiq", ".kdc", ".mef", ".mos", ".mrw"),
    *(".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"),
)
_OTHERS = (
    *(".ai", ".cdr", ".djv", ".djvu", ".emf", ".eps", ".pdf", ".ps", ".svg", ".svgz", ".wmf", ".xps"),
    *(".dds", ".exr", ".fits", ".hdr", ".icns", ".ico", ".insp", ".jng", ".jxl", ".jxr", ".pcx", ".pict", ".psb"),
    *(".psd", ".sgi", ".tga", ".wdp", ".xbm", ".xcf", ".xpm"),
)
_PICTURES = frozenset((*HEIF, *_RAW, *_OTHERS))
_NAMED = 3
"""Kinds that a sentence names one by one."""


def can_read_heif() -> bool:
    """Whether the extra 'heif' is installed."""
    return find_spec("pillow_heif") is not None


class LeftOut:
    """Counts the pictures that a search of folders passed over."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._first: dict[bool, Path] = {}

    def add(self, path: Path) -> None:
        """Count a file that is not read, if its name is that of a picture or of a document with pictures."""
        suffix = path.suffix.lower()
        if suffix in _PICTURES and (place := os.path.abspath(path)) not in self._seen:
            self._seen.add(place)
            self._counts[suffix] += 1
            self._first.setdefault(suffix in HEIF, path)

    def __len__(self) -> int:
        return self._counts.total()

    def sentence(self) -> str:
        """How many there are of each kind, an example, and what to do; empty if there are none."""
        remedies = {True: f"to read them, {HEIF_EXTRA}", False: "convert them to JPEG or PNG"}
        groups = [
            f"{self._kinds(heif)}, such as {shown(path)} ({remedies[heif]})"
            for heif, path in sorted(self._first.items(), reverse=True)
        ]
        what = f"{count(len(self), 'picture')} of other formats {verb_for(len(self), 'was', 'were')} left out"
        return f"{what}: {'; '.join(groups)}." if groups else ""

    def _kinds(self, heif: bool) -> str:
        """``3 .heic, 1 .heif``"""
        kinds = [(suffix, number) for suffix, number in self._counts.most_common() if (suffix in HEIF) == heif]
        return first([f"{number:,} {suffix}" for suffix, number in kinds], _NAMED, ", ")
