"""The options of the combiner."""

from __future__ import annotations

from dataclasses import dataclass

from sentikit import check_options, option


@dataclass(frozen=True)
class MatchSettings:
    """The options of `attention-match`. Raises UsageError for a value that is not allowed."""

    distance: str = option(
        "hellinger",
        "Distance between attention maps; the paper's is euclidean.",
        choices=("hellinger", "euclidean", "jensen-shannon", "cosine"),
    )
    k: float = option(1.0, "Weight of attention relative to the tag's probability; 0 ignores attention.", at_least=0)
    veto: float = option(
        0.6, "Largest distance at which an adjective may go to a noun; 1 allows any.", at_least=0, at_most=1
    )
    other_noun: float = option(
        0.1, "Factor for a noun that is not the tag's own; 0 allows only the tag's own noun.", at_least=0, at_most=1
    )
    head_of_compound: bool = option(
        True, "Match only the head of a compound, so that a train track is no train; false is the paper's figure 11."
    )

    def __post_init__(self) -> None:
        check_options(self)
