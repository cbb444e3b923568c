"""The options of models that Hugging Face transformers loads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentikit import UsageError, check_options, option

DTYPES = ("auto", "float32", "float16", "bfloat16")
PROMPT = "Describe the photograph in one short, factual sentence. Answer with the sentence alone."
"""What a model with a chat template is asked."""


@dataclass(frozen=True)
class ModelSettings:
    """Which model. Raises UsageError if a value makes no sense."""

    model: str | None = option(None, "a name on the Hugging Face Hub, or a folder that save_pretrained wrote")
    revision: str | None = option(None, "commit, tag or branch on the Hub; a commit always means the same weights")
    dtype: str = option("auto", "number format of the weights; auto: as they are stored", choices=DTYPES)
    local_only: bool = option(False, "use only files that are on this machine, and ask no server", recorded=False)

    def __post_init__(self) -> None:
        check_options(self)
        if not self.model:
            raise UsageError(
                "No model is named: give one with -O model=NAME, such as Salesforce/blip-image-captioning-large."
            )

    @property
    def name(self) -> str:
        """The model's name or folder."""
        assert self.model is not None
        return self.model


@dataclass(frozen=True)
class CaptionSettings(ModelSettings):
    """The options of the captioner."""

    prompt: str | None = option(
        None, "what the model is asked, or the beginning of the caption (see the documentation)"
    )
    max_new_tokens: int = option(50, "maximum tokens of a caption", at_least=1)
    image_size: int = option(1024, "longest side that a model with a chat template gets, in pixels", at_least=32)
    num_beams: int = option(3, "beams of the search; 1 takes the likeliest token each time", at_least=1, at_most=100)


@dataclass(frozen=True)
class ZeroShotSettings(ModelSettings):
    """The options of the tagger."""

    ontology: Path | None = option(None, "the ANPs to choose from: an ontology, or a text file with an ANP a line")
    template: str = option("a photo of {}", "the text for an ANP: {} stands for 'a happy dog'")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ontology is None:
            raise UsageError(
                "The tagger 'zero-shot' knows no adjective-noun pairs of its own: give a list with -O ontology=FILE."
            )
        if self.template.count("{}") != 1:
            raise UsageError("The option 'template' has {} once, in the place of the adjective and the noun.")
