"""The formats of JSON documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentikit.formats.coco import write_document
from sentikit.formats.interface import CaptionRecord, FileNotes, Recognition, Target
from sentikit.formats.json_units import JsonPath

from .image_ids import ImageIds
from .json_documents import (
    Document,
    Entry,
    JsonDocument,
    UnusableError,
    caption_at,
    image_id_of,
    lost_keys,
    without,
)


def _begins(start: bytes, mark: bytes) -> bytes | None:
    """The beginning of a document that begins with a bracket or brace, in one piece."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text if text.startswith(mark) else None


class CocoResults(JsonDocument):
    """COCO results: a list of generated captions, one or several an image."""

    kind = "a COCO results file"

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """A list whose first entry has an image_id and a caption."""
        text = _begins(start, b"[")
        if text is None:
            return "no"
        first = text.partition(b"}")[0]
        return "yes" if b'"image_id"' in first and b'"caption"' in first else "no"

    def entry(self, entry: dict[str, Any], document: Document, notes: FileNotes) -> Entry:
        """An image_id and a caption."""
        caption_at(entry, "caption")
        others = without(entry, "image_id", "caption", "file_name")
        name = entry.get("file_name")
        return Entry(image_id_of(entry, "image_id"), name if isinstance(name, str) else None, [("caption",)], [others])

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A list of image ids and captions."""
        lost: Counter[str] = Counter()
        ids = ImageIds()
        entries = []
        for record in lost_keys(captions, lost):
            lost["file_name"] += record.file_name is not None
            entries.append({"image_id": ids.of(record), "caption": record.text})
        write_document(path, entries, force=target.force, inputs=target.inputs)
        return +lost


class Karpathy(JsonDocument):
    """Karpathy's splits: the captions are the `raw` sentences of the images."""

    list_path: JsonPath = ("images",)
    kind = "a file in Karpathy's format"

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """An object whose images have sentences."""
        text = _begins(start, b"{")
        return "yes" if text is not None and b'"sentences"' in text and b'"annotations"' not in text else "no"

    def entry(self, entry: dict[str, Any], document: Document, notes: FileNotes) -> Entry:
        """An image with all its sentences."""
        sentences = entry.get("sentences")
        if not isinstance(sentences, list):
            raise UnusableError("sentences", sentences, "it is not a list")
        paths: list[JsonPath] = []
        others = []
        image = without(entry, "sentences", "sentids", "filename", "filepath", "cocoid", "imgid")
        for number, sentence in enumerate(sentences):
            raw = sentence.get("raw") if isinstance(sentence, dict) else None
            if isinstance(raw, str) and raw.strip():
                paths.append(("sentences", number, "raw"))
                own = {"id": sentence["sentid"]} if "sentid" in sentence else {}
                others.append({**image, **own, **without(sentence, "raw", "sentid", "imgid", "tokens")})
        if not paths:
            raise UnusableError("sentences", sentences, "none of them has a caption under 'raw'")
        name, folder = entry.get("filename"), entry.get("filepath")
        file_name = (f"{folder}/{name}" if folder else name) if isinstance(name, str) else None
        return Entry(image_id_of(entry, "cocoid" if "cocoid" in entry else "imgid"), file_name, paths, others)

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """An image for each image, with its captions as sentences; all are of the split that they name, else train."""
        lost: Counter[str] = Counter()
        ids = ImageIds()
        images: dict[int | str, dict[str, Any]] = {}
        for number, record in enumerate(lost_keys(captions, lost, ("split", "id"))):
            identity = ids.of(record)
            image = images.get(identity)
            if image is None:
                name = record.file_name or str(identity)
                split = record.others.get("split", "train")
                key = {"cocoid": identity} if type(identity) is int else {}
                image = images[identity] = {"imgid": len(images), **key, "filename": name, "split": split}
                image |= {"sentences": [], "sentids": []}
            own = record.others.get("id")
            lost["id"] += own is not None and own != number
            sentence = {"raw": record.text, "tokens": re.findall(r"\w+", record.text.lower())}
            image["sentences"].append({**sentence, "imgid": image["imgid"], "sentid": number})
            image["sentids"].append(number)
        document = {"images": list(images.values()), "dataset": "sentikit"}
        write_document(path, document, force=target.force, inputs=target.inputs)
        return +lost


def _is_left_out(entry: Mapping[str, Any], included: Mapping[str, bool], notes: FileNotes) -> bool:
    """Whether one of its flags leaves a caption out, which is counted. included: by flag, whether it does not."""
    for flag, is_included in included.items():
        if entry.get(flag) and not is_included:
            notes.left_out[flag.removeprefix("is_")] += 1
            return True
    return False


