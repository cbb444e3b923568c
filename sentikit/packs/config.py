"""The config of a pack, checked: its types, its limits, and that all of its files are there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import SentikitError
from ..io.messages import show
from .documents import file_of, read_document, read_note
from .weights import check_weights

LARGEST_DIM = 2**16
LARGEST_SIDE = 128
LARGEST_MAP = 2**24
"""Numbers of a photograph's feature map."""
_LONGEST_TEXT = 1000
_MOST = 32

_ENTRY: dict[str, type] = {"weights": str, "sha256": str}
_ENCODER: dict[str, type] = {"plugin": str, "options": dict, "preprocessing": dict, "dim": int, "grid": list}
_MODEL: dict[str, type] = {"kind": str, "settings": dict, "documents": dict, "scores": dict}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What does something to a terminal or is no character."""


def check_config(path: Path, config: Mapping[str, Any]) -> None:
    """Check the config of the pack in the folder `path`, but not the weights' values and shapes.

    Raises SentikitError, with the file and what is wrong with it.
    """
    for error in config_errors(path, config):
        raise error


def config_errors(path: Path, config: Mapping[str, Any]) -> Iterator[SentikitError]:
    """Everything that `check_config` would complain about."""
    file = path / "config.json"
    structure = _errors([lambda: _check_entry(file, "config", config, {"name": str, "models": dict})])
    first = next(structure, None)
    if first is not None:
        yield first
        return
    yield from _errors([lambda: _check_texts(file, config), lambda: _check_encoder(path, file, config)])
    models = config["models"]
    if len(models) > _MOST or any(map(_has_too_many, models.values())):
        yield SentikitError(f"{file}: a pack may have {_MOST} models with {_MOST} documents each, and has more.")
        return
    for name, model in models.items():
        yield from _model_errors(path, file, name, model)
    yield from _document_errors(path, config)
    # The texts now, and not when a pack that was trained from this one is written.
    yield from _errors([partial(read_note, path, note) for note in ("README.md", "MODEL_CARD.md", "LICENSE")])
    yield from _errors([lambda: _check_defaults(file, config)])


def _errors(checks: Iterable[Callable[[], object]]) -> Iterator[SentikitError]:
    """What the checks raise."""
    for check in checks:
        try:
            check()
        except SentikitError as error:
            yield error


def _model_errors(path: Path, file: Path, name: str, model: Any) -> Iterator[SentikitError]:
    wrong = list(_errors([lambda: _check_entry(file, f"model {name!r}", model, _MODEL | _ENTRY)]))
    yield from wrong
    if wrong:
        return
    yield from _errors(
        [
            lambda: _check_scores(file, name, model["scores"]),
            lambda: check_weights(file_of(path, model["weights"])),
        ]
    )


def _check_texts(file: Path, config: Mapping[str, Any]) -> None:
    for text in _texts(config):
        if len(text) > _LONGEST_TEXT or _CONTROL.search(text):
            what = f"of {len(text):,} characters" if len(text) > _LONGEST_TEXT else "with control characters"
            raise SentikitError(f"{file} has a text {what}, {show(text)}, which no pack needs: get the pack again.")


def _check_encoder(path: Path, file: Path, config: Mapping[str, Any]) -> None:
    if "encoder" not in config:
        raise SentikitError(f"{file}: 'encoder' is missing from the config.")
    entry = config["encoder"]
    if entry is None:
        return
    _check_entry(file, "encoder", entry, _ENCODER | _ENTRY)
    grid, dim = entry["grid"], entry["dim"]
    if len(grid) != 2 or not all(type(side) is int and 1 <= side <= LARGEST_SIDE for side in grid):
        said = f"[{', '.join(map(show, grid[:3]))}{', ...' if len(grid) > 3 else ''}]"
        raise SentikitError(
            f"{file}: the encoder's 'grid' must be two whole numbers from 1 to {LARGEST_SIDE}, not {said}."
        )
    if not 1 <= dim <= LARGEST_DIM or dim * grid[0] * grid[1] > LARGEST_MAP:
        raise SentikitError(
            f"{file}: the encoder's 'dim' must be from 1 to {min(LARGEST_DIM, LARGEST_MAP // (grid[0] * grid[1])):,} "
            f"on this grid, not {show(dim)}."
        )
    for name, value in entry["options"].items():
        if not isinstance(value, str | int | float | None):
            raise SentikitError(f"{file}: the encoder's option {show(name)} cannot be {show(value)}.")
    check_weights(file_of(path, entry["weights"]))


def _has_too_many(model: Any) -> bool:
    return len(_documents(model)) > _MOST


def _documents(model: Any) -> Mapping[str, Any]:
    """The names of a model's documents, if it is a model."""
    documents = model.get("documents") if isinstance(model, dict) else None
    return documents if isinstance(documents, dict) else {}


def _document_errors(path: Path, config: Mapping[str, Any]) -> Iterator[SentikitError]:
    """Reads each document once: a config can name the same one very often."""
    named = [document for model in config["models"].values() for document in _documents(model).values()]
    if config.get("ontology") is not None:
        named.append(config["ontology"])
    seen: set[str] = set()

    def read(name: str) -> None:
        place = os.path.realpath(file_of(path, name))
        if place not in seen:
            seen.add(place)
            read_document(path, name)

    yield from _errors([partial(read, name) for name in named])


def _check_scores(file: Path, model: str, scores: Mapping[str, Any]) -> None:
    for name, value in scores.items():
        if not isinstance(value, str | int | float | None):
            raise SentikitError(f"{file}: the score {show(name)} of the model {model!r} cannot be {show(value)}.")


def _check_defaults(file: Path, config: Mapping[str, Any]) -> None:
    defaults = config.get("defaults", {})
    if not isinstance(defaults, dict):
        raise SentikitError(f"{file}: 'defaults' must be an object, not {show(defaults)}.")
    for command, names in defaults.items():
        if not isinstance(names, str) or not all(name in config["models"] for name in names.split(",")):
            raise SentikitError(
                f"{file}: 'defaults' must name models of the pack, not {show(names)} for {show(command)}."
            )


def _check_entry(file: Path, what: str, entry: Any, wanted: Mapping[str, type]) -> None:
    if not isinstance(entry, dict):
        raise SentikitError(f"{file}: the {what} must be an object.")
    for key, kind in wanted.items():
        if key not in entry:
            raise SentikitError(f"{file}: {key!r} is missing from the {what}.")
        if type(entry[key]) is not kind:
            raise SentikitError(f"{file}: {key!r} of the {what} cannot be {show(entry[key])}.")


def _texts(value: Any) -> Iterator[str]:
    """All texts in JSON, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
