"""The mark that an update leaves on an annotation, and how it is taken off again."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ...anp import ANP, Tag
from ...caption import Edit, Rewrite, apply_edits, undo_edits
from ...io.messages import MISSING, Problem

KEY: Final = "sentikit"
"""The key of the mark on an annotation, and of the settings of the run at the top of the file."""

_EDIT_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "start": (int,),
    "end": (int,),
    "before": (str,),
    "after": (str,),
    "adjective": (str,),
    "noun": (str,),
    "probability": (float, int, type(None)),
}


class Mark(NamedTuple):
    """What an update did to a caption."""

    original: str
    edits: tuple[Edit, ...]


class Restored(NamedTuple):
    """A document with the marks taken off.

    captions: how many captions are the original again.
    changed: captions that someone changed after the update; they are left as they are.
    foreign: values under the key of the mark that sentikit did not write; they are left as they are.
    """

    document: dict[str, Any]
    captions: int
    changed: list[Problem]
    foreign: list[Problem]


def mark_updated(annotation: dict[str, Any], rewrite: Rewrite) -> None:
    """Give a COCO annotation its new caption and the mark, in place. A rewrite without edits leaves it as it is.

    Raises ValueError where the edits do not turn the annotation's caption into the new text, or it has a mark already.
    """
    original = annotation["caption"]
    if apply_edits(original, rewrite.edits) != rewrite.text:
        raise ValueError(f"the edits of {original!r} do not give {rewrite.text!r}")
    if not rewrite.edits:
        return
    if KEY in annotation:
        raise ValueError(f"the annotation has the key {KEY!r} already")
    annotation["caption"] = rewrite.text
    annotation[KEY] = {"original": original, "edits": [edit_entry(edit) for edit in rewrite.edits]}


def edit_entry(edit: Edit) -> dict[str, Any]:
    """An edit as JSON: in updated files, and in what `sentikit caption` writes."""
    start, end, before, after, ((adjective, noun), probability, _) = edit
    return {
        "start": start,
        "end": end,
        "before": before,
        "after": after,
        "adjective": adjective,
        "noun": noun,
        "probability": probability,
    }


def read_mark(value: Any) -> Mark:
    """The mark, from the value of an annotation's key `sentikit`. Raises ValueError where it is something else."""
    if isinstance(value, dict) and isinstance(value.get("original"), str) and isinstance(value.get("edits"), list):
        edits = value["edits"]
        if all(isinstance(edit, dict) and _is_edit(edit) for edit in edits):
            return Mark(value["original"], tuple(map(_read_edit, edits)))
    raise ValueError("it was not written by sentikit, or it is damaged; rename or remove it")


def _is_edit(edit: dict[str, Any]) -> bool:
    return all(type(edit.get(key, MISSING)) in types for key, types in _EDIT_TYPES.items())


def _read_edit(edit: dict[str, Any]) -> Edit:
    tag = Tag(ANP(edit["adjective"], edit["noun"]), edit["probability"])
    return Edit(edit["start"], edit["end"], edit["before"], edit["after"], tag)


def restore_document(document: dict[str, Any]) -> Restored:
    """A copy of an updated COCO document as it was before the update, with its keys in the same order.

    A caption is restored where the stored original and the edits agree. The settings of the run go with the last mark.
    """
    annotations: list[Any] = []
    restored = 0
    changed: list[Problem] = []
    foreign: list[Problem] = []
    for index, annotation in enumerate(document["annotations"]):
        if isinstance(annotation, dict) and KEY in annotation:
            place, caption = f"annotations[{index}]", annotation.get("caption", MISSING)
            try:
                mark = read_mark(annotation[KEY])
            except ValueError as error:
                foreign.append(Problem(place, KEY, annotation[KEY], str(error)))
            else:
                if leads_back(caption, mark):
                    annotation = {**annotation, "caption": mark.original}
                    del annotation[KEY]
                    restored += 1
                else:
                    changed.append(Problem(place, "caption", caption, "it was changed after the update"))
        annotations.append(annotation)
    document = {**document, "annotations": annotations}
    if not changed and isinstance(document.get(KEY), dict):
        del document[KEY]
    return Restored(document, restored, changed, foreign)


def leads_back(caption: Any, mark: Mark) -> bool:
    """Whether the edits alone, undone in `caption`, give the stored original."""
    try:
        return isinstance(caption, str) and undo_edits(caption, mark.edits) == mark.original
    except ValueError:
        return False
