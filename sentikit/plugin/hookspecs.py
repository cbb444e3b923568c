"""The hooks a plugin can implement. Each is optional; `register` is the callback described in `Register`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pluggy

if TYPE_CHECKING:
    import click

    from .options import Option

hookspec = pluggy.HookspecMarker("sentikit")
hookimpl = pluggy.HookimplMarker("sentikit")


class Register(Protocol):
    """The callback that every `register_*` hook but `register_commands` gets."""

    def __call__(
        self,
        name: str,
        factory: Callable[..., Any],
        *,
        summary: str,
        options: Sequence[Option] = (),
        weights: bool = False,
        default: bool = False,
    ) -> None:
        """Offer a component.

        name: lower case, words joined by hyphens; what users type.
        factory: called with one keyword argument per option, hyphens as underscores, when the component is first
            used. Import torch, spaCy and the like inside it, not at the top of the plugin.
        summary: one line for `sentikit plugins`.
        options: what `-O NAME=VALUE` may set.
        weights: the factory also gets the keyword `weights`. A tagger's or captioner's is an open `Pack` (from `--pack`
            and the like); an encoder's is "imagenet", "random" or the `StoredEncoder` of a pack.
        default: use this component when the user names none of its kind.
        """


@hookspec
def register_taggers(register: Register) -> None:
    """Offer taggers: photograph -> tags."""


@hookspec
def register_captioners(register: Register) -> None:
    """Offer captioners: photograph -> caption."""


@hookspec
def register_rewriters(register: Register) -> None:
    """Offer rewriters: (caption, tags) -> rewrite, for datasets."""


@hookspec
def register_combiners(register: Register) -> None:
    """Offer combiners: (caption, tags, scorer) -> rewrite, for two models' outputs on an image."""


@hookspec
def register_encoders(register: Register) -> None:
    """Offer encoders: photograph -> feature map."""


@hookspec
def register_metrics(register: Register) -> None:
    """Offer metrics for `sentikit evaluate`."""


@hookspec
def register_trainers(register: Register) -> None:
    """Offer trainers for `sentikit train`."""


@hookspec
def register_formats(register: Register) -> None:
    """Offer formats of caption files: reading them, writing them, and changing captions in them."""


@hookspec
def register_packs(register: Register) -> None:
    """Offer packs of weights: the factory returns the folder. The first one registered is used where none is named."""


@hookspec
def register_experiments(register: Register) -> None:
    """Offer experiments for `sentikit reproduce`: the factory returns the recipe, a TOML file."""


@hookspec
def register_commands(cli: click.Group) -> None:
    """Add commands to `sentikit`, with click's own decorators on `cli`; see `docs/plugins.md` for its groups."""
