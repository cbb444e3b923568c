"""The ANP decoder in a pack."""

from __future__ import annotations

from sentikit import ANP, PackModel
from sentikit.nn.adjective_prior import AdjectivePrior
from sentikit.nn.decoder import DecoderSettings
from sentikit.nn.vocabulary import Vocabulary

from .model import AnpDecoder


def pack_model(model: AnpDecoder) -> PackModel:
    """All that a pack keeps of the decoder."""
    return PackModel(
        kind="tagger",
        settings={"decoder": model.decoder.settings.to_json(), "noun_first": model.noun_first},
        tensors=model.state_dict(),
        documents={"vocabulary": model.vocabulary.to_json(), "anps": [list(anp) for anp in model.anps]}
        | (model.prior.documents() if model.prior else {}),
    )


def unpack(stored: PackModel) -> AnpDecoder:
    """The decoder that `pack_model` stored. Raises SentikitError where its parts do not fit together."""
    anps = [ANP(*pair) for pair in stored.documents["anps"]]
    model = AnpDecoder(
        DecoderSettings.from_json(stored.settings["decoder"], stored.source),
        Vocabulary.from_json(stored.documents["vocabulary"], stored.source),
        anps,
        stored.settings["noun_first"],
        AdjectivePrior.of_model(anps, stored),
    )
    stored.load_into(model)
    return model
