"""Made results for the tests of reports, and the data of a report read back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.made_images import save_scene

HOSTILE = '</script><script>document.title="broken"</script><img src=x onerror=\'document.title="broken"\'>&amp;"`${1}'
"""Text that would do something in a page that does not escape it."""

MAPS = {"words": ["a", "dog"], "maps": [[[0.7, 0.1, 0.1], [0.1, 0.0, 0.0]], [[0, 0, 0], [0, 0, 1]]]}


def edit(text: str, word: str, noun: str, probability: float | None = 0.5) -> dict[str, Any]:
    """`word` put before `noun`, where it first stands in `text`."""
    start = text.index(noun)
    return {
        "start": start, "end": start, "before": "", "after": f"{word} ",
        "adjective": word.lower(), "noun": noun, "probability": probability,
    }  # fmt: skip


def line(number: int, plain: str = "a dog on a street", word: str | None = "happy", **more: Any) -> dict[str, Any]:
    """A line of `sentikit caption --jsonl`: a dog with an adjective, or without."""
    edits = [edit(plain, word, "dog")] if word and "dog" in plain else []
    caption = plain.replace("dog", f"{word} dog", 1) if word else plain
    anps = [
        {"adjective": "happy", "noun": "dog", "probability": 0.5},
        {"adjective": "wet", "noun": "street", "probability": 0.25},
    ]
    known = {"image_id": number, "file_name": f"{number}.png", "caption": caption, "plain": plain}
    return {**known, "log_probability": -2.5, "edits": edits, "anps": anps, **more}


def save_lines(path: Path, *lines: Mapping[str, Any], header: bool = True) -> Path:
    """A file of such lines."""
    first = [{"sentikit": {"captioner": "toy", "combiner": "toy"}}] if header else []
    path.write_text("".join(json.dumps(one) + "\n" for one in [*first, *lines]))
    return path


def save_photos(folder: Path, numbers: range) -> Path:
    """A photograph for each number."""
    for number in numbers:
        save_scene(folder / f"{number}.png")
    return folder


def calls(script: str) -> dict[str, list[Any]]:
    """What data files hand to the page: the arguments of each call, by its function."""
    found = re.findall(r"^report\.(\w+)\((.*)\);$", script, re.M)
    return {name: json.loads(f"[{arguments}]") for name, arguments in found}


def data_of(folder: Path) -> dict[str, list[Any]]:
    """All calls of the data files of a report."""
    return calls("".join(path.read_text() for path in sorted((folder / "data").iterdir())))


def text_of(caption: list[Any]) -> str:
    """A caption of a row, its pieces joined."""
    return "".join(piece if isinstance(piece, str) else piece[0] for piece in caption[0])
