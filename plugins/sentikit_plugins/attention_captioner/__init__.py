"""attention: the attention encoder-decoder captioner (paper sections 4.1.3, 4.2.2) and its trainers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sentikit import Captioner, Option, Pack, Register, hookimpl


def _captioner(weights: Pack, **search: Any) -> Captioner:
    from .captioner import AttentionCaptioner
    from .packing import unpack

    captioning = unpack(weights.model("attention"))
    chosen = {name: value for name, value in search.items() if value is not None}
    return AttentionCaptioner(captioning._replace(search=replace(captioning.search, **chosen)), weights.encoder())


def _trainer(**options: Any) -> Any:
    from .task import CaptionerTask

    return CaptionerTask(**options)


def _cross_trainer(**options: Any) -> Any:
    from .cross_training import CrossSettings, CrossTrainingTask
    from .pair_weights import Weighting

    weighting = Weighting(
        kind=options.pop("weights"),
        debias=not options.pop("raw_maps"),
        **{name: options.pop(name) for name in ("distance", "closeness", "tau")},
    )
    cross = CrossSettings(options.pop("tagger"), options.pop("lambda"), options.pop("top_k"), weighting)
    return CrossTrainingTask(cross, **options)


@hookimpl
def register_captioners(register: Register) -> None:
    """Offers the captioner."""
    register(
        "attention",
        _captioner,
        summary="LSTM that looks at the photograph before every word (Show, Attend and Tell)",
        options=[
            Option("beams", int, None, "captions searched side by side; 1 is greedy; by default the pack's"),
            Option("max-length", int, None, "words at most; by default the pack's"),
            Option("min-length", int, None, "words at least; by default the pack's"),
            Option("length-penalty", float, None, "above 0, longer captions are preferred; by default the pack's"),
            Option(
                "no-repeat", int, None, "no sequence of so many words twice; 0: no such rule; by default the pack's"
            ),
            Option(
                "repeat-penalty",
                float,
                None,
                "what a word costs that was said, articles and the like aside; by default the pack's",
            ),
        ],
        weights=True,
    )


@hookimpl
def register_trainers(register: Register) -> None:
    """Offers the trainers."""
    validation = [
        Option("beams", int, 3, "of validation, and of the pack by default"),
        Option("length-penalty", float, 0.7, "of validation, and of the pack by default"),
        Option("min-length", int, 0, "of validation, and of the pack by default"),
        Option("no-repeat", int, 0, "of validation, and of the pack by default"),
        Option("repeat-penalty", float, 0.0, "of validation, and of the pack by default"),
    ]
    register(
        "captioner",
        _trainer,
        summary="Train the attention captioner on a COCO captions file, plain or updated.",
        options=[
            Option("alpha-c", float, 1.0, "weight of doubly stochastic attention, as in the paper"),
            Option("dropout", float, 0.5, "of words and of what they are read from"),
            Option("size", int, 512, "of embedding, attention and LSTM"),
            Option("project", bool, False, "project the features to the LSTM's size first"),
            Option("tie", bool, False, "read the words with the embedding's own weights"),
            Option("deep-output", bool, False, "read the words from state, context and last word"),
            Option("label-smoothing", float, 0.0, "weight spread over all words"),
            Option("min-count", int, 4, "words that occur less often are unknown"),
            Option("max-length", int, 22, "words of a caption that are learnt"),
            *validation,
            Option("samples", int, 0, "learn from the CIDEr of so many sampled captions a photograph; 0: do not"),
            Option("word-weight", float, 0.1, "weight of the human captions' words beside the sampled ones (samples)"),
        ],
    )
    register(
        "cross-training",
        _cross_trainer,
        summary="Fine-tune the captioner (--init) with a tagger's adjectives, weighted by attention (paper 4.2.3).",
        options=[
            Option("tagger", str, None, "the pack of a tagger over the captioner's encoder: a folder, or its name"),
            Option("lambda", float, 0.3, "weight of the adjectives' loss; try 0.1, 0.3 and 1"),
            Option(
                "weights",
                str,
                "attention",
                "what an adjective weighs by; the others are controls of the same total",
                choices=("attention", "one", "shuffled", "noun"),
            ),
            Option(
                "distance",
                str,
                "hellinger",
                "of the attention maps; the paper's is euclidean",
                choices=("hellinger", "euclidean", "jensen-shannon", "cosine"),
            ),
            Option(
                "closeness",
                str,
                "exponential",
                "of the maps: exp(-distance^2 / tau), or the paper's 1 - distance",
                choices=("exponential", "linear"),
            ),
            Option("tau", float, 0.1, "how far apart maps may be (closeness exponential)"),
            Option("raw-maps", bool, False, "compare the maps as they are, not divided by their model's mean map"),
            Option("top-k", int, 20, "tags of a photograph whose adjectives are learnt"),
            Option("alpha-c", float, 1.0, "weight of doubly stochastic attention, as in the paper"),
            Option("dropout", float, 0.5, "of words and of what they are read from"),
            Option("label-smoothing", float, 0.0, "weight spread over all words of the captions"),
            Option("max-length", int, 22, "words of a caption that are learnt"),
            *validation,
        ],
    )
