"""The captioner in a pack."""

from __future__ import annotations

from dataclasses import asdict
from typing import NamedTuple

from sentikit import PackModel
from sentikit.nn.beam_search import BeamSettings
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings
from sentikit.nn.vocabulary import Vocabulary


class Captioning(NamedTuple):
    """All that captioning needs beside the encoder."""

    decoder: AttentionDecoder
    vocabulary: Vocabulary
    search: BeamSettings
    """As it was validated."""


def pack_model(captioning: Captioning) -> PackModel:
    """All that a pack keeps of the captioner."""
    return PackModel(
        kind="captioner",
        settings={"decoder": captioning.decoder.settings.to_json(), "search": asdict(captioning.search)},
        tensors=captioning.decoder.state_dict(),
        documents={"vocabulary": captioning.vocabulary.to_json()},
    )


def unpack(stored: PackModel) -> Captioning:
    """The captioner that `pack_model` stored. Raises SentikitError where its parts do not fit together."""
    settings = DecoderSettings.from_json(stored.setting("decoder", dict), stored.config)
    search = BeamSettings.from_json(stored.setting("search", dict), stored.config)
    vocabulary = Vocabulary.of_model(stored, settings.vocabulary)
    return Captioning(stored.build(lambda: AttentionDecoder(settings)), vocabulary, search)
