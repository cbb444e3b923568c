"""Which tagger a command uses: one, or several whose probabilities are averaged."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from ..pipelines.model_choice import ModelChoice, ModelChooser
from ..plugin.kinds import Component

if TYPE_CHECKING:
    from ..pipelines.tag_filter import TagFilter
    from ..plugin.interfaces import Tagger

Command = TypeVar("Command", bound=Callable[..., object])
Options = Mapping[Component, Mapping[str, str]]
"""Of each component, as the user wrote them; it has those of every member."""


def tagger_option(what: str) -> Callable[[Command], Command]:
    """Adds `--tagger`; `what` begins its help."""
    text = f"{what}; several, joined by commas, are averaged. [default: the pack's]"
    return click.option("--tagger", metavar="NAME|PACK[,...]", help=text)


@dataclass(frozen=True)
class TaggerChoice:
    """The members of an ensemble, in the user's order, or the only tagger."""

    members: tuple[ModelChoice, ...]

    @property
    def name(self) -> str:
        """What the members are registered as."""
        return ",".join(member.component.name for member in self.members)

    @property
    def components(self) -> list[Component]:
        """The components of the members, each once."""
        return list(dict.fromkeys(member.component for member in self.members))

    def create(self, options: Options) -> Tagger:
        """Make it, with the options of its components. Raises SentikitError where that fails."""
        made = [member.create(options[member.component]) for member in self.members]
        if len(made) == 1:
            tagger: Tagger = made[0]
            return tagger
        from ..pipelines.ensembles import ensemble_of

        return ensemble_of(made)

    def settings(self, options: Options) -> dict[str, Any]:
        """What an output says of it: names all members, their weights and options, so that no other run goes on."""
        if len(self.members) == 1:
            return self.members[0].settings(options[self.members[0].component])
        said: dict[str, Any] = {"tagger": self.name}
        for number, member in enumerate(self.members, 1):
            settings = member.settings(options[member.component])
            said |= {
                f"tagger.{number}.{name.removeprefix('tagger.')}": value
                for name, value in settings.items()
                if name != "tagger"
            }
        return said

    def with_ontology(self, tag_filter: TagFilter) -> TagFilter:
        """The filter with the ontologies of the members' packs, where the user named none and there are any."""
        if tag_filter.ontology is not None:
            return tag_filter
        from ..affect.ontology import joined

        packs = {id(member.pack): member.pack for member in self.members if member.pack}
        known = [found for pack in packs.values() if (found := pack.ontology())]
        return replace(tag_filter, ontology=joined(known)) if known else tag_filter


def choose_tagger(chooser: ModelChooser, named: str | None, command: str = "tag") -> TaggerChoice:
    """The tagger that is named or, where `named` is several joined by commas, all of them; None: the pack's own.

    command: what it is for, as for `ModelChooser.choose_all`. Raises SentikitError where nothing fits.
    """
    if named is None or os.path.isdir(named):  # a folder may have a comma in its name
        return TaggerChoice(chooser.choose_all("tagger", named, command))
    names = [name.strip() for name in named.split(",")]
    if not all(names):
        raise UsageError(f"--tagger takes a name or a pack, or several joined by commas, not {named!r}.")
    return TaggerChoice(tuple(choice for name in names for choice in chooser.choose_all("tagger", name, command)))
