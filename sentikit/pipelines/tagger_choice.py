"""Which tagger is used: one, or several whose probabilities are averaged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..errors import UsageError
from ..plugin.interfaces import Tagger
from ..plugin.kinds import TAGGER, Component
from .image_models import Named
from .model_choice import ModelChoice, ModelChooser
from .tag_filter import TagFilter

Options: TypeAlias = Mapping[Component[Any], Mapping[str, str]]
"""Of each component, as the user wrote them; it has those of every member."""


@dataclass(frozen=True)
class TaggerChoice:
    """The members of an ensemble, in the user's order, or the only tagger. `made`: the tagger, if it is in memory."""

    members: tuple[ModelChoice[Tagger], ...]
    made: Named[Tagger] | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the members are registered as."""
        return ",".join(member.component.name for member in self.members)

    @property
    def components(self) -> list[Component[Any]]:
        """The components of the members, each once."""
        return list(dict.fromkeys(member.component for member in self.members))

    def create(self, options: Options) -> Named[Tagger]:
        """Make it, with the options of its components. Raises SentikitError if that fails."""
        if self.made is not None:
            return self.made
        made = [member.create(options[member.component]) for member in self.members]
        if len(made) == 1:
            return made[0]
        from .ensembles import ensemble_of

        ensemble = ensemble_of([member.model for member in made], [member.label for member in made])
        return Named(f"The tagger {self.name!r}", ensemble)

    def settings(self, options: Options) -> dict[str, Any]:
        """What an output records of it: all members, their weights and options, so that no other run continues it."""
        if len(self.members) == 1:
            return self.members[0].settings(options[self.members[0].component])
        recorded: dict[str, Any] = {"tagger": self.name}
        for number, member in enumerate(self.members, 1):
            settings = member.settings(options[member.component])
            recorded |= {
                f"tagger.{number}.{name.removeprefix('tagger.')}": value
                for name, value in settings.items()
                if name != "tagger"
            }
        return recorded

    def with_ontology(self, tag_filter: TagFilter) -> TagFilter:
        """The filter with the ontologies of the members' packs, if the user named none and there are any."""
        if tag_filter.ontology is not None:
            return tag_filter
        from ..affect.ontology import joined

        packs = {id(member.pack): member.pack for member in self.members if member.pack}
        known = [found for pack in packs.values() if (found := pack.ontology())]
        return replace(tag_filter, ontology=joined(known)) if known else tag_filter


def choose_tagger(chooser: ModelChooser, named: str | None, command: str = "tag") -> TaggerChoice:
    """The tagger that is named or, if `named` is several joined by commas, all of them; None: the pack's own.

    command: what it is for, as for `ModelChooser.choose_all`. Raises SentikitError if nothing fits.
    """
    if named is None or os.path.isdir(named):  # a folder may have a comma in its name
        return TaggerChoice(chooser.choose_all(TAGGER, named, command))
    names = [name.strip() for name in named.split(",")]
    if not all(names):
        raise UsageError(f"--tagger takes a name or a pack, or several joined by commas, not {named!r}.")
    return TaggerChoice(tuple(choice for name in names for choice in chooser.choose_all(TAGGER, name, command)))
