"""What plugins register: the kinds of component, and how one is made from its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import get_annotations
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ..errors import PluginError, SentikitError, UsageError
from . import interfaces
from .options import Option, option_values

T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of component, registered by the hook ``register_<name>s``. `made` is what its factories make."""

    name: str
    made: type

    @property
    def hook(self) -> str:
        """The hook that registers it."""
        return f"register_{self.name}s"


TAGGER: Kind[interfaces.Tagger] = Kind("tagger", interfaces.Tagger)
CAPTIONER: Kind[interfaces.Captioner] = Kind("captioner", interfaces.Captioner)
REWRITER: Kind[interfaces.Rewriter] = Kind("rewriter", interfaces.Rewriter)
COMBINER: Kind[interfaces.Combiner] = Kind("combiner", interfaces.Combiner)
ENCODER: Kind[interfaces.Encoder] = Kind("encoder", interfaces.Encoder)
METRIC: Kind[interfaces.Metric] = Kind("metric", interfaces.Metric)
TRAINER: Kind[interfaces.Task] = Kind("trainer", interfaces.Task)
FORMAT: Kind[interfaces.CaptionFormat] = Kind("format", interfaces.CaptionFormat)
PACK: Kind[Path] = Kind("pack", Path)
EXPERIMENT: Kind[Path] = Kind("experiment", Path)

KINDS: tuple[Kind[Any], ...] = (
    TAGGER,
    CAPTIONER,
    REWRITER,
    COMBINER,
    ENCODER,
    METRIC,
    TRAINER,
    FORMAT,
    PACK,
    EXPERIMENT,
)


@dataclass(frozen=True, eq=False)
class Component(Generic[T]):
    """Something a plugin registered: made by its factory when it is first used.

    needs_weights: its factory gets them as the keyword `weights`.
    is_default: it is used when the user names none of its kind.
    """

    kind: Kind[T]
    name: str
    factory: Callable[..., Any]
    summary: str
    options: tuple[Option, ...]
    distribution: str
    needs_weights: bool = False
    is_default: bool = False

    def __str__(self) -> str:
        return f"the {self.kind.name} {self.name!r}"

    def check(self, given: Mapping[str, str]) -> None:
        """Raises UsageError if a name or a value `given` is wrong; makes nothing."""
        option_values(str(self), self.options, given)

    def recorded(self, given: Mapping[str, str]) -> dict[str, str]:
        """Those of the options `given` that an output records."""
        known = {option.name: option for option in self.options}
        return {name: value for name, value in given.items() if known[name].recorded}

    def create(self, given: Mapping[str, str] | None = None, weights: object = None, **ready: Any) -> T:
        """Call the factory with the options `given` as text; `ready` values replace those of declared options.

        weights: for a component that needs them: an open `Pack` for a tagger or a captioner; for an encoder "imagenet"
            (the default), "random" or a `StoredEncoder`.
        Raises UsageError for a wrong option and PluginError if the factory fails or makes the wrong thing.
        """
        values = option_values(str(self), self.options, given or {}) | ready
        if self.needs_weights:
            values["weights"] = self._weights(weights)
        try:
            made = self.factory(**values)
        except (SentikitError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            raise PluginError(f"{self.label} failed to start: {reason(error)}.") from error
        if not isinstance(made, self.kind.made):
            missing = ", ".join(sorted(name for name in _members(self.kind.made) if not hasattr(made, name)))
            raise PluginError(f"{self.label} lacks {missing}, which a {self.kind.made.__name__} has.")
        return cast(T, made)

    def _weights(self, given: object) -> object:
        if given is None and cast(Kind[Any], self.kind) is ENCODER:
            return "imagenet"
        if given is None:
            raise UsageError(f"There are no weights for {self}: give a pack.")
        return given

    @property
    def label(self) -> str:
        """How a sentence about it begins: ``The tagger 'softmax' of sentikit-captions``."""
        return f"The {self.kind.name} {self.name!r} of {self.distribution}"


def reason(error: BaseException) -> str:
    """Why a plugin failed, on one line."""
    text = " ".join(str(error).split())
    if isinstance(error, SentikitError):
        return text.removesuffix(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _members(interface: type) -> set[str]:
    """The attributes and methods that a Protocol asks for."""
    members: set[str] = set()
    for base in interface.__mro__:
        if getattr(base, "_is_protocol", False):
            members |= set(get_annotations(base))
            members |= {name for name, value in base.__dict__.items() if callable(value) and not name.startswith("_")}
    return members
