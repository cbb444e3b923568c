"""The ANP decoder in a pack."""

from __future__ import annotations

from sentikit import PackModel, SentikitError
from sentikit.nn.adjective_prior import LARGEST_TABLE
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
    settings = DecoderSettings.from_json(stored.setting("decoder", dict), stored.config)
    vocabulary = Vocabulary.of_model(stored, settings.vocabulary)
    anps, noun_first = stored_anps(stored), stored.setting("noun_first", bool)
    if missing := [word for anp in anps for word in anp if word not in vocabulary]:
        raise SentikitError(
            f"{stored.document_source('vocabulary')} lacks the word {missing[0]!r} of the model's ANPs."
        )
    adjectives, nouns = len({anp.adjective for anp in anps}), len({anp.noun for anp in anps})
    if adjectives * nouns > LARGEST_TABLE:
        raise SentikitError(
            f"{stored.config}: {adjectives:,} adjectives and {nouns:,} nouns are too many for a decoder."
        )
    model = stored.build(lambda: AnpDecoder(settings, vocabulary, anps, noun_first))
    model.take_prior(stored)
    return model
