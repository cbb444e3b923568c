"""The ANP decoder in a pack."""

from __future__ import annotations

from sentikit import PackModel
from sentikit.nn.anp_model import stored_anps
from sentikit.nn.decoder import DecoderSettings
from sentikit.nn.vocabulary import Vocabulary

from .model import AnpDecoder


def pack_model(model: AnpDecoder) -> PackModel:
    """All that a pack keeps of the decoder."""
    return PackModel(
        kind="tagger",
        settings={"decoder": model.decoder.settings.to_json(), "noun_first": model.noun_first},
        tensors=model.state_dict(),
        documents={"vocabulary": model.vocabulary.to_json()} | model.documents(),
    )


def unpack(stored: PackModel) -> AnpDecoder:
    """The decoder that `pack_model` stored. Raises SentikitError where its parts do not fit together."""
    model = AnpDecoder(
        DecoderSettings.from_json(stored.settings["decoder"], stored.source),
        Vocabulary.from_json(stored.documents["vocabulary"], stored.source),
        stored_anps(stored),
        stored.settings["noun_first"],
    )
    model.load(stored)
    return model
