"""Draws that depend on a seed and on names alone: not on the order of files, the platform or the Python version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from sentikit import UsageError


class Shares(NamedTuple):
    """What part of a class is for training, validating and testing; they sum to 1."""

    train: Fraction
    val: Fraction
    test: Fraction

    @classmethod
    def of(cls, val: float, test: float) -> Shares:
        """Training gets the rest. Raises UsageError where nothing is left for it."""
        exact = Fraction(str(val)), Fraction(str(test))  # of the decimals that were written
        train = 1 - exact[0] - exact[1]
        if train <= 0:
            raise UsageError(f"--val {val:g} and --test {test:g} leave nothing to train on: together they are below 1.")
        return cls(train, *exact)


def split_names(names: Iterable[str], shares: Shares, seed: int) -> dict[str, str]:
    """The split of each name: ``train``, ``val`` or ``test``."""
    order = shuffled(names, seed)
    splits: list[str] = []
    for split, size in zip(Shares._fields, split_sizes(len(order), shares), strict=True):
        splits += [split] * size
    return dict(zip(order, splits, strict=True))


def split_sizes(number: int, shares: Shares) -> list[int]:
    """`number` divided by the shares, each rounded down or up: up where most is missing, of equals the first."""
    exact = [number * share for share in shares]
    sizes = [int(size) for size in exact]
    missing = sorted(range(len(sizes)), key=lambda place: sizes[place] - exact[place])
    for place in missing[: number - sum(sizes)]:
        sizes[place] += 1
    return sizes


def shuffled(names: Iterable[str], seed: int) -> Sequence[str]:
    """The names in an order of the seed's. A name keeps its place among others whatever else is there."""
    return sorted(names, key=lambda name: (_number(name, seed), name))


def _number(name: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}/{name}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
