"""The Python API: `load()` gives a `Sentikit`, which captions, tags, rewrites and updates. The command line uses the
same pipelines and takes the same options by the same names.

Nothing is printed: progress goes to a callback, messages to ``logging.getLogger("sentikit")``, and errors are
`sentikit.SentikitError`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from .anp import TagLike, as_tag
from .caption import Caption
from .errors import UsageError
from .formats.coco import CocoCaptions, captions_of
from .formats.tags import write_tags
from .images.failures import Failures
from .images.sources import Photograph
from .pipelines.caption import CaptionModels, caption_images
from .pipelines.caption_choice import CaptionChoice, choose_caption_models
from .pipelines.checks import check_rewrite
from .pipelines.combining import limit_edits
from .pipelines.image_models import Named
from .pipelines.jobs.progress import progress_to
from .pipelines.jobs.tag import TagRequest, tag_dataset
from .pipelines.jobs.update import UpdateRequest, update_dataset
from .pipelines.model_choice import ModelChooser
from .pipelines.results import CaptionResult, RewriteResult, TagResult, UpdateResult
from .pipelines.run_models import RunSettings
from .pipelines.streaming import ProgressCallback, results_of
from .pipelines.tag import tag_images
from .pipelines.tag_filter import TagFilter, make_tag_filter
from .pipelines.tagger_choice import TaggerChoice, choose_tagger
from .pipelines.update import RewriterChoice
from .plugin.assigning import assign_options
from .plugin.interfaces import Rewriter, Tagger
from .plugin.kinds import REWRITER
from .plugin.loader import Plugins, load_plugins

if TYPE_CHECKING:
    from pycocotools.coco import COCO


T = TypeVar("T")


@dataclass(frozen=True)
class Description:
    """Which models to use and where they run: all that another process needs to `load` the same. It pickles.

    pack: a pack's name or folder; None: the default one. captioner, tagger: a name, or the name or folder of a pack;
        None: the pack's own. combiner, rewriter: a name; None: the default one.
    device: auto, cpu, cuda, cuda:1 or mps. batch_size: photographs at a time. workers: threads that decode.
    options: of the components, ``{"beams": 5}`` or ``{"noun-forcing.paper": True}``, as ``-O`` on the command line.
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

    def load(self) -> Sentikit:
        """The models that it describes."""
        return Sentikit(self)


def load(
    pack: str | os.PathLike[str] | None = None,
    *,
    device: str = "auto",
    captioner: str | os.PathLike[str] | None = None,
    tagger: str | os.PathLike[str] | None = None,
    combiner: str | None = None,
    rewriter: str | None = None,
    options: Mapping[str, object] | None = None,
    batch_size: int = 16,
    workers: int | None = None,
    plugins_dir: str | os.PathLike[str] | None = None,
) -> Sentikit:
    """The bundled models, or those of `pack`; see `Description` for the arguments.

    Weights are read when a method first needs them. Raises SentikitError then if something does not fit.
    """
    return Sentikit(
        Description(
            pack=_text(pack),
            captioner=_text(captioner),
            tagger=_text(tagger),
            combiner=combiner,
            rewriter=rewriter,
            device=device,
            batch_size=batch_size,
            workers=workers,
            options=tuple((name.replace("_", "-"), _option_text(value)) for name, value in (options or {}).items()),
            plugins_dir=_text(plugins_dir),
        )
    )


@dataclass(frozen=True)
class _Models:
    """What captions and tags, chosen but not yet made."""

    captioning: CaptionChoice
    tagging: TaggerChoice
    settings: RunSettings


