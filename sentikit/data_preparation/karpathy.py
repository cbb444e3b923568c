"""Karpathy's splits (`dataset_coco.json` and its like) as COCO captions documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..coco import MISSING, Problem
from ..errors import SentikitError
from ..paths import shown

SPLITS = ("train", "restval", "val", "test")


def is_karpathy(document: Any) -> bool:
    """Whether a JSON document is in Karpathy's format: its captions are the `sentences` of its images."""
    images = document.get("images") if isinstance(document, dict) and "annotations" not in document else None
    return isinstance(images, list) and any(isinstance(image, dict) and "sentences" in image for image in images)


def split_karpathy(path: Path, document: dict[str, Any], *, join_restval: bool) -> dict[str, dict[str, Any]]:
    """A COCO captions document for each split that the file has; in the file's order.

    An image's id is its `cocoid` or, where the file has none, its `imgid`; a caption's is its `sentid` or, where the
    file has none, its place in the file. All other keys are kept, but for `tokens`.
    join_restval: put the images of `restval` among those of `train`.
    Raises SentikitError, with the place and the value, at the first problem.
    """
    images: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    annotations: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    id_key = "cocoid" if "cocoid" in document["images"][0] else "imgid"
    seen: set[Any] = set()
    captions = 0
    for index, entry in enumerate(document["images"]):
        problem = _image_problem(f"images[{index}]", entry, id_key, seen)
        if problem:
            raise SentikitError(f"{shown(path)}: {problem}.")
        seen.add(entry[id_key])
        split = "train" if join_restval and entry["split"] == "restval" else entry["split"]
        images[split].append(_image(entry, id_key))
        for sentence in entry["sentences"]:
            annotations[split].append(_annotation(sentence, entry[id_key], captions))
            captions += 1
    others = {key: value for key, value in document.items() if key != "images"}
    return {
        split: others | {"images": images[split], "annotations": annotations[split]}
        for split in SPLITS
        if images[split]
    }


def _image(entry: dict[str, Any], id_key: str) -> dict[str, Any]:
    """The file name is the path below the folder of all photographs, where the file has one."""
    folder, name = entry.get("filepath"), entry["filename"]
    rest = {key: value for key, value in entry.items() if key not in ("sentences", "sentids", "id", "file_name")}
    return {"id": entry[id_key], "file_name": f"{folder}/{name}" if folder else name} | rest


def _annotation(sentence: dict[str, Any], image: int | str, place: int) -> dict[str, Any]:
    used = ("raw", "sentid", "tokens", "imgid", "id", "image_id", "caption")
    rest = {key: value for key, value in sentence.items() if key not in used}
    return {"id": sentence.get("sentid", place), "image_id": image, "caption": sentence["raw"]} | rest


def _image_problem(place: str, entry: Any, id_key: str, seen: set[Any]) -> Problem | None:
    if not isinstance(entry, dict):
        return Problem(place, "", entry, "it is not an object")
    identity, split, sentences = (entry.get(key, MISSING) for key in (id_key, "split", "sentences"))
    if type(identity) is not int and type(identity) is not str:
        return Problem(place, id_key, identity, "it is neither a whole number nor text")
    if identity in seen:
        return Problem(place, id_key, identity, "an image before it has the same")
    if split not in SPLITS:
        return Problem(place, "split", split, f"it is none of {', '.join(SPLITS)}")
    if not isinstance(entry.get("filename"), str):
        return Problem(place, "filename", entry.get("filename", MISSING), "it is not text")
    if not isinstance(sentences, list):
        return Problem(place, "sentences", sentences, "it is not a list")
    for index, sentence in enumerate(sentences):
        if not isinstance(sentence, dict) or not isinstance(sentence.get("raw"), str):
            return Problem(f"{place}, sentences[{index}]", "raw", MISSING, "it is no text")
    return None
