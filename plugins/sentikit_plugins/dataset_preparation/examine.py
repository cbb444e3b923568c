"""Looks at every image once: whether it can be read, how large it is, and what of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sentikit import ANP
from sentikit.images import ImageFacts, ImageProblem, examine_image, prefetch

from .check_log import CheckLog
from .classes import Source

OK = "ok"
SMALL = "small"
NOT_RGB = "not-rgb"
UNREADABLE = "unreadable"

_AHEAD = 32
"""Results a thread may be ahead of the log by."""


class Rules(NamedTuple):
    """What an image must be: its shorter side at least so many pixels and, where `rgb_only`, of RGB pixels."""

    min_side: int = 224
    rgb_only: bool = False


def examine_images(source: Source, rules: Rules, log: CheckLog, jobs: int, progress: Callable[[int], None]) -> int:
    """Examine the images that `log` does not have, in `jobs` threads, and append what is found to it; how many.

    Images that their head shows to be too small are not decoded; the others are, once.
    """

    def examine(file: tuple[ANP, str]) -> dict[str, Any]:
        return _line(source, rules, *file)

    progress(log.done)
    files = source.files()
    for _ in range(log.done):
        next(files)
    examined = 0
    lines = prefetch(examine, files, jobs, _AHEAD * jobs)
    try:
        for line in lines:
            log.append(line)
            examined += 1
            progress(1)
    finally:
        lines.close()
    return examined


def _line(source: Source, rules: Rules, anp: ANP, name: str) -> dict[str, Any]:
    """A line of the manifest, but for its split."""
    line = {"file_name": name, "adjective": anp.adjective, "noun": anp.noun}
    try:
        facts = examine_image(source.path / name, lambda facts: _status(facts, rules) == OK)
    except ImageProblem as problem:
        return line | {"status": UNREADABLE, "reason": problem.reason}
    return line | {"status": _status(facts, rules)} | facts._asdict()


def _status(facts: ImageFacts, rules: Rules) -> str:
    if min(facts.width, facts.height) < rules.min_side:
        return SMALL
    if rules.rgb_only and facts.mode != "RGB":
        return NOT_RGB
    return OK
