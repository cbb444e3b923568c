"""What the metrics of feeling share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from sentikit import EvaluatedCaption, SentikitError


class Feeling(ABC):
    """A metric of feeling, which is also an ordinary metric of captions alone."""

    notes: Sequence[str] = ()

    @abstractmethod
    def measure(self, captions: Sequence[EvaluatedCaption]) -> dict[str, float]:
        """The figures, as `AffectMetric` says."""

    def compute(
        self, captions: Mapping[int | str, str], references: Mapping[int | str, Sequence[str]]
    ) -> dict[str, float]:
        return self.measure([EvaluatedCaption(image, text, references[image]) for image, text in captions.items()])


def share(count: float, of: int, what: str) -> float:
    """``count / of``. Raises SentikitError where there is none of `what`, as then there is no share."""
    if not of:
        raise SentikitError(f"there are no {what}")
    return count / of
