"""Packs: folders of weights and what belongs to them. Reading one executes nothing that it holds.

A pack is ``config.json``, safetensors files, JSON documents (vocabularies, ontologies), ``MODEL_CARD.md`` and
``LICENSE``. Its config::

    {"format": "sentikit-pack", "version": 1, "name": "...",
     "encoder": {"plugin": "timm", "options": {...}, "preprocessing": {...}, "dim": 1280, "grid": [7, 7],
                 "weights": "encoder.safetensors", "sha256": "..."},
     "models": {"attention": {"kind": "captioner", "settings": {...}, "documents": {"vocabulary": "..."},
                              "weights": "attention.safetensors", "sha256": "...", "scores": {...}}},
     "ontology": "ontology.json", "defaults": {"caption": "anp-decoder,softmax"}}

``ontology`` and ``defaults`` may be missing. The first lists the ANPs that the taggers know, with valences and which
may go into a text; the second names the tagger that a command uses where it is not the first one.
``encoder`` is null where the models read photographs themselves. A model's name is that of the component that uses it.

How a pack is used: a captioner or tagger is registered with ``weights=True``, and its factory gets an open `Pack` as
`weights`; then ``pack.model("its name")`` and ``pack.encoder()``, which is one object for all models of one `Pack`.

How an encoder gets into a pack and back: it is a `StorableEncoder`, and its factory, registered with ``weights=True``,
takes the `StoredEncoder` whose weights and preprocessing replace all others (`sentikit.nn.encoder.BackboneEncoder` does
both).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..affect.ontology import Ontology, ontology_from_json
from ..errors import SentikitError
from ..io.files import read_text
from ..plugin.batches import PackModel, StoredEncoder
from ..plugin.interfaces import Encoder
from ..plugin.kinds import ENCODER
from .weights import check_weights, read_weights

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.loader import Plugins

FORMAT, VERSION = "sentikit-pack", 1


class Pack:
    """An open pack. Weights are read when they are asked for."""

    def __init__(self, path: Path, config: Mapping[str, Any], plugins: Plugins | None) -> None:
        self.path = path
        self.config = config
        self.name: str = config["name"]
        self.models: Mapping[str, Mapping[str, Any]] = config["models"]
        """Their entries in the config, by name."""
        self.defaults: Mapping[str, str] = config.get("defaults", {})
        """The tagger that suits a command best, by the command's name, where it is not the first one."""
        self._plugins = plugins
        self._encoder: Encoder | None = None

    @property
    def identity(self) -> str:
        """The name and a hash of all that the pack's results depend on."""
        hashed = hashlib.sha256(json.dumps(self.config, sort_keys=True).encode())
        for model in self.models.values():
            for file in model["documents"].values():
                hashed.update(read_text(self.path / file).encode())
        return f"{self.name}-{hashed.hexdigest()[:16]}"

    def model(self, name: str) -> PackModel:
        """A model with its weights. Raises SentikitError where there is none of that name or its file is damaged."""
        if name not in self.models:
            listing = ", ".join(self.models) or "none"
            raise SentikitError(f"The pack {self.path} has no model {name!r}; it has: {listing}.")
        entry = self.models[name]
        return PackModel(
            entry["kind"],
            entry["settings"],
            self._tensors(entry),
            {key: _read_json(self.path / file) for key, file in entry["documents"].items()},
            entry["scores"],
            str(self.path / entry["weights"]),
        )

    def stored_encoder(self) -> StoredEncoder | None:
        """The encoder's weights and settings; None where the models bring their own."""
        entry = self.config["encoder"]
        if entry is None:
            return None
        height, width = entry["grid"]
        return StoredEncoder(
            entry["plugin"],
            entry["options"],
            entry["preprocessing"],
            entry["dim"],
            (height, width),
            self._tensors(entry),
            entry["sha256"],
            str(self.path / entry["weights"]),
        )

    def ontology(self) -> Ontology | None:
        """The list of its taggers' ANPs, where the pack has one. Raises SentikitError where it is not sound."""
        file = self.config.get("ontology")
        return ontology_from_json(_read_json(self.path / file), str(self.path / file)) if file else None

    def encoder(self) -> Encoder:
        """The encoder, made by the plugin that the pack names; the same object every time.

        Raises SentikitError where the pack has none, the plugin is missing, or it makes something else.
        """
        if self._encoder is None:
            encoder = self.changed_encoder({})
            stored = self.config["encoder"]
            if (encoder.dim, list(encoder.grid)) != (stored["dim"], stored["grid"]):
                raise SentikitError(
                    f"The encoder {stored['plugin']!r} makes features of {encoder.dim} numbers on a grid of "
                    f"{'x'.join(map(str, encoder.grid))}, where the pack {self.path} was made with {stored['dim']} on "
                    f"{'x'.join(map(str, stored['grid']))}: use the plugin's version that it was made with."
                )
            self._encoder = encoder
        return self._encoder

    def changed_encoder(self, options: Mapping[str, str]) -> Encoder:
        """The pack's encoder, made anew with some other options, such as one that appends features.

        Raises SentikitError where the pack has none or the plugin is missing.
        """
        from ..plugin.loader import load_plugins

        stored = self.stored_encoder()
        if stored is None:
            raise SentikitError(f"The pack {self.path} has no encoder: its models read photographs themselves.")
        component = (self._plugins or load_plugins()).get(ENCODER, stored.plugin)
        kept = {name: str(value) for name, value in stored.options.items()}
        return component.create({**kept, **options}, stored)

    def _tensors(self, entry: Mapping[str, Any]) -> dict[str, Tensor]:
        path = self.path / entry["weights"]
        tensors, hashed = read_weights(path)
        if hashed != entry["sha256"]:
            raise SentikitError(f"{path} is not the file that its pack was made with: get the pack again.")
        return tensors


