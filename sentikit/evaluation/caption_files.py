"""Captions to evaluate and references, from files of any format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from ..formats.coco import ImageId
from ..io.paths import base_name, id_of_stem
from ..pipelines.caption_files import FormatChoice, open_captions
from ..pipelines.jobs.check_file import marked_captions
from ..plugin.loader import Plugins
from .captions import read_references
from .predictions import Prediction, Predictions, is_own, only_texts, read_predictions

Warn = Callable[[str], None]


class References(NamedTuple):
    """The human captions of each image, and the images' file names, as far as they are known."""

    captions: Mapping[ImageId, list[str]]
    names: Mapping[ImageId, str]


def predictions_of(plugins: Plugins, path: Path, form: FormatChoice, references: References, warn: Warn) -> Predictions:
    """The captions of a file by image, with the edits if it was updated.

    Images are those of the references by id, else by file name.
    Raises SentikitError if an image has several captions and the file was not updated.
    """
    if form == FormatChoice() and is_own(path):
        return read_predictions(path, warn)
    chosen, source = open_captions(plugins, path, form)
    if chosen.format.is_coco:
        return read_predictions(path, warn)
    keys = _Keys(references)
    found: dict[ImageId, list[Prediction]] = {}
    updated = False
    for caption in marked_captions(path, chosen, source):
        key = keys.of(caption.image_id, caption.file_name)
        mark = caption.mark
        updated = updated or mark is not None
        one = Prediction(caption.text) if mark is None else Prediction(caption.text, mark.original, mark.edits)
        found.setdefault(key, []).append(one)
    for sentence in source.notes.warnings():
        warn(sentence)
    if not updated:
        only_texts(path, found)
        return found
    return {
        key: [Prediction(one.text, one.text, ()) if one.plain is None else one for one in captions]
        for key, captions in found.items()
    }


def references_of(plugins: Plugins, path: Path, form: FormatChoice, warn: Warn) -> References:
    """The captions of each image of a file."""
    chosen, source = open_captions(plugins, path, form)
    names: dict[ImageId, str] = {}
    found: dict[ImageId, list[str]] = {}
    for batch in source.batches():
        for record in batch.records():
            key = record.image_id if record.image_id is not None else record.file_name or ""
            found.setdefault(key, []).append(record.text)
            if record.file_name is not None:
                names[key] = record.file_name
    if chosen.format.is_coco:
        return References(read_references(path, warn), names)
    for sentence in source.notes.warnings():
        warn(sentence)
    return References(found, names)


class _Keys:
    """The image of the references that an id or a name stands for."""

    def __init__(self, references: References) -> None:
        self._captions = references.captions
        self._by_name = {name: key for key, name in references.names.items()}
        self._by_base = _unique((base_name(name), key) for key, name in references.names.items())

    def of(self, identity: ImageId | None, name: str | None) -> ImageId:
        """The image's id among the references; if it is not there, the id or the name itself."""
        if identity is not None and (identity in self._captions or name is None):
            return identity
        if name is None:
            return ""
        for found in (self._by_name.get(name), self._by_base.get(base_name(name))):
            if found is not None:
                return found
        stem = base_name(name).rpartition(".")[0] or name
        own: ImageId = id_of_stem(stem)
        if own in self._captions and own not in self._by_name.values():
            return own
        return name if identity is None else identity


def _unique(pairs: Iterable[tuple[str, ImageId]]) -> dict[str, ImageId]:
    """What each name alone stands for."""
    found: dict[str, ImageId | None] = {}
    for name, key in pairs:
        found[name] = None if name in found else key
    return {name: key for name, key in found.items() if key is not None}
