"""Karpathy's splits (`dataset_coco.json` and its like) as COCO captions documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentikit import SentikitError
from sentikit.formats.coco import MISSING, Problem
from sentikit.io.paths import shown

SPLITS = ("train", "restval", "val", "test")

_IN_COCO = ("id", "file_name", "image_id", "caption")
"""Keys that the new files have of their own."""


def is_karpathy(document: Any) -> bool:
    """Whether a JSON document is in Karpathy's format: its captions are the `sentences` of its images."""
    images = document.get("images") if isinstance(document, dict) and "annotations" not in document else None
    return isinstance(images, list) and any(isinstance(image, dict) and "sentences" in image for image in images)


def split_karpathy(path: Path, document: dict[str, Any], *, join_restval: bool) -> dict[str, dict[str, Any]]:
    """A COCO captions document for each split that the file has; in the file's order.

    An image's id is its `cocoid` or, where the file has none, its `imgid`; a caption's is its `sentid` or, where the
    file has none, its place in the file. All other keys are kept, but for `tokens`. A photograph that comes several
    times with the same name and split, as in SentiCap, is one image with all its captions.
    join_restval: put the images of `restval` among those of `train`.
    Raises SentikitError, with the place and the value, at the first problem.
    """
    id_key = _id_key(document)
    numbered = any(_has(image["sentences"], "sentid") for image in document["images"] if _has_sentences(image))
    problem = next(_problems(document["images"], id_key, numbered), None)
    if problem:
        raise SentikitError(f"{shown(path)}: {problem}.")
    others = {key: value for key, value in document.items() if key != "images"}
    parts = {split: others | {"images": [], "annotations": []} for split in SPLITS}
    captions = 0
    seen: set[int | str] = set()
    for entry in document["images"]:
        part = parts["train" if join_restval and entry["split"] == "restval" else entry["split"]]
        if entry[id_key] not in seen:
            seen.add(entry[id_key])
            part["images"].append(_image(entry, entry[id_key]))
        for sentence in entry["sentences"]:
            identity = sentence["sentid"] if numbered else captions
            part["annotations"].append(_annotation(sentence, identity, entry[id_key]))
            captions += 1
    return {split: part for split, part in parts.items() if part["images"]}


def count_karpathy(document: dict[str, Any]) -> tuple[int, int]:
    """How many photographs and captions a sound document has."""
    id_key, entries = _id_key(document), document["images"]
    return len({entry[id_key] for entry in entries}), sum(len(entry["sentences"]) for entry in entries)


def _image(entry: dict[str, Any], identity: int | str) -> dict[str, Any]:
    """The file name is the path below the folder of all photographs, where the file has one."""
    folder, name = entry.get("filepath"), entry["filename"]
    rest = {key: value for key, value in entry.items() if key not in ("sentences", "sentids", *_IN_COCO)}
    return {"id": identity, "file_name": f"{folder}/{name}" if folder else name} | rest


def _annotation(sentence: dict[str, Any], identity: int | str, image: int | str) -> dict[str, Any]:
    used = ("raw", "tokens", "sentid", "imgid", *_IN_COCO)
    rest = {key: value for key, value in sentence.items() if key not in used}
    return {"id": identity, "image_id": image, "caption": sentence["raw"]} | rest


def _id_key(document: dict[str, Any]) -> str:
    return "cocoid" if _has(document["images"], "cocoid") else "imgid"


def _has(entries: Any, key: str) -> bool:
    return isinstance(entries, list) and any(isinstance(entry, dict) and key in entry for entry in entries)


def _has_sentences(image: Any) -> bool:
    return isinstance(image, dict) and "sentences" in image


def _problems(images: list[Any], id_key: str, numbered: bool) -> Iterator[Problem]:
    """Whatever would make the new files unsound. After the first, what follows means nothing."""
    names: dict[Any, tuple[Any, ...]] = {}
    captions: set[Any] = set()
    for index, entry in enumerate(images):
        place = f"images[{index}]"
        if not isinstance(entry, dict):
            yield Problem(place, "", entry, "it is not an object")
            return
        yield from _id_problems(place, id_key, entry)
        if (split := entry.get("split", MISSING)) not in SPLITS:
            yield Problem(place, "split", split, f"it is none of {', '.join(SPLITS)}")
        yield from _type_problems(place, "filename", entry, str, "text")
        yield from _type_problems(place, "sentences", entry, list, "a list")
        name = tuple(entry.get(key) for key in ("filepath", "filename", "split"))
        if names.setdefault(entry[id_key], name) != name:
            yield Problem(place, id_key, entry[id_key], "an image before it, of another name or split, has the same")
        for number, sentence in enumerate(entry["sentences"]):
            inner = f"{place}, sentences[{number}]"
            if not isinstance(sentence, dict):
                yield Problem(inner, "", sentence, "it is not an object")
                return
            yield from _type_problems(inner, "raw", sentence, str, "text")
            if numbered:
                yield from _id_problems(inner, "sentid", sentence)
                if sentence["sentid"] in captions:
                    yield Problem(inner, "sentid", sentence["sentid"], "a caption before it has the same")
                captions.add(sentence["sentid"])


def _type_problems(place: str, key: str, entry: dict[str, Any], type_: type, name: str) -> Iterator[Problem]:
    value = entry.get(key, MISSING)
    if not isinstance(value, type_):
        yield Problem(place, key, value, "it is missing" if value is MISSING else f"it is not {name}")


def _id_problems(place: str, key: str, entry: dict[str, Any]) -> Iterator[Problem]:
    value = entry.get(key, MISSING)
    if type(value) is not int and type(value) is not str:
        what = "it is missing" if value is MISSING else "it is neither a whole number nor text"
        yield Problem(place, key, value, what)
