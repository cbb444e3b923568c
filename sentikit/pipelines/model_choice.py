"""Which captioner and which tagger a command uses, and where their weights are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..io.paths import shown
from ..plugin.kinds import Component

if TYPE_CHECKING:
    from ..packs.reading import Pack
    from ..plugin.loader import Plugins


def find_pack(plugins: Plugins, named: Path | None) -> Path | None:
    """The folder of the pack that is registered under the name or, where none is, the folder named.

    Without a name: the first one registered, or None where there is none.
    """
    names = plugins.names("pack")
    name = next(iter(names), None) if named is None else str(named)
    if name not in names:
        return named
    folder: Path = plugins.get("pack", name).create()
    return folder


@dataclass(frozen=True)
class ModelChoice:
    """A captioner or tagger, and the pack with its weights; None where it needs none."""

    component: Component
    pack: Pack | None

    def create(self, options: Mapping[str, str]) -> Any:
        """Make it, from options as the user wrote them. Raises SentikitError where it cannot be made."""
        weights = {"pack": self.pack} if self.pack and "pack" not in options else {}
        return self.component.create(options, **weights)

    def settings(self, options: Mapping[str, str]) -> dict[str, Any]:
        """What an output says of it, so that no other run goes on with other weights or options."""
        kind = self.component.kind
        weights = {f"{kind}.pack": self.pack.identity} if self.pack else {}
        return {kind: self.component.name, **weights, **{f"{kind}.{name}": value for name, value in options.items()}}


class ModelChooser:
    """Finds the models that the user meant. A pack is opened once, so its models share an encoder."""

    def __init__(self, plugins: Plugins, pack: Path | None, otherwise: str = "") -> None:
        """`pack`: what --pack says; None: the default. `otherwise`: what else to do without weights, ", or ..."."""
        self.plugins = plugins
        self._otherwise = otherwise
        self._pack = find_pack(plugins, pack)
        self._open: dict[str, Pack] = {}

    def choose(self, kind: str, named: str | None) -> ModelChoice:
        """A captioner or a tagger, as `kind` says; of several, the first. See `choose_all`."""
        return self.choose_all(kind, named)[0]

    def choose_all(self, kind: str, named: str | None, command: str = "tag") -> tuple[ModelChoice, ...]:
        """The captioner or the taggers that are meant; several only where a pack has them work together.

        command: what they are for; a pack may say which ones are best for that.
        named: what is registered under this name or, where nothing is, a pack's name or folder; None: the pack's own.
        Raises SentikitError where nothing fits.
        """
        if named is not None and not self._is_pack(kind, named):
            component = self.plugins.get(kind, named)
            return (ModelChoice(component, self._weights(component)),)
        folder = self._pack if named is None else find_pack(self.plugins, Path(named))
        if folder is None:
            raise UsageError(
                f"There are no weights: give a pack with --pack FOLDER, or name a {kind} with --{kind}"
                f"{self._otherwise}."
            )
        pack = self._opened(folder)
        return tuple(ModelChoice(self.plugins.get(kind, name), pack) for name in _models_of(pack, kind, command))

    def _is_pack(self, kind: str, named: str) -> bool:
        """What is registered comes first; ``./name`` says that the folder is meant."""
        if named in self.plugins.names(kind):
            return False
        return named in self.plugins.names("pack") or os.path.isdir(named) or "/" in named or os.sep in named

    def _weights(self, component: Component) -> Pack | None:
        if not any(option.name == "pack" for option in component.options):
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


def _models_of(pack: Pack, kind: str, command: str) -> list[str]:
    """The names of the pack's models of that kind: those it has for the command or, without any, its first."""
    names = [name for name, model in pack.models.items() if model["kind"] == kind]
    if not names:
        raise UsageError(f"The pack {shown(pack.path)} has no {kind}: choose one with --{kind}, or another pack.")
    chosen = [name for name in pack.defaults.get(command, "").split(",") if name in names]
    return chosen or names[:1]
