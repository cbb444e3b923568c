"""n-grams, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeAlias, TypeVar

MAX_ORDER = 4
"""BLEU and CIDEr look at n-grams of one to four words."""

T = TypeVar("T", bound=Hashable)
NGram: TypeAlias = tuple[T, ...]


def count_ngrams(tokens: Sequence[T]) -> list[Counter[NGram[T]]]:
    """How often each n-gram occurs: a counter for each order, single words first."""
    return [Counter(zip(*(tokens[start:] for start in range(order)))) for order in range(1, MAX_ORDER + 1)]  # noqa: B905
