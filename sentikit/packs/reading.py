"""Packs: folders of weights and what belongs to them. Reading one executes nothing that it holds.

A pack is ``config.json``, safetensors files, JSON documents (vocabularies, ontologies), ``README.md`` (the model card,
``MODEL_CARD.md`` in older packs) and ``LICENSE``. Its config::

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
from ..errors import SentikitError, UsageError
from ..io.files import read_text
from ..io.messages import show
from ..plugin.batches import PackModel, StoredEncoder
from ..plugin.interfaces import Encoder
from ..plugin.kinds import ENCODER
from ..plugin.options import option_values
from .card import read_card
from .config import check_config
from .documents import file_of, read_document, read_note
from .weights import read_weights

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.loader import Plugins

FORMAT, VERSION = "sentikit-pack", 1
CONFIG = "config.json"


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
                hashed.update(read_text(file_of(self.path, file)).encode())
        return f"{self.name}-{hashed.hexdigest()[:16]}"

    def model(self, name: str) -> PackModel:
        """A model with its weights. Raises SentikitError where there is none of that name or its file is damaged."""
        if name not in self.models:
            listing = ", ".join(self.models) or "none"
            raise SentikitError(f"The pack {self.path} has no model {name!r}; it has: {listing}.")
        entry = self.models[name]
        documents = entry["documents"]
        return PackModel(
            entry["kind"],
            entry["settings"],
            self._tensors(entry),
            {key: read_document(self.path, file) for key, file in documents.items()},
            entry["scores"],
            str(self.path / entry["weights"]),
            str(self.path / CONFIG),
            {key: str(self.path / file) for key, file in documents.items()},
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
            str(self.path / CONFIG),
        )

    def ontology(self) -> Ontology | None:
        """The list of its taggers' ANPs, where the pack has one. Raises SentikitError where it is not sound."""
        file = self.config.get("ontology")
        return ontology_from_json(read_document(self.path, file), str(self.path / file)) if file else None

    @property
    def card(self) -> str:
        """The text of README.md without its metadata, or of an older pack's MODEL_CARD.md, or ""."""
        return read_card(self.path).text

    @property
    def license(self) -> str:
        """The text of LICENSE, or ""."""
        return read_note(self.path, "LICENSE")

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
        try:
            option_values(str(component), component.options, kept)
        except UsageError as error:
            raise UsageError(f"{self.path / CONFIG}: the encoder cannot be made: {error}") from None
        return component.create({**kept, **options}, stored)

    def _tensors(self, entry: Mapping[str, Any]) -> dict[str, Tensor]:
        path = file_of(self.path, entry["weights"])
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
    config = read_config(path)
    check_config(path, config)
    return Pack(path, config, plugins)


def read_config(path: Path) -> Mapping[str, Any]:
    """The config of the pack in a folder, not checked but for its format and version. Raises SentikitError."""
    if not path.is_dir():
        what = "is a file" if path.is_file() else "does not exist"
        raise SentikitError(f"There is no pack at {path}: it {what}, and a pack is a folder with a config.json.")
    file = path / CONFIG
    if not file.is_file():
        raise SentikitError(f"The folder {path} is no pack: it has no config.json.")
    config = read_document(path, CONFIG)
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise SentikitError(f'{file} is not of a sentikit pack: it does not say "format": "{FORMAT}".')
    if config.get("version") != VERSION:
        raise SentikitError(
            f"{file} is of version {show(config.get('version'))} of the format, and this sentikit reads version "
            f"{VERSION}: get a pack or a sentikit that fits."
        )
    return config
