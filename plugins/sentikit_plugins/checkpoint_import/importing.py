"""From a checkpoint to a pack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentikit import PackModel, SentikitError, StoredEncoder, write_pack

from .convert import CAPTIONER, to_decoder, to_encoder
from .inert import Held
from .modules import read_tensors, stored_tensors
from .torch_files import TorchFile, open_torch_file
from .word_map import read_word_map

if TYPE_CHECKING:
    from sentikit.commands.app import App

_LARGEST_GRID = 128
_GRID, _DROPOUT = 14, 0.5
"""The tutorial's, for a checkpoint that holds state_dicts and so does not state them."""


@dataclass(frozen=True)
class Imported:
    """What was read of a checkpoint."""

    model: PackModel
    encoder: StoredEncoder

    def describe(self) -> str:
        """In one line."""
        words = self.model.settings["decoder"]["vocabulary"]
        height, width = self.encoder.grid
        noted = "".join(f", {name} {value}" for name, value in self.model.scores.items())
        return f"a captioner with {words:,} words, {self.encoder.plugin} on a grid of {height}x{width}{noted}"


def import_tutorial(
    checkpoint: Path,
    word_map: Path,
    output: Path,
    app: App,
    *,
    name: str | None = None,
    license: str = "",
    half: bool = False,
    replace: bool = False,
) -> Imported:
    """Write the pack of a checkpoint. Raises SentikitError if it is not the tutorial's, or the pack cannot be written.

    half: store the weights as fp16. replace: an existing pack. The others: see `sentikit.write_pack`.
    """
    vocabulary, numbers = read_word_map(word_map)
    with open_torch_file(checkpoint) as file:
        content = file.content
        if not isinstance(content, dict) or not {"encoder", "decoder"} <= content.keys():
            raise SentikitError(f"{checkpoint} is not a checkpoint of the tutorial: it has no encoder and decoder.")
        decoder, encoder = content["decoder"], content["encoder"]
        source = f"{checkpoint}, its decoder"
        tensors = read_tensors(file, stored_tensors(decoder, source), source)
        model = to_decoder(tensors, vocabulary, numbers, _dropout(decoder), source)
        made = _encoder(file, encoder, app, f"{checkpoint}, its encoder")
    imported = Imported(_with_scores(model, content), made)
    card = _card(name or output.name, checkpoint, word_map, imported)
    write_pack(
        output, {CAPTIONER: imported.model}, made, name=name, card=card, license=license, replace=replace, half=half
    )
    return imported


def _encoder(file: TorchFile, held: Any, app: App, source: str) -> StoredEncoder:
    grid = _attribute(held, "enc_image_size", _GRID)
    if type(grid) is not int or not 1 <= grid <= _LARGEST_GRID:
        raise SentikitError(f"{source} has no size of its feature map from 1 to {_LARGEST_GRID} pixels a side.")
    tensors = read_tensors(file, stored_tensors(held, source), source)
    return to_encoder(tensors, grid, app, source).stored()


def _attribute(held: Any, name: str, otherwise: Any) -> Any:
    """An attribute of a module, or of the module that a DataParallel wraps."""
    if not isinstance(held, Held):
        return otherwise
    inner = held.state.get("_modules")
    if isinstance(inner, dict) and isinstance(inner.get("module"), Held):
        held = inner["module"]
    return held.state.get(name, otherwise)


def _dropout(decoder: Any) -> float:
    """For training on; captioning uses none."""
    modules = _attribute(decoder, "_modules", {})
    layer = modules.get("dropout") if isinstance(modules, dict) else None
    share = layer.state.get("p") if isinstance(layer, Held) else None
    return float(share) if isinstance(share, float | int) and 0 <= share < 1 else _DROPOUT


def _with_scores(model: PackModel, content: dict[Any, Any]) -> PackModel:
    """With what the checkpoint states of its training. The tutorial's BLEU-4 is of teacher forcing, not of captions."""
    scores: dict[str, Any] = {}
    if type(epoch := content.get("epoch")) is int:
        scores["epoch"] = epoch
    if isinstance(bleu := content.get("bleu-4"), float) and isfinite(bleu):
        scores["teacher-forced BLEU-4"] = round(bleu, 6)
    return replace(model, scores=scores)


def _card(name: str, checkpoint: Path, word_map: Path, imported: Imported) -> str:
    return f"""# {name}

Imported from a checkpoint of the PyTorch captioning tutorial (a-PyTorch-Tutorial-to-Image-Captioning).

- Model: {imported.describe()}
- Checkpoint: `{checkpoint.name}`
- Word map: `{word_map.name}`
- Photographs are squashed to a square of 256 pixels.
- The search is the tutorial's: 5 beams, no length normalisation, and the unknown word is allowed. Use
  `-O allow-special=false` to keep it out of captions.
"""
