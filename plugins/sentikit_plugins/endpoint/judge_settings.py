"""The options of the metric `llm-judge`, and what the judge is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentikit import UsageError, option

from .settings import EndpointSettings

_PAIR = "\n\nA: {a}\nB: {b}\n\nAnswer with one letter alone: A, B, or T for a tie."
FAITHFUL_TO_PHOTO = "Which caption is more faithful to the photograph: says nothing of it that is not true?" + _PAIR
FAITHFUL_TO_TEXTS = (
    "Several people described the same photograph:\n{references}\n\nWhich of these captions is more faithful to what "
    "they saw: says nothing that their descriptions contradict or make unlikely?" + _PAIR
)
FEELING = "Which of these two captions expresses more feeling, positive or negative?" + _PAIR


@dataclass(frozen=True)
class JudgeSettings(EndpointSettings):
    """The options of the metric. Raises UsageError without a file for the answers: they are the evidence."""

    answers: Path | None = option(None, "file that keeps prompts and answers, so that nothing is asked twice")
    images: Path | None = option(None, "folder of the photographs, for a judge that sees them; needs coco")
    coco: Path | None = option(None, "COCO file that names the photographs of the image ids")
    limit: int | None = option(None, "judge only the first N edited captions", at_least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.answers is None:
            raise UsageError("The metric 'llm-judge' keeps the judge's answers: name a file with -O answers=FILE.")
        if self.images is not None and self.coco is None:
            raise UsageError("The option 'images' needs the COCO file that names the photographs: -O coco=FILE.")
