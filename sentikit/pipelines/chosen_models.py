"""The models that a Python caller chose: found at once, made when they are first needed, shared by threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from ..anp import ANP
from ..errors import UsageError
from ..nn.devices import pick_device
from ..plugin.assigning import assign_options
from ..plugin.interfaces import Rewriter, Tagger
from ..plugin.kinds import REWRITER, Component
from ..plugin.loader import Plugins, load_plugins
from .arguments import whole
from .caption import CaptionModels
from .caption_choice import CaptionChoice, choose_caption_models
from .combining import check_combiner
from .image_models import Named
from .model_choice import ModelChooser
from .run_models import RunSettings
from .tag_filter import TagFilter
from .tagger_choice import Options, TaggerChoice, choose_tagger
from .update import RewriterChoice

T = TypeVar("T")

log = logging.getLogger("sentikit")


@dataclass(frozen=True)
class Description:
    """Which models to use and where they run: all that another process needs to make the same. It pickles.

    pack: a pack's name or folder; None: the default one.
    captioner, tagger: a name, or the name or folder of a pack; None: the pack's own.
    combiner, rewriter: a name; None: the default one.
    device: auto, cpu, cuda, cuda:1 or mps. batch_size: photographs at a time. workers: threads that decode.
    options: the components' options as text, ``(("beams", "5"), ("noun-forcing.paper", "true"))``.
    plugins_dir: a folder of single-file plugins.
    """

    pack: str | None = None
    captioner: str | None = None
    tagger: str | None = None
    combiner: str | None = None
    rewriter: str | None = None
    device: str = "auto"
    batch_size: int = 16
    workers: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    plugins_dir: str | None = None


class ChosenModels:
    """The components that a `Description` means, and the models made of them."""

    def __init__(self, described: Description) -> None:
        """Raises SentikitError if something that is named does not exist or fit. No weights are read."""
        if not isinstance(described, Description):
            raise UsageError(f"Models are made of a Description, not {type(described).__name__}; see sentikit.load().")
        whole("batch_size", described.batch_size, 1)
        if described.workers is not None:
            whole("workers", described.workers, 0)
        if described.device != "auto":  # which may take torch's import to find out
            pick_device(described.device)
        self._described = described
        self._plugins_dir = None if described.plugins_dir is None else Path(described.plugins_dir)
        plugins = load_plugins(self._plugins_dir)
        for warning in plugins.warnings:
            log.warning(warning)
        chooser = ModelChooser(plugins, None if described.pack is None else Path(described.pack))
        named = (described.captioner, described.tagger, described.combiner)
        self._rewriter = _rewriter(plugins, described.rewriter)
        self._tagging = _if_any(lambda: choose_tagger(chooser, described.tagger), [described.tagger])
        self._captioning = _if_any(lambda: choose_caption_models(chooser, *named, []), named)
        self._options = self._assign(described.options)
        self._lock = RLock()
        self._made: dict[str, Any] = {}

    @property
    def tagging(self) -> TaggerChoice:
        """The tagger to use. Raises UsageError if the pack has none."""
        return _found(self._tagging)

    @property
    def captioning(self) -> CaptionChoice:
        """The captioner, tagger and combiner to use. Raises UsageError if the pack lacks one."""
        return replace(_found(self._captioning), options=self._options)

    @property
    def options(self) -> Options:
        """The options of each component."""
        return self._options

    def settings(self) -> RunSettings:
        """How the image models run."""
        device = self._once("device", lambda: pick_device(self._described.device))
        return RunSettings(device, self._described.batch_size, self._described.workers)

    def captioner(
        self, tag_filter: TagFilter, max_edits: int | None, captions: int, language: str = "en"
    ) -> CaptionModels:
        """What captions photographs, with the settings of one call."""
        made: CaptionModels = self._once("captioner", lambda: _undisturbed(lambda: self.captioning.create(tag_filter)))
        if made.combiner:
            check_combiner(made.combiner, made.tagger, tag_filter.ontology)
        return replace(made, tag_filter=tag_filter, max_edits=max_edits, captions=captions, language=language)

    def tagger(self) -> Named[Tagger]:
        """What tags photographs."""
        return self._once("tagger", lambda: _undisturbed(lambda: self.tagging.create(self._options)))

    def insertable(self) -> Callable[[ANP], bool]:
        """Whether a text may get an ANP, by the tagger's ontology."""
        return self._once("insertable", lambda: self.tagging.with_ontology(TagFilter()).allows)

    def rewriter(self) -> Named[Rewriter]:
        """What puts tags into captions."""
        return self._once("rewriter", lambda: self._rewriting().create())

    def rewriting(self) -> RewriterChoice:
        """The rewriter of this process, and how others make their own."""
        return replace(self._rewriting(), made=self.rewriter())

    def _rewriting(self) -> RewriterChoice:
        component = _found(self._rewriter)
        return RewriterChoice(component.name, self._options[component], self._plugins_dir)

    def _assign(self, given: Iterable[tuple[str, str]]) -> Options:
        components: list[Component[Any]] = []
        if isinstance(self._captioning, CaptionChoice):
            components += self._captioning.options
        if isinstance(self._tagging, TaggerChoice):
            components += self._tagging.components
        if isinstance(self._rewriter, Component):
            components.append(self._rewriter)
        return assign_options(
            [f"{name}={value}" for name, value in dict(given).items()], list(dict.fromkeys(components))
        )

    def _once(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gave the first time."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            made: T = self._made[key]
            return made


def _undisturbed(make: Callable[[], T]) -> T:
    """What `make` gives; torch draws random numbers for weights before they are read, and here gets them back."""
    import torch

    with torch.random.fork_rng(devices=[]):
        return make()


def _rewriter(plugins: Plugins, named: str | None) -> Component[Rewriter] | UsageError:
    name = named or plugins.default(REWRITER)
    return plugins.get(REWRITER, name) if name else UsageError("No rewriter is installed.")


def _if_any(choose: Callable[[], T], named: Iterable[str | None]) -> T | UsageError:
    """What `choose` gives. If nothing is `named` and the pack has none, the error, which only matters if it is used."""
    try:
        return choose()
    except UsageError as error:
        if any(name is not None for name in named):
            raise
        return error


def _found(choice: T | UsageError) -> T:
    if isinstance(choice, UsageError):
        raise UsageError(*choice.args)  # a new one: raised again and again, its traceback would grow
    return choice
