"""Reads the documentation, so that tests can hold it against the code."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def code_blocks(document: str, language: str) -> dict[str, str]:
    """The fenced blocks of `language` by the line where they begin, ``"12: register_taggers(register)"``."""
    blocks: dict[str, str] = {}
    heading = ""
    lines = (DOCS / document).read_text("utf-8").splitlines()
    start: int | None = None
    for number, line in enumerate(lines):
        if start is not None and line == "```":
            blocks[f"{start}: {heading}"] = "\n".join(lines[start:number]) + "\n"
            start = None
        elif start is None and line.startswith("#"):
            heading = line.lstrip("# ").strip("`")
        elif line == f"```{language}":
            start = number + 1
    return blocks


def section(document: str, heading: str) -> str:
    """The text below a heading, up to the next of the same or a higher level."""
    text = (DOCS / document).read_text("utf-8")
    level = heading.split()[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/{document} has no heading {heading!r}"
    return found.group(1)


def headings(text: str, level: int) -> list[str]:
    """The headings of a level, without their marks."""
    return [line.strip("`") for line in re.findall(rf"^{'#' * level} (.*)$", text, re.MULTILINE)]


def listed_code(text: str) -> list[str]:
    """The code that the items of a list begin with."""
    return re.findall(r"^\* `([^`]+)`", text, re.MULTILINE)