def open_pack(path: Path | Pack, plugins: Plugins | None = None) -> Pack:
    """Open a pack and check everything but the weights' values and shapes. A `Pack` is given back as it is.

    plugins: where its encoder is looked up; None: the installed ones.
    Raises SentikitError, with the file and what is wrong with it.
    """
    if isinstance(path, Pack):
        return path
    if not path.is_dir():
        what = "is a file" if path.is_file() else "does not exist"
        raise SentikitError(f"There is no pack at {path}: it {what}, and a pack is a folder with a config.json.")
    file = path / "config.json"
    if not file.is_file():
        raise SentikitError(f"The folder {path} is no pack: it has no config.json.")
    config = _read_json(file)
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise SentikitError(f'{file} is not of a sentikit pack: it does not say "format": "{FORMAT}".')
    if config.get("version") != VERSION:
        raise SentikitError(
            f"{file} is of version {config.get('version')!r} of the format, and this sentikit reads version {VERSION}: "
            "get a pack or a sentikit that fits."
        )
    _check_config(path, config)
    return Pack(path, config, plugins)


_ENTRY: dict[str, type] = {"weights": str, "sha256": str}
_ENCODER: dict[str, type] = {"plugin": str, "options": dict, "preprocessing": dict, "dim": int, "grid": list}
_MODEL: dict[str, type] = {"kind": str, "settings": dict, "documents": dict, "scores": dict}


def _check_config(path: Path, config: Mapping[str, Any]) -> None:
    file = path / "config.json"
    _check_entry(file, "config", config, {"name": str, "models": dict})
    if config.get("encoder") is not None:
        entry = config["encoder"]
        _check_entry(file, "encoder", entry, _ENCODER | _ENTRY)
        if len(entry["grid"]) != 2 or not all(type(side) is int and side > 0 for side in entry["grid"]):
            raise SentikitError(f"{file}: the encoder's 'grid' must be two whole numbers, not {entry['grid']}.")
        check_weights(_inside(path, entry["weights"]))
    elif "encoder" not in config:
        raise SentikitError(f"{file}: 'encoder' is missing from the config.")
    defaults = config.get("defaults", {})
    named = defaults.values() if isinstance(defaults, dict) else ()
    if not isinstance(defaults, dict) or not all(
        isinstance(names, str) and all(name in config["models"] for name in names.split(",")) for names in named
    ):
        raise SentikitError(f"{file}: 'defaults' must name models of the pack, not {defaults!r}.")
    if config.get("ontology") is not None:
        _read_json(_inside(path, config["ontology"]))
    for name, model in config["models"].items():
        _check_entry(file, f"model {name!r}", model, _MODEL | _ENTRY)
        check_weights(_inside(path, model["weights"]))
        for document in model["documents"].values():
            _read_json(_inside(path, document))


def _check_entry(file: Path, what: str, entry: Any, wanted: Mapping[str, type]) -> None:
    if not isinstance(entry, dict):
        raise SentikitError(f"{file}: the {what} must be an object.")
    for key, kind in wanted.items():
        if key not in entry:
            raise SentikitError(f"{file}: {key!r} is missing from the {what}.")
        if type(entry[key]) is not kind:
            raise SentikitError(f"{file}: {key!r} of the {what} cannot be {entry[key]!r}.")


def _inside(path: Path, file: Any) -> Path:
    """A file of the pack, by its name alone: a pack reads nothing outside its folder."""
    if not isinstance(file, str) or not file or "/" in file or "\\" in file or file in (".", ".."):
        raise SentikitError(f"{path / 'config.json'}: {file!r} is not the name of a file in the pack's folder.")
    return path / file


def _read_json(path: Path) -> Any:
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise SentikitError(f"{path} is not JSON ({error}): get the pack again.") from None
