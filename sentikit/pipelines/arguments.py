"""What a Python caller gives, checked: numbers and the options of the tag filter."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import Any, TypedDict, cast

from ..affect.ontology import Ontology
from ..errors import UsageError
from .tag_filter import TagFilter, make_tag_filter


class FilterOptions(TypedDict, total=False):
    """Which tags may be used; the same options as on the command line.

    top_k: at most this many tags a photograph, the most probable ones (20). min_probability: no tags below it.
    polarity: "any", "positive" or "negative".
    denylist: a file, "none", or None for the bundled one. ontology: a file, or an `Ontology`.
    """

    top_k: int
    min_probability: float | None
    polarity: str
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
    given = cast(dict[str, Any], options)
    check_whole("top_k", given.get("top_k", 1), 1)
    least = given.get("min_probability")
    if least is not None and not isinstance(least, int | float):
        raise UsageError(f"min_probability is a number from 0 to 1, not {least!r}.")
    for name, kinds in (("denylist", (str, os.PathLike)), ("ontology", (str, os.PathLike, Ontology))):
        if given.get(name) is not None and not isinstance(given[name], kinds):
            raise UsageError(f"{name} is a file, not {type(given[name]).__name__}.")
    return make_tag_filter(**options)


def check_whole(name: str, value: object, least: int) -> None:
    """Raises UsageError unless `value` is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise UsageError(f"{name} is a whole number of at least {least}, not {value!r}.")
