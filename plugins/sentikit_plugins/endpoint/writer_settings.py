"""The options of the language model that writes, and what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sentikit import Tag, UsageError, option

from .settings import EndpointSettings

ONLY_TAGS, ANY = "tags", "any"
STRENGTHS = {"mild": "a mild", "clear": "a clear", "strong": "a strong"}
WRITER_PROMPT = (
    "Insert adjectives into the caption of a photograph so that it expresses {strength} {polarity} feeling. Insert "
    "one or two adjectives, each directly before a noun, and at most one for each noun.{photo}{tags} Keep every word "
    "of the caption, the order of the words and the punctuation; only 'a' may become 'an'. If no adjective fits, "
    "repeat the caption as it is. Answer with the caption alone.\n\nCaption: {caption}"
)
_PHOTO = " Insert only what the photograph shows."
_TAGS = " Insert only adjectives from this description of the photograph, each for its own noun: {}."


@dataclass(frozen=True)
class WriterSettings(EndpointSettings):
    """The options of the rewriter; `adjectives` has another default for the combiner."""

    strength: str = option("clear", "how much feeling is asked for", choices=tuple(STRENGTHS))
    adjectives: str = option(ONLY_TAGS, "tags: only those of the photograph's tags; any", choices=(ONLY_TAGS, ANY))
    most_tags: int = option(20, "tags that the model may choose from", at_least=1)
    prompt: str | None = option(
        None, "another question; {caption}, {polarity}, {strength}, {tags} and {photo} are filled in"
    )
    answers: Path | None = option(None, "file that keeps the answers, so that nothing is asked twice", recorded=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.prompt is not None and "{caption}" not in self.prompt:
            raise UsageError("The option 'prompt' has {caption} in the place of the caption.")

    def prompt_for(self, caption: str, tags: Sequence[Tag], polarity: str, has_photo: bool) -> str:
        """The question about a caption."""
        listed = ", ".join(str(tag.anp) for tag in tags)
        filled = {
            "{strength}": STRENGTHS[self.strength],
            "{polarity}": "fitting" if polarity == "any" else polarity,
            "{photo}": _PHOTO if has_photo else "",
            "{tags}": _TAGS.format(listed) if self.adjectives == ONLY_TAGS else "",
            "{caption}": caption,  # last, as its text is not filled in itself
        }
        prompt = self.prompt or WRITER_PROMPT
        for place, text in filled.items():
            prompt = prompt.replace(place, text)
        return prompt


@dataclass(frozen=True)
class CombinerSettings(WriterSettings):
    """The options of the combiner, which sees the photograph and so needs no tags to choose from."""

    adjectives: str = option(ANY, "any that the model sees; tags: only those of the tags", choices=(ANY, ONLY_TAGS))
