"""The options of the trainer."""

from __future__ import annotations

from dataclasses import dataclass

from sentikit import option
from sentikit.training.anp_settings import AnpSettings


@dataclass(frozen=True)
class AnpDecoderSettings(AnpSettings):
    """The options of the trainer `anp-decoder`. A prior needs the noun first."""

    noun_first: bool = option(False, "Decode the noun first, then the adjective (paper section 6).")
    alpha_c: float = option(0.0, "Weight of doubly stochastic attention; 1 in the paper.", at_least=0)
    dropout: float = option(0.6, "Dropout on word embeddings and on the output layer's input.", at_least=0, below=1)
    size: int = option(512, "Size of the embeddings, the attention layer and the LSTM.", at_least=1, at_most=8192)
    project: bool = option(False, "Project the features to the LSTM's size first.")
    label_smoothing: float = option(
        0.0, "Label smoothing: the share of the target that is spread over all words.", at_least=0, below=1
    )
    draws: int = option(
        1, "ANPs sampled per photograph and epoch, in proportion to their weights.", at_least=1, at_most=1000
    )
    logit_adjustment: float = option(
        0.0,
        "Strength of logit adjustment by P(second word | first word) in the training data; 1 is full adjustment.",
        at_least=0,
    )
