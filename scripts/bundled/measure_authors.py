"""Recall@20 of the paper authors' tags: measure_authors.py TAGS AUTHORS.

A one-word tag of theirs is one that cannot be found: it counts as missed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def lines(path: Path) -> dict[int, set[str]]:
    """The tags of each image, as text."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {
        row["image_id"]: {anp if isinstance(anp, str) else f"{anp['adjective']} {anp['noun']}" for anp in row["anps"]}
        for row in rows
        if "image_id" in row
    }


if __name__ == "__main__":
    ours, theirs = lines(Path(sys.argv[1])), lines(Path(sys.argv[2]))
    found = sum(len(anps & ours.get(image, set())) for image, anps in theirs.items())
    print(
        f"recall@20 of {sum(map(len, theirs.values())):,} tags of {len(theirs)} photographs: "
        f"{found / sum(map(len, theirs.values())):.4f}"
    )
