"""Writes the manifest of a source: every image with its ANP, its split, and whether it can be used."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sentikit import ANP, SentikitError
from sentikit.io.files import atomic_write
from sentikit.io.paths import shown

from .check_log import CheckLog
from .classes import Source
from .examine import OK
from .splits import Shares, split_names

NO_TRAINING_IMAGE = "no-training-image"
"""The status of sound images whose class was dropped, as its shares give it no training image."""


@dataclass
class Counts:
    """What a manifest holds. The statuses add up to its lines, and the splits to the status ``ok``."""

    statuses: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    not_rgb: int = 0
    kept: int = 0
    dropped: list[ANP] = field(default_factory=list)

    def add(self, line: dict[str, Any]) -> None:
        """Count a line of the manifest."""
        self.statuses[line["status"]] += 1
        if line["status"] == OK:
            self.splits[line["split"]] += 1
            self.not_rgb += line["mode"] != "RGB"


def write_manifest(path: Path, source: Source, log: CheckLog, shares: Shares, seed: int, *, force: bool) -> Counts:
    """Split each class, write the manifest from the finished log, and count; one class at a time is in memory.

    The log is removed when the run is over. Raises SentikitError, and writes nothing, where no class has a training
    image; the run is over then, too.
    """
    counts = Counts()
    lines = log.lines()
    with atomic_write(path, force=force) as handle:
        for cls in source.classes:
            for line in _split_class(list(islice(lines, len(cls.images))), cls.anp, shares, seed, counts):
                handle.write(json.dumps(line) + "\n")
                counts.add(line)
        if not counts.kept:
            found = ", ".join(f"{number:,} {status}" for status, number in counts.statuses.most_common())
            log.remove()
            raise SentikitError(
                f"Nothing was written: no class of {shown(source.path)} has a training image ({found})."
            )
    log.remove()
    return counts


def _split_class(
    lines: list[dict[str, Any]], anp: ANP, shares: Shares, seed: int, counts: Counts
) -> Iterator[dict[str, Any]]:
    """The lines of a class with their splits; without a training image, the class is dropped."""
    splits = split_names((line["file_name"] for line in lines if line["status"] == OK), shares, seed)
    if "train" in splits.values():
        counts.kept += 1
        for line in lines:
            split = splits.get(line["file_name"])
            yield {**_label(line), "split": split, **line} if split else line
    else:
        counts.dropped.append(anp)
        for line in lines:
            yield line | {"status": NO_TRAINING_IMAGE} if line["status"] == OK else line


def _label(line: dict[str, Any]) -> dict[str, Any]:
    """The keys that stand before the split."""
    return {key: line[key] for key in ("file_name", "adjective", "noun")}
