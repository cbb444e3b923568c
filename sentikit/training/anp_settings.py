"""The options that the trainers of models over a closed list of ANPs share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..plugin.options import check_options, option


@dataclass(frozen=True)
class AnpSettings:
    """What `AnpTask` is told; a trainer's own settings extend it. Raises UsageError for a value that is not allowed."""

    min_count: int = option(1, "Minimum number of training photographs per ANP.", at_least=1)
    weights_count: bool = option(False, "Weight each photograph by the sum of its ANPs' weights.")
    prior: Path | None = option(
        None, "Ontology whose counts give P(adjective | noun), a prior that tags are shrunk towards."
    )
    prior_weight: float = option(
        0.3,
        "Weight of the prior in its geometric mean with the model; 0 disables the prior.",
        at_least=0,
        below=1,
    )

    def __post_init__(self) -> None:
        check_options(self)