class VizWiz(JsonDocument):
    """VizWiz-Captions: a COCO file whose annotations say whether they were rejected or precanned."""

    list_path: JsonPath = ("annotations",)
    kind = "a VizWiz captions file"

    def __init__(self, include_rejected: bool = False, include_precanned: bool = False) -> None:
        self._included = {"is_rejected": include_rejected, "is_precanned": include_precanned}

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By the flags of its annotations, which may come after the images: the file name helps."""
        text = _begins(start, b"{")
        if text is None:
            return "no"
        return "yes" if b'"is_rejected"' in text or b'"is_precanned"' in text or b'"VizWiz_' in text else "no"

    def entry(self, entry: dict[str, Any], document: Document, notes: FileNotes) -> Entry:
        """An annotation, unless it is left out."""
        if _is_left_out(entry, self._included, notes):
            return Entry(None, None, [], [])
        caption_at(entry, "caption")
        identity = image_id_of(entry, "image_id")
        names = document.image_names
        if identity not in names:
            raise UnusableError("image_id", identity, "the list 'images' has no image with this id")
        return Entry(identity, names[identity], [("caption",)], [without(entry, "image_id", "caption")])

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A COCO file with both flags false, unless a caption has its own."""
        lost: Counter[str] = Counter()
        ids = ImageIds()
        images: dict[int | str, dict[str, Any]] = {}
        annotations = []
        kept = ("is_rejected", "is_precanned", "text_detected")
        for number, record in enumerate(lost_keys(captions, lost, (*kept, "id")), 1):
            identity = ids.of(record)
            name = record.file_name or str(identity)
            images.setdefault(identity, {"file_name": name, "id": identity, "text_detected": False})
            flags = {key: record.others.get(key, False) for key in kept}
            own = record.others.get("id")
            lost["id"] += own is not None and own != number
            annotations.append({"caption": record.text, "image_id": identity, "id": number, **flags})
        document = {"images": list(images.values()), "annotations": annotations}
        write_document(path, document, force=target.force, inputs=target.inputs)
        return +lost


class TextCaps(JsonDocument):
    """TextCaps: a list `data` of captions (`caption_str`) with the image's flags."""

    list_path: JsonPath = ("data",)
    kind = "a TextCaps file"

    def __init__(self, include_rejected: bool = False, include_precanned: bool = False) -> None:
        self._included = {"is_rejected": include_rejected, "is_precanned": include_precanned}

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """By the key of its captions."""
        text = _begins(start, b"{")
        return "yes" if text is not None and (b'"caption_str"' in text or b'"textcaps' in text.lower()) else "no"

    def entry(self, entry: dict[str, Any], document: Document, notes: FileNotes) -> Entry:
        """A caption, unless it is left out; its `reference_strs` are the same image's captions and stay as they are."""
        if _is_left_out(entry, self._included, notes):
            return Entry(None, None, [], [])
        caption_at(entry, "caption_str")
        name = entry.get("image_name") or entry.get("image_id")
        others = without(entry, "caption_str", "image_id", "image_name", "caption_tokens", "reference_strs")
        others.pop("reference_tokens", None)
        if "caption_id" in others:
            others["id"] = others.pop("caption_id")
        if "set_name" in others:
            others["split"] = others.pop("set_name")
        file_name = f"{name}.jpg" if isinstance(name, str) and "." not in name else name
        identity = image_id_of(entry, "image_id")
        return Entry(identity, file_name if isinstance(file_name, str) else None, [("caption_str",)], [others])

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A list of captions."""
        lost: Counter[str] = Counter()
        ids = ImageIds()
        entries: list[dict[str, Any]] = []
        for number, record in enumerate(lost_keys(captions, lost, ("split", "id"))):
            identity = ids.of(record)
            own = record.others.get("id")
            lost["id"] += own is not None and own != number
            entries.append(
                {
                    "caption_id": number,
                    "caption_str": record.text,
                    "image_id": str(identity),
                    "image_name": record.file_name or str(identity),
                    "set_name": record.others.get("split", "train"),
                }
            )
        document = {"dataset_type": "train", "dataset_name": "textcaps", "data": entries}
        write_document(path, document, force=target.force, inputs=target.inputs)
        return +lost


class Llava(JsonDocument):
    """LLaVA conversations: the caption is the answer of a conversation with one question."""

    kind = "a LLaVA conversations file"

    def __init__(self, prompt: str = "Describe the image.") -> None:
        self._prompt = prompt

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """A list whose entries have conversations."""
        text = _begins(start, b"[")
        return "yes" if text is not None and b'"conversations"' in text else "no"

    def entry(self, entry: dict[str, Any], document: Document, notes: FileNotes) -> Entry:
        """The one answer. Dialogues with several are no captions; nor are entries without an image."""
        turns = entry.get("conversations")
        if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
            raise UnusableError("conversations", turns, "it is not a list of turns")
        if not isinstance(entry.get("image"), str):
            notes.left_out["without an image"] += 1
            return Entry(None, None, [], [])
        answers = [number for number, turn in enumerate(turns) if turn.get("from") in ("gpt", "assistant")]
        if len(answers) != 1:
            notes.left_out["of dialogues with several answers"] += len(answers)
            return Entry(None, None, [], [])
        caption_at(turns[answers[0]], "value")
        others = without(entry, "image", "conversations")
        return Entry(None, entry["image"], [("conversations", answers[0], "value")], [others])

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """A conversation for each caption: the same question, and the caption as its answer."""
        lost: Counter[str] = Counter()
        entries = []
        for number, record in enumerate(lost_keys(captions, lost, ("id",))):
            lost["image_id"] += record.file_name is not None and record.image_id is not None
            entries.append(
                {
                    "id": str(record.others.get("id", number)),
                    "image": record.file_name or str(record.image_id),
                    "conversations": [
                        {"from": "human", "value": f"<image>\n{self._prompt}"},
                        {"from": "gpt", "value": record.text},
                    ],
                }
            )
        write_document(path, entries, force=target.force, inputs=target.inputs)
        return +lost
