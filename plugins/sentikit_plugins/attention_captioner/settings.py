"""The options of the captioner and of its trainers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sentikit import UsageError, check_options, option

DEFAULT_SEARCH: dict[str, Any] = {
    "beams": 3,
    "max_length": 22,
    "min_length": 0,
    "length_penalty": 0.7,
    "no_repeat": 0,
    "repeat_penalty": 0.0,
}
"""How a captioner searches that is trained from nothing."""


@dataclass(frozen=True)
class SearchSettings:
    """How the captioner searches for a caption; None: as its pack says."""

    beams: int | None = option(
        None, "Number of beams; 1 is greedy search. [default: the pack's]", at_least=1, at_most=100
    )
    max_length: int | None = option(None, "Maximum number of words. [default: the pack's]", at_least=1, at_most=200)
    min_length: int | None = option(None, "Minimum number of words. [default: the pack's]", at_least=0)
    length_penalty: float | None = option(
        None,
        "Length normalisation; values above 0 favour longer captions. [default: the pack's]",
        at_least=0,
        at_most=10,
    )
    no_repeat: int | None = option(
        None, "Never repeat a sequence of this many words; 0 turns the rule off. [default: the pack's]", at_least=0
    )
    repeat_penalty: float | None = option(
        None,
        "Penalty on the log-probability of a word for each earlier use; function words are exempt. "
        "[default: the pack's]",
        at_least=0,
        at_most=10**6,
    )
    allow_special: bool | None = option(
        None, "Allow the unknown word, written [UNK], and other special words. [default: the pack's]"
    )

    def __post_init__(self) -> None:
        check_options(self)

    def given(self) -> dict[str, Any]:
        """What is not left to the pack."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class CaptionSettings:
    """What every trainer of the captioner is told. Raises UsageError for a value that is not allowed."""

    alpha_c: float = option(1.0, "Weight of doubly stochastic attention; 1 in the paper.", at_least=0)
    dropout: float = option(0.5, "Dropout on word embeddings and on the output layer's input.", at_least=0, below=1)
    label_smoothing: float = option(
        0.0, "Label smoothing: the share of the target that is spread over all words.", at_least=0, below=1
    )
    max_length: int | None = option(
        None, "Maximum number of words of a caption. [default: the starting pack's, or 22]", at_least=1, at_most=200
    )
    beams: int | None = option(
        None,
        "Number of beams in validation, and the pack's default. [default: the starting pack's, or 3]",
        at_least=1,
        at_most=100,
    )
    length_penalty: float | None = option(
        None,
        "Length normalisation in validation, and the pack's default. [default: the starting pack's, or 0.7]",
        at_least=0,
        at_most=10,
    )
    min_length: int | None = option(
        None,
        "Minimum number of words in validation, and the pack's default. [default: the starting pack's, or 0]",
        at_least=0,
    )
    no_repeat: int | None = option(
        None,
        "Never repeat a sequence of this many words in validation, and the pack's default; 0 turns the rule off. "
        "[default: the starting pack's, or 0]",
        at_least=0,
    )
    repeat_penalty: float | None = option(
        None,
        "Penalty on repeated words in validation, and the pack's default. [default: the starting pack's, or 0]",
        at_least=0,
        at_most=10**6,
    )

    def __post_init__(self) -> None:
        check_options(self)

    def search(self) -> dict[str, Any]:
        """The settings of the beam search that are given."""
        return {name: value for name in DEFAULT_SEARCH if (value := getattr(self, name)) is not None}


@dataclass(frozen=True)
class CaptionerSettings(CaptionSettings):
    """The options of the trainer `captioner`."""

    size: int = option(512, "Size of the embeddings, the attention layer and the LSTM.", at_least=1, at_most=8192)
    project: bool = option(False, "Project the features to the LSTM's size first.")
    tie: bool = option(False, "Tie the output layer's weights to the word embeddings.")
    deep_output: bool = option(False, "Predict words from the state, the context and the last word.")
    min_count: int = option(4, "Minimum number of occurrences of a word; rarer words are unknown.", at_least=1)
    samples: int = option(
        0, "Sampled captions per photograph for self-critical training on CIDEr; 0 trains on the words only."
    )
    word_weight: float = option(
        0.1, "Weight of the word loss on the human captions in self-critical training.", at_least=0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.samples == 1 or self.samples < 0:
            raise UsageError(f"--samples must be 0 or at least 2, not {self.samples}.")

    def decoder(self) -> dict[str, Any]:
        """What a new decoder is made of, beside the vocabulary and the features."""
        sizes = dict.fromkeys(("embedding", "attention", "hidden"), self.size)
        others = ("dropout", "project", "tie", "deep_output")
        return sizes | {name: getattr(self, name) for name in others}


@dataclass(frozen=True)
class CrossSettings(CaptionSettings):
    """The options of the trainer `cross-training`."""

    tagger: str | None = option(None, "Pack of a tagger with the captioner's encoder: a folder or a name.")
    strength: float = option(0.3, "Weight of the adjectives' loss; try 0.1, 0.3 and 1.", name="lambda", at_least=0)
    weights: str = option(
        "attention",
        "Weight of each adjective: by attention, or one of the controls with the same total weight.",
        choices=("attention", "one", "shuffled", "noun"),
    )
    distance: str = option(
        "hellinger",
        "Distance between attention maps; the paper's is euclidean.",
        choices=("hellinger", "euclidean", "jensen-shannon", "cosine"),
    )
    closeness: str = option(
        "exponential",
        "Closeness of attention maps: exponential is exp(-distance^2 / tau), linear is the paper's 1 - distance.",
        choices=("exponential", "linear"),
    )
    tau: float = option(0.1, "Scale of the exponential closeness.", above=0)
    raw_maps: bool = option(False, "Compare the attention maps as they are, not divided by their model's mean map.")
    top_k: int = option(20, "Number of tags per photograph whose adjectives are learned.", at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.tagger:
            raise UsageError("Cross-training learns from a tagger: name its pack with --tagger.")
