"""Counts the verdicts of readers: agreement, rates with intervals, planted faults found."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

VERDICTS = ("good", "odd", "fault")
_Verdicts = Mapping[int, Mapping[str, Any]]


def compare(sheet: Path, readers: Sequence[Path]) -> None:
    """Print, as JSON lines, the captions that the two readers judge differently."""
    first, second = (_read(path, sheet) for path in readers)
    for row in _rows(sheet):
        if first[row["number"]]["verdict"] != second[row["number"]]["verdict"]:
            print(json.dumps(row, ensure_ascii=False))


def count(sheet: Path, readers: Sequence[Path], third: Path | None) -> None:
    """Print agreement, the rates of each verdict and of each kind of fault, and the planted faults found."""
    first, second = (_read(path, sheet) for path in readers)
    planted = {int(number) for number in json.loads((sheet / "key.json").read_text("utf-8"))["planted"]}
    numbers = [row["number"] for row in _rows(sheet) if row["number"] not in planted]
    print(f"agreement {_agreement(first, second, numbers):.3f}, Cohen's kappa {_kappa(first, second, numbers):.3f}")
    for name, verdicts in (("first", first), ("second", second)):
        caught = sum(verdicts[number]["verdict"] != "good" for number in planted)
        print(f"planted faults that the {name} reader found: {caught} of {len(planted)}")
    final = _decided(first, second, third, numbers)
    for verdict in VERDICTS:
        found = sum(one["verdict"] == verdict for one in final.values())
        low, high = wilson(found, len(final))
        print(f"{verdict:<6}{found:>5} of {len(final)}  {found / len(final):6.1%}  [{low:.1%}, {high:.1%}]")
    kinds = Counter(str(one.get("kind") or "other") for one in final.values() if one["verdict"] != "good")
    for kind, number in kinds.most_common():
        print(f"  {kind}: {number}")


def wilson(found: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson."""
    share = found / of
    middle = share + z * z / (2 * of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - half) / (1 + z * z / of)), min(1.0, (middle + half) / (1 + z * z / of))


def _rows(sheet: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (sheet / "sheet.jsonl").read_text("utf-8").splitlines()]


def _read(path: Path, sheet: Path) -> _Verdicts:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    verdicts = {int(line["number"]): line for line in lines}
    missing = [row["number"] for row in _rows(sheet) if row["number"] not in verdicts]
    wrong = [number for number, line in verdicts.items() if line["verdict"] not in VERDICTS]
    if missing or wrong:
        sys.exit(f"{path}: no verdict for {missing[:10]}, and none of {', '.join(VERDICTS)} for {wrong[:10]}.")
    return verdicts


def _decided(first: _Verdicts, second: _Verdicts, third: Path | None, numbers: Sequence[int]) -> dict[int, Any]:
    """What both say, or else the third reader; without one, the worse verdict."""
    decisions = {}
    if third:
        lines = [json.loads(line) for line in third.read_text("utf-8").splitlines() if line.strip()]
        decisions = {int(line["number"]): line for line in lines}
    final = {}
    for number in numbers:
        one, other = first[number], second[number]
        if one["verdict"] == other["verdict"]:
            final[number] = one
        else:
            worse = max(one, other, key=lambda line: VERDICTS.index(line["verdict"]))
            final[number] = decisions.get(number, worse)
    return final


def _agreement(first: _Verdicts, second: _Verdicts, numbers: Sequence[int]) -> float:
    return sum(first[number]["verdict"] == second[number]["verdict"] for number in numbers) / len(numbers)


def _kappa(first: _Verdicts, second: _Verdicts, numbers: Sequence[int]) -> float:
    shares = [Counter(reader[number]["verdict"] for number in numbers) for reader in (first, second)]
    chance = sum(shares[0][verdict] * shares[1][verdict] for verdict in VERDICTS) / len(numbers) ** 2
    return (_agreement(first, second, numbers) - chance) / (1 - chance) if chance < 1 else 1.0
