"""What is tested, and what a check of it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import MissingExtraError, PluginError, SentikitError, UsageError
from ..plugin.kinds import Component


class NotChecked(Exception):
    """A rule cannot be checked, such as one of a component that needs options which are not given."""


@dataclass(frozen=True)
class Subject:
    """A component under test, with the options to test it with.

    weights: what a component that needs weights is made of: an open `Pack`, or "random" for an encoder.
    """

    component: Component[Any]
    options: Mapping[str, str] = field(default_factory=dict)
    weights: object = None

    @property
    def label(self) -> str:
        """How sentences about it begin."""
        return f"The {self.component.kind.name} {self.component.name!r}"

    def make(self) -> Any:
        """A new one. Raises NotChecked if it needs options, weights or an extra that are not there."""
        try:
            return self.component.create(self.options, self.weights)
        except (UsageError, MissingExtraError) as error:
            raise NotChecked(str(error)) from error
        except PluginError:
            raise
        except SentikitError as error:
            if not self.component.needs_weights:
                raise
            raise NotChecked(str(error)) from error  # the pack has no such model


@dataclass(frozen=True)
class Check:
    """One rule of a contract. `run` raises AssertionError or SentikitError, with the reason, if it is broken, and
    NotChecked if nobody can know.

    name: words joined by hyphens. rule: what is asked, in a sentence.
    """

    name: str
    rule: str
    run: Callable[[Subject], None]

    def __str__(self) -> str:
        return self.name


def check_of(function: Callable[[Subject], None]) -> Check:
    """The check that a function makes: its name, and the first line of its docstring."""
    rule = (function.__doc__ or "").strip().splitlines()[0]
    return Check(function.__name__.replace("_", "-"), rule, function)