class Sentikit:
    """A captioner, a tagger, a combiner and a rewriter, made when they are first used. Safe to use from threads."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self._lock = RLock()
        self._made: dict[str, Any] = {}

    def __reduce__(self) -> tuple[Callable[[Description], Sentikit], tuple[Description]]:
        return Sentikit, (self.description,)

    def __repr__(self) -> str:
        return f"Sentikit({self.description})"

    def caption(
        self,
        photos: Photograph | Iterable[Photograph],
        *,
        captions: int = 1,
        max_edits: int | None = None,
        progress: ProgressCallback | None = None,
        **filter_options: Any,
    ) -> Any:
        """The `CaptionResult` of a photograph; a folder, a pattern or an iterable of photographs gives a lazy iterator.

        captions: at most this many captions a photograph. max_edits: as on the command line.
        progress: called with the number of photographs done and of all, if known.
        filter_options: top_k, min_probability, polarity, denylist and ontology, as on the command line.
        Raises SentikitError if the one photograph cannot be read; among several, its result has an `error`.
        """
        models = self._models()
        tag_filter = models.captioning.with_ontology(make_tag_filter(**filter_options))
        made = self._caption_models(tag_filter, max_edits, captions)
        run = partial(caption_images, models=made, settings=models.settings)
        return results_of(photos, run, CaptionResult.of, CaptionResult.failed, progress)

    def tag(
        self,
        photos: Photograph | Iterable[Photograph],
        *,
        top_k: int = 20,
        progress: ProgressCallback | None = None,
    ) -> Any:
        """The `TagResult` of a photograph, its `top_k` most probable tags (0: all); of several, as for `caption`."""
        models = self._models()
        run = partial(tag_images, tagger=self._tagger(), top_k=top_k or sys.maxsize, settings=models.settings)
        usable = self._once("usable", lambda: models.tagging.with_ontology(TagFilter()))
        done = partial(TagResult.of, insertable=usable.allows)
        return results_of(photos, run, done, TagResult.failed, progress)

    def rewrite(
        self, caption: str, tags: Iterable[TagLike], *, max_edits: int | None = None, **filter_options: Any
    ) -> RewriteResult:
        """Put adjectives of `tags`, best first, into a caption. No photograph is needed and no weights are loaded.

        Raises SentikitError if a tag is no adjective and noun, or an option makes no sense.
        """
        rewriter, _ = self._rewriter()
        usable = make_tag_filter(**filter_options).apply(list(map(as_tag, tags)))
        (rewrite,) = rewriter.model.rewrite([(Caption(caption), usable)])
        check_rewrite(rewriter.label, caption, rewrite)
        limit = rewriter.model.default_max_edits if max_edits is None else max_edits
        rewrite = limit_edits(caption, rewrite, usable, limit)
        return RewriteResult(rewrite.text, caption, rewrite.edits)

    def update(
        self,
        captions: str | os.PathLike[str] | Mapping[str, Any] | COCO,
        tags: str | os.PathLike[str] | Mapping[int | str, Sequence[TagLike]] | None = None,
        *,
        images: str | os.PathLike[str] | None = None,
        max_edits: int | None = None,
        jobs: int = 1,
        strict: bool = False,
        examples: int = 10,
        progress: ProgressCallback | None = None,
        **filter_options: Any,
    ) -> UpdateResult:
        """Put adjectives into the captions of a dataset; what was given stays as it is.

        captions: a COCO captions file, its parsed document, or a pycocotools `COCO`.
        tags: a tag file, or tags by image id; None: the photographs are found and tagged.
        images: the folder of the photographs; None: near the captions file.
        examples: how many changed captions the result shows.
        Raises SentikitError if the captions or the tags are not usable, or not one caption is updated.
        """
        read = captions_of(captions, strict)
        tag_filter = make_tag_filter(**filter_options)
        _, choice = self._rewriter()
        with TemporaryDirectory(prefix="sentikit-") as folder:
            path = Path(folder) / f"{read.path.stem}.tags.jsonl"
            if tags is None:
                if not isinstance(captions, str | os.PathLike) and images is None:
                    raise UsageError("Captions that are not a file need a folder of photographs (images=) or tags.")
                self._tag_dataset(read, path, images, tag_filter.top_k, strict, progress)
                tag_filter = self._models().tagging.with_ontology(tag_filter)
            elif isinstance(tags, str | os.PathLike):
                path = Path(tags)
            else:
                write_tags(path, {identity: list(map(as_tag, own)) for identity, own in tags.items()})
            request = UpdateRequest(read, path, choice, tag_filter, max_edits, jobs, tags is None, strict)
            return UpdateResult(update_dataset(request, examples, progress_to(progress)))

    def _tag_dataset(
        self,
        captions: CocoCaptions,
        path: Path,
        images: str | os.PathLike[str] | None,
        top_k: int,
        strict: bool,
        progress: ProgressCallback | None,
    ) -> None:
        models = self._models()
        request = TagRequest(models.tagging, models.captioning.options, models.settings, top_k).for_dataset()
        counts = Failures(lambda sentence: None)
        folder = None if images is None else Path(images)
        tagging = tag_dataset(
            request, captions, path, counts, images=folder, strict=strict, progress=progress_to(progress)
        )
        tagging.check(counts, strict)

    def _plugins(self) -> Plugins:
        folder = self.description.plugins_dir
        return self._once("plugins", lambda: load_plugins(None if folder is None else Path(folder)))

    def _models(self) -> _Models:
        """The image models, chosen. Raises SentikitError if there are none that fit."""
        return self._once("models", self._choose)

    def _choose(self) -> _Models:
        from .nn.devices import pick_device

        wanted = self.description
        chooser = ModelChooser(self._plugins(), None if wanted.pack is None else Path(wanted.pack))
        rewriter = self._rewriter_component()
        own = {option.name for option in rewriter.options}
        options = [f"{name}={value}" for name, value in wanted.options if not _is_of(name, rewriter.name, own)]
        tagging = choose_tagger(chooser, wanted.tagger)
        captioning = choose_caption_models(chooser, wanted.captioner, wanted.tagger, wanted.combiner, options)
        settings = RunSettings(pick_device(wanted.device), wanted.batch_size, wanted.workers)
        return _Models(captioning, tagging, settings)

    def _caption_models(self, tag_filter: TagFilter, max_edits: int | None, captions: int) -> CaptionModels:
        """The models with the settings of one call; they are made once."""
        made: CaptionModels = self._once("caption", lambda: self._models().captioning.create(tag_filter))
        return replace(made, tag_filter=tag_filter, max_edits=max_edits, captions=captions)

    def _tagger(self) -> Named[Tagger]:
        models = self._models()
        return self._once("tagger", lambda: models.tagging.create(models.captioning.options))

    def _rewriter_component(self) -> Any:
        plugins = self._plugins()
        name = self.description.rewriter or plugins.default(REWRITER)
        if name is None:
            raise UsageError("No rewriter is installed.")
        return plugins.get(REWRITER, name)

    def _rewriter(self) -> tuple[Named[Rewriter], RewriterChoice]:
        return self._once("rewriter", self._make_rewriter)

    def _make_rewriter(self) -> tuple[Named[Rewriter], RewriterChoice]:
        component = self._rewriter_component()
        own = {option.name for option in component.options}
        given = [f"{name}={value}" for name, value in self.description.options if _is_of(name, component.name, own)]
        options = assign_options(given, [component])[component]
        folder = self.description.plugins_dir
        choice = RewriterChoice(component.name, options, None if folder is None else Path(folder))
        return Named(f"The rewriter {component.name!r}", component.create(options)), choice

    def _once(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gave the first time."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            made: T = self._made[key]
            return made


def _text(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)


def _option_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_of(option: str, component: str, own: Iterable[str]) -> bool:
    """Whether `option`, with or without a prefix, is one of the rewriter's `own`."""
    prefix, _, name = option.rpartition(".")
    return name in own and prefix in ("", component, "rewriter")
