"""Which captioner, tagger and combiner caption a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..plugin.assigning import assign_options
from ..plugin.interfaces import Captioner, Combiner
from ..plugin.kinds import CAPTIONER, COMBINER, REWRITER, Component
from ..plugin.loader import Plugins
from .caption import CaptionModels
from .combining import RewriterAsCombiner, check_combiner
from .image_models import Named
from .model_choice import ModelChoice, ModelChooser
from .tag_filter import TagFilter
from .tagger_choice import Options, TaggerChoice, choose_tagger

NO_COMBINER = "none"


@dataclass(frozen=True)
class CombinerChoice:
    """A combiner, or a rewriter in its place."""

    component: Component[Any]

    def create(self, options: Options) -> Named[Combiner]:
        """Make it. Raises SentikitError if it cannot be made."""
        made = self.component.create(options[self.component])
        combiner: Combiner = RewriterAsCombiner(made) if self.component.kind is REWRITER else made
        return Named(f"The {self.component.kind.name} {self.component.name!r}", combiner)


def choose_combiner(plugins: Plugins, named: str | None) -> CombinerChoice | None:
    """The combiner or, if there is none of that name, the rewriter; None: the default one. ``none`` is no combiner.

    Raises UsageError if there is neither.
    """
    if named is None:
        named = plugins.default(COMBINER) or NO_COMBINER
    if named == NO_COMBINER:
        return None
    if named not in plugins.names(COMBINER) and named in plugins.names(REWRITER):
        return CombinerChoice(plugins.get(REWRITER, named))
    return CombinerChoice(plugins.get(COMBINER, named))


@dataclass(frozen=True)
class CaptionChoice:
    """The models that the user chose, and the options of each."""

    captioner: ModelChoice[Captioner]
    tagger: TaggerChoice | None
    combiner: CombinerChoice | None
    options: Options

    def with_ontology(self, tag_filter: TagFilter) -> TagFilter:
        """The filter with the ontology of the tagger's pack; see `TaggerChoice.with_ontology`."""
        return self.tagger.with_ontology(tag_filter) if self.tagger else tag_filter

    def create(
        self, tag_filter: TagFilter, max_edits: int | None = None, captions: int = 1, language: str = "en"
    ) -> CaptionModels:
        """Make them all. Raises SentikitError if one cannot be made, or they do not fit together."""
        combiner = self.combiner.create(self.options) if self.combiner else None
        tagger = self.tagger.create(self.options) if self.tagger else None
        if combiner:
            check_combiner(combiner, tagger, tag_filter.ontology)
        captioner = self.captioner.create(self.options[self.captioner.component])
        return CaptionModels(captioner, tag_filter, tagger, combiner, max_edits, captions, language)

    def settings(
        self, tag_filter: TagFilter, max_edits: int | None = None, captions: int = 1, language: str = "en"
    ) -> dict[str, Any]:
        """What a file of captions records of them, so that no other run continues it."""
        recorded = self.captioner.settings(self.options[self.captioner.component])
        if captions != 1:
            recorded["captions"] = captions
        if self.tagger:
            recorded |= self.tagger.settings(self.options)
        component = self.combiner.component if self.combiner else None
        recorded["combiner"] = component.name if component else NO_COMBINER
        if component:
            own = component.recorded(self.options[component])
            recorded |= {f"combiner.{name}": value for name, value in own.items()}
            recorded |= {f"filter.{name}": value for name, value in tag_filter.to_json().items()}
            recorded["max_edits"] = max_edits
            recorded["language"] = language
        return recorded


def choose_caption_models(
    chooser: ModelChooser, captioner: str | None, tagger: str | None, combiner: str | None, options: Sequence[str]
) -> CaptionChoice:
    """A tagger is chosen if one is named or a combiner needs its tags.

    combiner: the name of a combiner or rewriter, ``none``, or None for the default one.
    options: ``NAME=VALUE``, as for `assign_options`.
    Raises SentikitError if nothing fits.
    """
    combining = choose_combiner(chooser.plugins, combiner)
    captioning = chooser.choose(CAPTIONER, captioner)
    tagging = choose_tagger(chooser, tagger, "caption") if tagger or combining else None
    components = [
        captioning.component,
        *(tagging.components if tagging else []),
        *([combining.component] if combining else []),
    ]
    return CaptionChoice(captioning, tagging, combining, assign_options(options, components))
