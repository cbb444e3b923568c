"""The options that the tagger, the encoder and the metrics take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentikit import option

RESIZES = ("shortest", "squash", "longest")


@dataclass(frozen=True)
class ModelSettings:
    """Which open_clip model is used, and how photographs are fitted into it."""

    model: str = option("ViT-B-32", "open_clip model name, hf-hub:OWNER/NAME or local-dir:FOLDER")
    pretrained: str | None = option(
        None, "open_clip's tag of the weights, or a safetensors file; not used with hf-hub: and local-dir:"
    )
    resize: str | None = option(
        None,
        "shortest crops the centre, squash keeps all out of proportion, longest pads; by default the model's own",
        choices=RESIZES,
    )
    # OpenAI's weights were trained with QuickGELU; with GELU they load without an error and score worse.
    quick_gelu: bool | None = option(None, "QuickGELU activation, for a file of weights; a tag brings its own")
    precision: str = option(
        "fp32", "number format of the image tower on a GPU; embeddings are fp32", choices=("fp32", "fp16", "bf16")
    )


@dataclass(frozen=True)
class TaggerSettings(ModelSettings):
    """The options of the tagger."""

    ontology: Path | None = option(None, "ontology file with the pairs to score; by default the default pack's")
    templates: Path | None = option(None, "text file with a prompt per line, {} in each, in place of the built-in ones")
    calibration: Path | None = option(None, "file that 'sentikit train clip-calibration' wrote for this model")
    boxes: Path | None = option(None, "COCO instances file; a noun is then scored inside its box")
    abstain: bool = option(True, "leave out adjectives that score below 'no adjective'")
    min_noun: float = option(0.3, "leave out nouns whose presence scores lower, from 0 to 1", at_least=0, at_most=1)
    cache_dir: Path | None = option(
        None, "folder of cached text embeddings; by default SENTIKIT_CACHE_DIR, or sentikit in the user's cache folder"
    )


@dataclass(frozen=True)
class MetricSettings(ModelSettings):
    """The options of the metrics: by default the published ones, ViT-B/32 with OpenAI's weights."""

    pretrained: str | None = option(
        "openai", "open_clip's tag of the weights, or a safetensors file; not used with hf-hub: and local-dir:"
    )
