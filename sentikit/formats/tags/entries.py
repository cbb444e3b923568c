"""A tag as JSON: read and checked, and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...anp import ANP, Tag
from ...io.messages import show
from ..coco.captions import ImageId

HEADER = "sentikit"
"""The key of a header line, with the settings that the tags were made with."""


def parse_tag(entry: Any) -> Tag:
    """Raises ValueError, with the end of a sentence, where `entry` is no tag."""
    if isinstance(entry, str):
        return Tag(parse_anp(entry))
    if not isinstance(entry, dict):
        raise ValueError("it is neither an object nor text")
    for key in ("adjective", "noun"):
        if key not in entry:
            raise ValueError(f"it has no {key}")
    anp = checked_anp(entry["adjective"], entry["noun"])
    probability = entry.get("probability")
    if probability is None:
        return Tag(anp)
    if type(probability) not in (int, float) or not 0 <= probability <= 1:
        raise ValueError(f"its probability {show(probability)} is not a number from 0 to 1")
    return Tag(anp, float(probability))


def checked_anp(adjective: Any, noun: Any) -> ANP:
    """The ANP of two words. Raises ValueError, with the end of a sentence, where one of them is not a single word."""
    for name, word in (("adjective", adjective), ("noun", noun)):
        if not isinstance(word, str) or len(word.split()) != 1 or not word.strip().isprintable():
            raise ValueError(f"its {name} {show(word)} is not one word")
    return ANP(adjective.strip().lower(), noun.strip().lower())


def parse_anp(text: Any) -> ANP:
    """The ANP of ``"misty morning"``. Raises ValueError, with the end of a sentence, where it is not two words."""
    words = text.split() if isinstance(text, str) else ()
    if len(words) != 2 or not all(map(str.isprintable, words)):
        raise ValueError("it is not an adjective and a noun")
    return ANP(words[0].lower(), words[1].lower())


def tag_line(
    image_id: ImageId | None,
    file_name: str | None,
    tags: Sequence[Tag],
    insertable: Callable[[ANP], bool] | None = None,
) -> dict[str, Any]:
    """An image's line of a tag file: the short form where only ranks are known, else with probabilities.

    Probabilities are given to six significant digits, and attention maps are left out.
    insertable: whether a text may get an ANP; those that none may get are marked.
    """
    if all(tag.probability is None for tag in tags):
        anps: list[Any] = [str(tag.anp) for tag in tags]
    else:
        anps = [
            {"adjective": tag.adjective, "noun": tag.noun, "probability": _rounded(tag.probability)}
            | ({} if insertable is None or insertable(tag.anp) else {"insertable": False})
            for tag in tags
        ]
    named = {"image_id": image_id, "file_name": file_name}
    return {key: value for key, value in named.items() if value is not None} | {"anps": anps}


def header_line(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The first line of a tag file, with the tagger, the pack and the settings that made it."""
    return {HEADER: dict(settings)}


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else float(f"{probability:.6g}")
