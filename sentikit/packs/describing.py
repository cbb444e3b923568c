"""What is in a pack, from its config and the heads of its files: no weights are read."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

from .card import read_card
from .checking import files_of
from .documents import file_of, read_document
from .reading import Pack


def describe_pack(pack: Pack) -> dict[str, Any]:
    """As JSON. Raises SentikitError where a file is not sound."""
    card, encoder = read_card(pack.path), pack.config["encoder"]
    files = [name for name in files_of(pack.config) if file_of(pack.path, name).is_file()]
    return {
        "name": pack.name,
        "folder": str(pack.path),
        "bytes": sum(file_of(pack.path, name).stat().st_size for name in files),
        "license": {"id": card.metadata.get("license"), "text": pack.license},
        "encoder": encoder
        and {
            **{key: encoder[key] for key in ("plugin", "options", "preprocessing", "dim", "grid")},
            **_weights(pack.path, encoder["weights"]),
        },
        "models": {name: _model(pack.path, model) for name, model in pack.models.items()},
        "ontology": _length(pack.path, pack.config.get("ontology")),
        "defaults": dict(pack.defaults),
        "metadata": dict(card.metadata),
        "card": card.text,
    }


def _model(path: Path, model: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": model["kind"],
        "settings": model["settings"],
        "documents": {name: _length(path, file) for name, file in model["documents"].items()},
        "scores": model["scores"],
        **_weights(path, model["weights"]),
    }


def _weights(path: Path, name: str) -> dict[str, Any]:
    """Of a file of weights: its name, its bytes, how many numbers it holds, and of what types."""
    from safetensors import safe_open

    file = file_of(path, name)
    parameters, types = 0, set()
    with safe_open(file, framework="numpy") as opened:
        for tensor in opened.keys():  # noqa: SIM118  (it is no dictionary)
            part = opened.get_slice(tensor)
            parameters += prod(part.get_shape())
            types.add(str(part.get_dtype()))
    return {"file": name, "bytes": file.stat().st_size, "parameters": parameters, "types": sorted(types)}


def _length(path: Path, name: str | None) -> int | None:
    """The entries of a document: of itself if it is a list, else of its longest list."""
    if name is None:
        return None
    document = read_document(path, name)
    lists = [document] if isinstance(document, list) else list(document.values()) if isinstance(document, dict) else []
    return max((len(value) for value in lists if isinstance(value, list | dict)), default=0)
