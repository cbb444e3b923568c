"""What plugins register: the kinds of component, and how one is made from its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import get_annotations
from pathlib import Path
from typing import Any

from ..errors import PluginError, SentikitError
from ..training.task import Task
from . import interfaces
from .options import Option, option_values

INTERFACES: dict[str, type] = {
    "tagger": interfaces.Tagger,
    "captioner": interfaces.Captioner,
    "rewriter": interfaces.Rewriter,
    "combiner": interfaces.Combiner,
    "encoder": interfaces.Encoder,
    "metric": interfaces.Metric,
    "trainer": Task,
    "pack": Path,
    "experiment": Path,
}
"""The kinds of component, each registered by the hook ``register_<kind>s``, and what its factory must make."""


@dataclass(frozen=True, eq=False)
class Component:
    """Something a plugin registered: made by its factory when it is first used."""

    kind: str
    name: str
    factory: Callable[..., Any]
    summary: str
    options: tuple[Option, ...]
    distribution: str

    def __str__(self) -> str:
        return f"the {self.kind} {self.name!r}"

    def check(self, given: Mapping[str, str]) -> None:
        """Raises UsageError where a name or a value `given` is wrong; makes nothing."""
        option_values(str(self), self.options, given)

    def create(self, given: Mapping[str, str] | None = None, **ready: Any) -> Any:
        """Call the factory with the options `given` as text; `ready` values replace those of declared options.

        Raises UsageError for a wrong option and PluginError where the factory fails or makes the wrong thing.
        """
        values = option_values(str(self), self.options, given or {}) | ready
        try:
            made = self.factory(**values)
        except SentikitError:
            raise
        except (Exception, SystemExit) as error:
            raise PluginError(f"{self._sentence_start()} failed to start: {reason(error)}.") from error
        interface = INTERFACES[self.kind]
        if not isinstance(made, interface):
            missing = ", ".join(sorted(name for name in _members(interface) if not hasattr(made, name)))
            raise PluginError(f"{self._sentence_start()} lacks {missing}, which a {interface.__name__} has.")
        return made

    def _sentence_start(self) -> str:
        return f"The {self.kind} {self.name!r} of {self.distribution}"


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
