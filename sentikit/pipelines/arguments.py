"""What a Python caller gives, checked: numbers and the options of the tag filter."""

from __future__ import annotations

import os
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypedDict, cast

from ..affect.ontology import Ontology
from ..errors import UsageError
from .tag_filter import TagFilter, make_tag_filter

_OTHER_FORMATS = frozenset({".csv", ".jsonl", ".parquet", ".token", ".tsv", ".xmp"})


class FilterOptions(TypedDict, total=False):
    """Which tags may be used; the same options as on the command line.

    top_k: at most this many tags a photograph, the most probable ones (20). min_probability: no tags below it.
    polarity: "any", "positive" or "negative".
    min_valence: no tags that feel weaker than this, from 0 to 1, and none of unknown valence.
    denylist: a file, "none", or None for the bundled one. ontology: a file, or an `Ontology`.
    """

    top_k: int
    min_probability: float | None
    polarity: str
    min_valence: float | None
    denylist: str | os.PathLike[str] | None
    ontology: str | os.PathLike[str] | Ontology | None


def filter_of(options: FilterOptions) -> TagFilter:
    """The filter with these options. Raises SentikitError if there is no such option or a value makes no sense."""
    known = list(FilterOptions.__annotations__)
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}."
            raise UsageError(f"There is no option {name!r}: {hint}")
    given = cast(dict[str, Any], dict(options))
    if "top_k" in given:
        given["top_k"] = whole("top_k", given["top_k"], 1)
    for name in ("min_probability", "min_valence"):
        least = given.get(name)
        if least is not None:
            if not isinstance(least, Real):
                raise UsageError(f"{name} is a number from 0 to 1, not {least!r}.")
            given[name] = float(least)
    for name in ("denylist", "ontology"):
        if given.get(name) is not None and not isinstance(given[name], Ontology):
            given[name] = text_of(name, given[name])
    return make_tag_filter(**given)


def refuse_other_format(captions: object) -> None:
    """Raise UsageError for a folder, and for a file whose name says that its captions are not COCO's."""
    if not isinstance(captions, str | os.PathLike):
        return
    path = Path(captions)
    if path.is_dir() or (path.suffix.lower() in _OTHER_FORMATS and path.exists()):
        raise UsageError(
            f"Python's update takes COCO captions, and {path} is of another format: update it with 'sentikit "
            "update-captions', or make COCO captions of it with 'sentikit convert'."
        )


def whole(name: str, value: Any, least: int) -> int:
    """`value`, of any type of whole number. Raises UsageError unless it is one of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise UsageError(f"{name} is a whole number of at least {least}, not {value!r}.")
    return int(value)


def text_of(name: str, value: object) -> str:
    """A name or path as text. Raises UsageError if it is neither, or empty."""
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name} is a name or a path, not {type(value).__name__}.")
    if not os.fspath(value):
        raise UsageError(f"{name} is empty.")
    return os.fsdecode(value)


def optional_text(name: str, value: object) -> str | None:
    """The same; None stays None."""
    return None if value is None else text_of(name, value)
