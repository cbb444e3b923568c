"""Which captioner and which tagger are used, and where their weights are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import UsageError
from ..io.paths import shown
from ..plugin.kinds import PACK, Component, Kind
from .image_models import Named

if TYPE_CHECKING:
    from ..affect.ontology import Ontology
    from ..packs.reading import Pack
    from ..plugin.loader import Plugins

T = TypeVar("T")


def find_pack(plugins: Plugins, named: Path | None) -> Path | None:
    """The folder of the pack that is registered under the name, or on the hub as `hf://owner/name`, or the folder
    named.

    Without a name: the default pack, or None if there is none. Raises SentikitError if the hub does not have it.
    """
    from ..packs.finding import pack_folder

    name = plugins.default(PACK) if named is None else named
    return None if name is None else pack_folder(plugins, name)


def default_ontology() -> Ontology:
    """The ontology of the default pack, for components that need one and were given none.

    Raises UsageError if there is none.
    """
    from ..packs.reading import open_pack
    from ..plugin.loader import load_plugins

    plugins = load_plugins()
    folder = find_pack(plugins, None)
    ontology = None if folder is None else open_pack(folder, plugins).ontology()
    if ontology is None:
        raise UsageError("No installed pack has an ontology: name one with -O ontology=FILE.")
    return ontology


@dataclass(frozen=True)
class ModelChoice(Generic[T]):
    """A captioner or tagger, and the pack with its weights; None if it needs none."""

    component: Component[T]
    pack: Pack | None

    def create(self, options: Mapping[str, str]) -> Named[T]:
        """Make it, from options as the user wrote them. Raises SentikitError if it cannot be made."""
        component = self.component
        return Named(f"The {component.kind.name} {component.name!r}", component.create(options, self.pack))

    def settings(self, options: Mapping[str, str]) -> dict[str, Any]:
        """What an output records of it, so that no run with other weights or options continues it."""
        kind = self.component.kind.name
        weights = {f"{kind}.pack": self.pack.identity} if self.pack else {}
        recorded = self.component.recorded(options)
        return {kind: self.component.name, **weights, **{f"{kind}.{name}": value for name, value in recorded.items()}}


class ModelChooser:
    """Finds the models that the user meant. A pack is opened once, so its models share an encoder."""

    def __init__(self, plugins: Plugins, pack: Path | None, otherwise: str = "") -> None:
        """`pack`: the pack to use; None: the default. `otherwise`: what else to do without weights, ", or ..."."""
        self.plugins = plugins
        self._otherwise = otherwise
        self._pack = find_pack(plugins, pack)
        self._open: dict[str, Pack] = {}

    def choose(self, kind: Kind[T], named: str | None) -> ModelChoice[T]:
        """A captioner or a tagger, as `kind` says; of several, the first. See `choose_all`."""
        return self.choose_all(kind, named)[0]

    def choose_all(self, kind: Kind[T], named: str | None, command: str = "tag") -> tuple[ModelChoice[T], ...]:
        """The captioner or the taggers that are meant; several only if a pack has them work together.

        command: what they are for; a pack may name the best ones for that.
        named: a component registered under this name or, if there is none, a pack's name or folder; None: the pack's
            own.
        Raises SentikitError if nothing fits.
        """
        if named is not None and not self._is_pack(kind, named):
            component = self.plugins.get(kind, named)
            return (ModelChoice(component, self._weights(component)),)
        folder = self._pack if named is None else find_pack(self.plugins, Path(named))
        if folder is None:
            raise UsageError(
                f"There are no weights: give a pack with --pack FOLDER, or name a {kind.name} with --{kind.name}"
                f"{self._otherwise}."
            )
        pack = self._opened(folder)
        return tuple(ModelChoice(self.plugins.get(kind, name), pack) for name in _models_of(pack, kind, command))

    def _is_pack(self, kind: Kind[Any], named: str) -> bool:
        """A registered component comes first; ``./name`` means the folder."""
        if named in self.plugins.names(kind):
            return False
        return named in self.plugins.names(PACK) or os.path.isdir(named) or "/" in named or os.sep in named

    def _weights(self, component: Component[Any]) -> Pack | None:
        if not component.needs_weights:
            return None
        if self._pack is None:
            raise UsageError(f"There are no weights for {component}: give a pack with --pack FOLDER{self._otherwise}.")
        return self._opened(self._pack)

    def _opened(self, folder: Path) -> Pack:
        from ..packs.reading import open_pack

        key = os.path.realpath(folder)
        if key not in self._open:
            self._open[key] = open_pack(folder, self.plugins)
        return self._open[key]


def _models_of(pack: Pack, kind: Kind[Any], command: str) -> list[str]:
    """The names of the pack's models of that kind: those it has for the command or, without any, its first."""
    names = [name for name, model in pack.models.items() if model["kind"] == kind.name]
    if not names:
        raise UsageError(
            f"The pack {shown(pack.path)} has no {kind.name}: choose one with --{kind.name}, or another pack."
        )
    chosen = [name for name in pack.defaults.get(command, "").split(",") if name in names]
    return chosen or names[:1]
