"""A small pack of random weights that captions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import torch

from sentikit import PackModel
from sentikit.nn.beam_search import BeamSettings
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings
from sentikit.nn.vocabulary import Vocabulary
from sentikit.packs.writing import write_pack
from sentikit.plugin.kinds import ENCODER
from sentikit.plugin.loader import load_plugins

WORDS = Vocabulary(["a", "dog", "runs"])


def make_pack(folder: Path, card: str = "# Mine\n\nIt captions.\n", license: str = "Apache License 2.0") -> Path:
    """With a captioner over EfficientNet-Lite0; the folder."""
    encoder = load_plugins(environ={}).get(ENCODER, "efficientnet-lite0").create({"size": "64"}, "random").stored()
    torch.manual_seed(0)
    decoder = AttentionDecoder(DecoderSettings(len(WORDS), encoder.dim, embedding=8, attention=4, hidden=8))
    settings = {"decoder": decoder.settings.to_json(), "search": asdict(BeamSettings(beams=2, max_length=5))}
    model = PackModel("captioner", settings, decoder.state_dict(), {"vocabulary": WORDS.to_json()}, {"CIDEr": 0.5})
    write_pack(folder, {"attention": model}, encoder, card=card, license=license)
    return folder
