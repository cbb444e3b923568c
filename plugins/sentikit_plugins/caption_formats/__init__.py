"""The bundled formats of caption files."""

from __future__ import annotations

from typing import Any

from sentikit import Option, Register, hookimpl

_CAPTION = Option("caption-column", str, None, "Column with the caption (also --caption-column).")
_IMAGE = Option("image-column", str, None, "Column that names the image (also --image-column).")
_DELIMITER = Option("delimiter", str, None, "Character between the cells; without it, the header's.")
_REJECTED = Option("include-rejected", bool, False, "Also use captions that were rejected.")
_PRECANNED = Option("include-precanned", bool, False, "Also use captions that workers chose from a list.")


@hookimpl
def register_formats(register: Register) -> None:
    """Register the formats."""
    columns = (_CAPTION, _IMAGE)
    flags = (_REJECTED, _PRECANNED)
    register("coco", _coco, summary="COCO captions JSON", default=True)
    register("coco-results", _coco_results, summary="COCO results JSON: a list of generated captions")
    register("jsonl", _jsonl, summary="JSON lines, with a caption or a list of captions each", options=columns)
    register("csv", _csv, summary="CSV with a header", options=(*columns, _DELIMITER))
    register("tsv", _tsv, summary="tab-separated table with a header", options=columns)
    register("metadata", _metadata, summary="Hugging Face image folder with a metadata.jsonl", options=columns)
    suffix = Option("suffix", str, None, "Suffix of the text files; without it, .txt.", choices=(".txt", ".caption"))
    register("sidecars", _sidecars, summary="text file beside each photograph, a caption a line", options=(suffix,))
    register("token", _token, summary="Flickr's .token: image#number, tab, caption")
    register("karpathy", _karpathy, summary="Karpathy's splits (dataset_coco.json)")
    register("vizwiz", _vizwiz, summary="VizWiz-Captions", options=flags)
    register("textcaps", _textcaps, summary="TextCaps", options=flags)
    prompt = Option("prompt", str, "Describe the image.", "Question of the conversations that are written.")
    register("llava", _llava, summary="LLaVA conversations with one answer each", options=(prompt,))
    register("parquet", _parquet, summary="Parquet with a column of captions", options=columns)
    register("xmp", _xmp, summary="descriptions of photographs (XMP, IPTC), and .xmp files beside them")


def _parquet(**columns: Any) -> Any:
    from .parquet import Parquet

    return Parquet(**columns)


def _xmp() -> Any:
    from .xmp import Xmp

    return Xmp()


def _coco() -> Any:
    from .coco import Coco

    return Coco()


def _coco_results() -> Any:
    from .documents import CocoResults

    return CocoResults()


def _jsonl(**columns: Any) -> Any:
    from .json_lines import JsonLines

    return JsonLines(**columns)


def _metadata(**columns: Any) -> Any:
    from .metadata import Metadata

    return Metadata(**columns)


def _csv(caption_column: str | None, image_column: str | None, delimiter: str | None) -> Any:
    from .tables import Table

    return Table((".csv",), delimiter, caption_column, image_column)


def _tsv(caption_column: str | None, image_column: str | None) -> Any:
    from .tables import Table

    return Table((".tsv", ".tab"), "\t", caption_column, image_column)


def _sidecars(suffix: str | None) -> Any:
    from .sidecars import Sidecars

    return Sidecars(suffix)


def _token() -> Any:
    from .token_lines import Token

    return Token()


def _karpathy() -> Any:
    from .documents import Karpathy

    return Karpathy()


def _vizwiz(**flags: Any) -> Any:
    from .documents import VizWiz

    return VizWiz(**flags)


def _textcaps(**flags: Any) -> Any:
    from .documents import TextCaps

    return TextCaps(**flags)


def _llava(prompt: str) -> Any:
    from .documents import Llava

    return Llava(prompt)
