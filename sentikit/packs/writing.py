"""Writing packs, and joining packs that share an encoder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..affect.ontology import Ontology
from ..errors import SentikitError, UsageError
from ..io.files import refuse_dash
from ..io.folders import whole_folder
from ..plugin.batches import PackModel, StoredEncoder
from .card import CARD, metadata_of, split_card, written_card
from .licenses import cards_of, joint_license, licenses_of
from .reading import FORMAT, VERSION, Pack, open_pack
from .weights import weights_bytes, weights_hash

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def write_pack(
    folder: Path,
    models: Mapping[str, PackModel],
    encoder: StoredEncoder | None,
    *,
    name: str | None = None,
    card: str = "",
    license: str = "",
    ontology: Ontology | None = None,
    defaults: Mapping[str, str] | None = None,
    sources: Sequence[Pack] = (),
    half: bool = True,
    replace: bool = False,
) -> None:
    """Write a pack, whole or not at all.

    models: by the names of the components that use them.
    name: by default the folder's.
    card: the text of README.md; by default what the pack itself shows, and the cards of the `sources`. Metadata for
        the hub is put before it if it has none.
    license: the text of LICENSE; by default the licences of the `sources` or, without any, that none was stated.
    ontology: of the taggers' ANPs.
    defaults: the tagger that a command uses, by the command's name, where it is not the first; or several, joined by
        commas.
    sources: the packs that these weights were made from.
    half: store the weights as fp16; False: as they are, for exactly the same results.
    replace: put it in the place of a pack that is there. Anything else that is there is never replaced.
    Raises SentikitError where it cannot be written.
    """
    _check_target(folder, replace)
    name = name or folder.name
    files: dict[str, bytes] = {}
    config: dict[str, Any] = {"format": FORMAT, "version": VERSION, "name": name, "encoder": None, "models": {}}
    if encoder is not None:
        config["encoder"] = {
            "plugin": encoder.plugin,
            "options": dict(encoder.options),
            "preprocessing": dict(encoder.preprocessing),
            "dim": encoder.dim,
            "grid": list(encoder.grid),
            **_add_weights(files, "encoder", encoder.tensors, half),
        }
    for key, model in models.items():
        _check_name(key)
        documents = {document: f"{key}.{document}.json" for document in model.documents}
        for document, file in documents.items():
            _check_name(document)
            files[file] = _json(model.documents[document])
        config["models"][key] = {
            "kind": model.kind,
            "settings": dict(model.settings),
            "documents": documents,
            **_add_weights(files, key, model.tensors, half),
            "scores": dict(model.scores),
        }
    if defaults:
        config["defaults"] = dict(defaults)
    if ontology is not None:
        config["ontology"] = "ontology.json"
        files["ontology.json"] = _json(ontology.to_json())
    files["config.json"] = _json(config, indent=2)
    license = license or licenses_of(sources)
    files["LICENSE"] = license.encode()
    files[CARD] = _with_metadata(card or _card(config) + cards_of(sources), config, license).encode()
    _write_folder(folder, files)


def merge_packs(
    sources: Sequence[Path],
    folder: Path,
    *,
    name: str | None = None,
    card: str = "",
    license: str = "",
    ontology: Ontology | None = None,
    defaults: Mapping[str, str] | None = None,
    replace: bool = False,
) -> None:
    """Join the models of packs that have the same encoder into one pack.

    Where an option of the encoder appends features, as `texture` does, the pack with the most of them has its encoder
    in the new pack: models that were made without them read the first.

    card, license: as for `write_pack`; by default those of the packs, each licence with the name of its pack.
    ontology: by default that of the first pack that has one. defaults: as for `write_pack`.
    Raises SentikitError where the encoders differ or two packs have a model of the same name.
    """
    packs = [open_pack(source) for source in sources]
    if not packs:
        raise UsageError("Name the packs that are to be merged.")
    first = max(packs, key=_dim)
    models: dict[str, PackModel] = {}
    for pack in packs:
        if difference := _difference(first.config["encoder"], pack.config["encoder"]):
            raise SentikitError(
                f"{first.path} and {pack.path} cannot be one pack: their encoders differ in {difference}."
            )
        for key in pack.models:
            if key in models:
                raise SentikitError(f"{pack.path} has a model {key!r}, as another of these packs has: leave one out.")
            models[key] = pack.model(key)
    cards = "\n\n".join(dict.fromkeys(pack.card for pack in packs if pack.card))
    write_pack(
        folder, models, first.stored_encoder(), name=name, card=card or cards, license=license or joint_license(packs),
        ontology=ontology or next((found for pack in packs if (found := pack.ontology())), None), defaults=defaults,
        replace=replace,
    )  # fmt: skip


def _difference(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str | None:
    """In what two encoders' entries differ."""
    if one is None or other is None:
        return None if one is other else "one of them being missing"
    names = {"plugin": "plugin", "options": "options", "preprocessing": "preprocessing", "sha256": "weights"}
    if one["dim"] != other["dim"] and one["grid"] == other["grid"]:
        del names["options"]  # the one appends features to those of the other
    return next((name for key, name in names.items() if one[key] != other[key]), None)


def _dim(pack: Pack) -> int:
    return int((pack.config["encoder"] or {}).get("dim", 0))


def _add_weights(files: dict[str, bytes], name: str, tensors: Mapping[str, Any], half: bool) -> dict[str, str]:
    file = f"{name}.safetensors"
    if file in files:
        raise SentikitError(f"A model of a pack cannot be named {name!r}.")
    files[file] = weights_bytes(tensors, half)
    return {"weights": file, "sha256": weights_hash(files[file])}


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise SentikitError(f"{name!r} cannot be a name in a pack: use lower case, digits and hyphens.")


def _json(value: Any, indent: int | None = None) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=indent) + "\n").encode()


def _with_metadata(card: str, config: Mapping[str, Any], license: str) -> str:
    return card if split_card(card)[0] else written_card(metadata_of(config, license), card)


def _card(config: Mapping[str, Any]) -> str:
    encoder = config["encoder"]
    lines = [f"# {config['name']}", "", "A pack for sentikit.", ""]
    if encoder:
        lines += [f"Encoder: {encoder['plugin']} {json.dumps(encoder['options'])}".rstrip(), ""]
    for name, model in config["models"].items():
        scores = ", ".join(f"{score} {value}" for score, value in model["scores"].items())
        lines.append(f"- `{name}`, a {model['kind']}" + (f": {scores}" if scores else ""))
    return "\n".join(lines) + "\n"


def _check_target(folder: Path, replace: bool) -> None:
    refuse_dash(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not replace:
        raise SentikitError(f"{folder} exists already: name another folder.")
    try:
        open_pack(folder)
    except SentikitError as error:
        raise SentikitError(f"{folder} is not replaced, since it is not a sound pack: name another folder.") from error


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Written beside `folder` and moved into place. A pack that was there goes only when the new one is whole."""
    with whole_folder(folder) as fresh:
        for name, data in files.items():
            with (fresh / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
