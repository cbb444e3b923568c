"""What a calibration file holds: background statistics of pairs and nouns, and fitted coefficients."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentikit import ANP, SentikitError
from sentikit.io.files import atomic_write, readable_os_errors

from .loading import ClipModel
from .scoring import Coefficients, Counted, Moments

if TYPE_CHECKING:
    from torch import Tensor

FORMAT, VERSION = "sentikit-clip-calibration", "1"
_PARTS = ("count", "total", "squares")


@dataclass(frozen=True, eq=False)
class Calibration:
    """Statistics of the d of `anps` over background photographs of their nouns, and of the cosines of `nouns`.

    by: the coefficients; None if there were too few labels to fit them, so that scores are no probabilities.
    strength: a pair with so many background photographs is shrunk towards its adjective by half.
    model: the hash of the weights. report: how it was made, as JSON.
    """

    model: str
    templates: tuple[str, ...]
    resize: str
    anps: tuple[ANP, ...]
    nouns: tuple[str, ...]
    of_anps: Counted
    of_nouns: Counted
    by: Coefficients | None
    strength: float
    report: dict[str, Any]

    def check(self, clip: ClipModel, templates: Sequence[str], path: Path) -> None:
        """Raises SentikitError if it was made with another model, transform or templates."""
        for what, same in (
            ("model", self.model == clip.weights_hash),
            ("resize rule", self.resize == clip.preprocessing["resize_mode"]),
            ("templates", self.templates == tuple(templates)),
        ):
            if not same:
                raise SentikitError(
                    f"{path} was made with another {what}: make it again with 'sentikit train clip-calibration'."
                )

    def moments(self, anps: Sequence[ANP]) -> Moments:
        """Of any list of pairs: those without background photographs get what their adjective has."""
        return _shrunk_onto(
            self.of_anps, [(anp, anp.adjective) for anp in self.anps], [(anp, anp.adjective) for anp in anps],
            self.strength,
        )  # fmt: skip

    def noun_moments(self, nouns: Sequence[str]) -> Moments:
        """Of any nouns; those that were not counted get what all have."""
        return _shrunk_onto(
            self.of_nouns, [(noun, "") for noun in self.nouns], [(noun, "") for noun in nouns], self.strength
        )

    def write(self, path: Path, *, force: bool = False) -> None:
        """Write a safetensors file with everything else in its header. Raises SentikitError."""
        from safetensors.torch import save

        about = {
            "format": FORMAT,
            "version": VERSION,
            "model": self.model,
            "templates": list(self.templates),
            "resize": self.resize,
            "anps": list(map(str, self.anps)),
            "nouns": list(self.nouns),
            "coefficients": self.by and asdict(self.by),
            "strength": self.strength,
            "report": self.report,
        }
        tensors = {f"anps.{name}": getattr(self.of_anps, name).contiguous() for name in _PARTS}
        tensors |= {f"nouns.{name}": getattr(self.of_nouns, name).contiguous() for name in _PARTS}
        with atomic_write(path, force=force) as file:
            file.write_bytes(save(tensors, {"format": FORMAT, "calibration": json.dumps(about)}))


def read_calibration(path: Path) -> Calibration:
    """The calibration of a file. Raises SentikitError if it is none, or not sound."""
    from safetensors import SafetensorError, safe_open

    with readable_os_errors("read", path):
        path.stat()
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})["calibration"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        anps = tuple(ANP.parse(text) for text in about["anps"])
        nouns = tuple(map(str, about["nouns"]))
        by = about["coefficients"]
        found = Calibration(
            str(about["model"]), tuple(map(str, about["templates"])), str(about["resize"]), anps, nouns,
            _counted(tensors, "anps", len(anps)), _counted(tensors, "nouns", len(nouns)),
            None if by is None else _coefficients(by), float(about["strength"]), dict(about["report"]),
        )  # fmt: skip
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SentikitError(
            f"{path} is not a calibration that 'sentikit train clip-calibration' wrote ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:120]})."
        ) from None
    return found


def _counted(tensors: dict[str, Tensor], name: str, length: int) -> Counted:
    parts = [tensors[f"{name}.{part}"].double() for part in _PARTS]
    if any(tuple(part.shape) != (length,) or not bool(part.isfinite().all()) for part in parts):
        raise ValueError(f"its statistics of {name} are not {length} finite numbers")
    return Counted(*parts)


def _coefficients(values: dict[str, Any]) -> Coefficients:
    numbers = {field.name: float(values[field.name]) for field in fields(Coefficients)}
    if not all(map(isfinite, numbers.values())):
        raise ValueError("its coefficients are not finite")
    return Coefficients(**numbers)


def _shrunk_onto(
    known: Counted, keys: Sequence[tuple[object, str]], wanted: Sequence[tuple[object, str]], strength: float
) -> Moments:
    """The shrunk moments of what is `wanted`, from what is known of `keys`; a key is a thing and its group."""
    import torch

    places: dict[tuple[object, str], int] = {}
    groups: dict[str, int] = {}
    for key in (*keys, *wanted):
        places.setdefault(key, len(places))
        groups.setdefault(key[1], len(groups))
    more = torch.zeros(len(places) - len(keys), dtype=torch.float64)
    every = Counted(*(torch.cat([part, more]) for part in (known.count, known.total, known.squares)))
    moments = every.shrunk(torch.tensor([groups[group] for _, group in places]), strength)
    return moments.at(torch.tensor([places[key] for key in wanted]))
