"""The Python API: `load()` gives a `Sentikit`, which captions, tags, rewrites and updates. The command line uses the
same pipelines and takes the same options by the same names.

Nothing is printed: progress goes to a callback, messages to ``logging.getLogger("sentikit")``, and errors are
`sentikit.SentikitError`.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack, overload

from .anp import TagLike
from .caption import Rewrite
from .english.language import LANGUAGES, not_english
from .errors import UsageError
from .formats.coco import CocoCaptions, ImageId, captions_of
from .formats.tags import given_tags, tags_by_image
from .images.failures import Failures
from .images.sources import Photograph
from .pipelines.arguments import FilterOptions, filter_of, optional_text, refuse_other_format, text_of, whole
from .pipelines.caption import caption_images
from .pipelines.chosen_models import ChosenModels, Description
from .pipelines.combining import under_rules
from .pipelines.edit_limits import EditRules
from .pipelines.jobs.progress import progress_to
from .pipelines.jobs.tag import TagRequest, tag_dataset, tags_path
from .pipelines.jobs.update import UpdateRequest, update_dataset
from .pipelines.results import CaptionResult, RewriteResult, TagResult, UpdateResult
from .pipelines.streaming import ProgressCallback, results_of
from .pipelines.tag import tag_images
from .pipelines.update import Captioned, rewrite_chunk

if TYPE_CHECKING:
    from pycocotools.coco import COCO

    from .images.find import ImageSource

StrPath: TypeAlias = str | os.PathLike[str]

log = logging.getLogger("sentikit.api")


def load(
    pack: StrPath | None = None,
    *,
    device: str = "auto",
    captioner: StrPath | None = None,
    tagger: StrPath | None = None,
    combiner: str | None = None,
    rewriter: str | None = None,
    options: Mapping[str, object] | None = None,
    batch_size: int = 16,
    workers: int | None = None,
    plugins_dir: StrPath | None = None,
) -> Sentikit:
    """The bundled models, or those of `pack`. Weights are read when a method first needs them.

    pack: a pack's name or folder, or `hf://owner/name` on the Hugging Face hub.
    captioner, tagger: a name, or that of a pack, if it is not the one of `pack`.
    combiner, rewriter: a name.
    device: auto, cpu, cuda, cuda:1 or mps. batch_size: photographs at a time. workers: threads that decode.
    options: the components' options, ``{"beams": 5}`` or ``{"noun-forcing.paper": True}``.
    plugins_dir: a folder of single-file plugins.
    Raises SentikitError if something that is named does not exist or fit.
    """
    options = {} if options is None else options
    if not isinstance(options, Mapping):
        raise UsageError(f"options are a dictionary such as {{'beams': 5}}, not {type(options).__name__}.")
    return Sentikit(
        Description(
            pack=optional_text("pack", pack),
            captioner=optional_text("captioner", captioner),
            tagger=optional_text("tagger", tagger),
            combiner=optional_text("combiner", combiner),
            rewriter=optional_text("rewriter", rewriter),
            device=text_of("device", device),
            batch_size=batch_size,
            workers=workers,
            options=tuple(
                (str(name).replace("_", "-"), _option_text(value)) for name, value in (options or {}).items()
            ),
            plugins_dir=optional_text("plugins_dir", plugins_dir),
        )
    )


class Sentikit:
    """A captioner, a tagger, a combiner and a rewriter.

    Threads may share it. It pickles as its description, `Sentikit(model.description)` makes another one.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self._chosen = ChosenModels(description)

    def __reduce__(self) -> tuple[type[Sentikit], tuple[Description]]:
        return Sentikit, (self.description,)

    def __repr__(self) -> str:
        return f"Sentikit({self.description})"

    @overload
    def caption(
        self,
        photos: StrPath,
        *,
        captions: int = ...,
        max_edits: int | None = ...,
        language: str = ...,
        progress: ProgressCallback | None = ...,
        **filter_options: Unpack[FilterOptions],
    ) -> Any: ...
    @overload
    def caption(  # type: ignore[overload-overlap]  # an array is an iterable of rows
        self,
        photos: ImageSource,
        *,
        captions: int = ...,
        max_edits: int | None = ...,
        language: str = ...,
        progress: ProgressCallback | None = ...,
        **filter_options: Unpack[FilterOptions],
    ) -> CaptionResult: ...
    @overload
    def caption(
        self,
        photos: Iterable[Photograph],
        *,
        captions: int = ...,
        max_edits: int | None = ...,
        language: str = ...,
        progress: ProgressCallback | None = ...,
        **filter_options: Unpack[FilterOptions],
    ) -> Iterator[CaptionResult]: ...
    def caption(
        self,
        photos: Photograph | Iterable[Photograph],
        *,
        captions: int = 1,
        max_edits: int | None = None,
        language: str = "en",
        progress: ProgressCallback | None = None,
        **filter_options: Unpack[FilterOptions],
    ) -> CaptionResult | Iterator[CaptionResult]:
        """Caption a photograph: a file, a Pillow image, an array or bytes. Several give a lazy iterator of results, in
        order: a folder, a pattern such as ``photos/*.jpg``, a list or a generator.

        captions: at most this many captions a photograph, best first. max_edits: at most this many edits a caption.
        language: "en", or "any" to edit captions that are not in English as well.
        progress: called with the number of photographs done and the number of all, or None if it is not known.
        filter_options: top_k, min_probability, polarity, min_valence, denylist and ontology; see `FilterOptions`.
        Raises SentikitError if the one photograph cannot be read; among several, its result has an `error`.
        """
        captions, rules = whole("captions", captions, 1), _rules(max_edits, language)
        tag_filter = self._chosen.captioning.with_ontology(filter_of(filter_options))
        models = self._chosen.captioner(tag_filter, rules.max_edits, captions, rules.language)
        run = partial(caption_images, models=models, settings=self._chosen.settings())
        return results_of(photos, run, CaptionResult.of, CaptionResult.failed, progress)

    @overload
    def tag(self, photos: StrPath, *, top_k: int = ..., progress: ProgressCallback | None = ...) -> Any: ...
    @overload
    def tag(  # type: ignore[overload-overlap]  # an array is an iterable of rows
        self, photos: ImageSource, *, top_k: int = ..., progress: ProgressCallback | None = ...
    ) -> TagResult: ...
    @overload
    def tag(
        self, photos: Iterable[Photograph], *, top_k: int = ..., progress: ProgressCallback | None = ...
    ) -> Iterator[TagResult]: ...
    def tag(
        self,
        photos: Photograph | Iterable[Photograph],
        *,
        top_k: int = 20,
        progress: ProgressCallback | None = None,
    ) -> TagResult | Iterator[TagResult]:
        """Tag a photograph with its `top_k` most probable adjective-noun pairs (0: all); several as for `caption`."""
        top_k = whole("top_k", top_k, 0)
        settings = self._chosen.settings()
        run = partial(tag_images, tagger=self._chosen.tagger(), top_k=top_k or sys.maxsize, settings=settings)
        done = partial(TagResult.of, insertable=self._chosen.insertable())
        return results_of(photos, run, done, TagResult.failed, progress)

    def rewrite(
        self,
        caption: str,
        tags: Iterable[TagLike],
        *,
        max_edits: int | None = None,
        language: str = "en",
        **filter_options: Unpack[FilterOptions],
    ) -> RewriteResult:
        """Put the adjectives of `tags`, best first, into a caption. No photograph is needed and no weights are read.

        tags: ``["happy dog"]``, ``[("happy", "dog")]``, `ANP` or `Tag`.
        max_edits, language, filter_options: as for `caption`.
        Raises SentikitError if a tag is no adjective and noun, or an option makes no sense.
        """
        if not isinstance(caption, str):
            raise UsageError(f"A caption is text, not {type(caption).__name__}.")
        rules = _rules(max_edits, language)
        tag_filter = filter_of(filter_options)
        usable = tag_filter.apply(given_tags(tags))
        rewriter = under_rules(self._chosen.rewriter(), tag_filter)
        done = rewrite_chunk([Captioned([caption], usable, bool(usable))], rewriter, rules)
        if done.foreign:
            log.warning(not_english(done.foreign))
        rewrite = done.rewrites.get(0, Rewrite(caption))
        return RewriteResult(rewrite.text, caption, rewrite.edits)

    def update(
        self,
        captions: StrPath | Mapping[str, Any] | COCO,
        tags: StrPath | Mapping[ImageId, Sequence[TagLike]] | None = None,
        *,
        images: StrPath | None = None,
        allow_outside: bool = False,
        tags_file: StrPath | None = None,
        max_edits: int | None = None,
        language: str = "en",
        jobs: int = 1,
        strict: bool = False,
        examples: int = 10,
        progress: ProgressCallback | None = None,
        **filter_options: Unpack[FilterOptions],
    ) -> UpdateResult:
        """Put adjectives into the captions of a dataset. What is given stays as it is.

        captions: a COCO captions file, its parsed document, or a pycocotools `COCO`.
        tags: a tag file, or tags by image id; None: the photographs are found and tagged.
        images: the folder of the photographs; None: they are looked for near the captions file.
        allow_outside: also read photographs that a file name or a link places outside that folder.
        tags_file: keep the photographs' tags in this file, and continue the one of an interrupted run.
        jobs: processes that rewrite. strict: raise at the first problem of a file instead of leaving the entry out.
        examples: the number of changed captions that the result shows.
        progress: called for the photographs, then for the captions, with the number done and of all.
        max_edits, language, filter_options: as for `caption`.
        Raises SentikitError if the captions or the tags are not usable, or not one caption is updated.
        """
        max_edits, language = _rules(max_edits, language)
        jobs, examples = whole("jobs", jobs, 1), whole("examples", examples, 0)
        if tags is not None and (images is not None or tags_file is not None):
            raise UsageError("The tags are given, so nothing is tagged: leave images and tags_file out.")
        tag_filter = filter_of(filter_options)
        rewriter = self._chosen.rewriting()
        refuse_other_format(captions)
        read = captions_of(captions, strict)
        for sentence in read.warnings():
            log.warning(sentence)
        if tags is not None:
            given = Path(tags) if isinstance(tags, str | os.PathLike) else tags_by_image(tags)
            request = UpdateRequest(read, given, rewriter, tag_filter, max_edits, jobs, False, strict, language)
            return UpdateResult(update_dataset(request, examples, progress_to(progress)))
        if not isinstance(captions, str | os.PathLike) and images is None:
            raise UsageError("Captions that are not a file need a folder of photographs (images=) or tags.")
        photos = None if images is None else Path(text_of("images", images))
        with TemporaryDirectory(prefix="sentikit-") as folder:
            kept = optional_text("tags_file", tags_file)
            path = Path(kept) if kept else tags_path(read.path, Path(folder, "updated"))
            self._tag_dataset(read, path, photos, allow_outside, tag_filter.top_k, strict, progress)
            tag_filter = self._chosen.tagging.with_ontology(tag_filter)
            request = UpdateRequest(read, path, rewriter, tag_filter, max_edits, jobs, True, strict, language)
            return UpdateResult(update_dataset(request, examples, progress_to(progress)))

    def _tag_dataset(
        self,
        captions: CocoCaptions,
        path: Path,
        images: Path | None,
        allow_outside: bool,
        top_k: int,
        strict: bool,
        progress: ProgressCallback | None,
    ) -> None:
        chosen = self._chosen
        tagger = replace(chosen.tagging, made=chosen.tagger())
        request = TagRequest(tagger, chosen.options, chosen.settings(), top_k).for_dataset()
        counts = Failures(log.warning)
        tagging = tag_dataset(
            request,
            captions,
            path,
            counts,
            images=images,
            allow_outside=allow_outside,
            strict=strict,
            progress=progress_to(progress),
        )
        tagging.check(counts, strict)


def _rules(max_edits: int | None, language: str) -> EditRules:
    if language not in LANGUAGES:
        raise UsageError(f"language is {' or '.join(LANGUAGES)}, not {language!r}.")
    return EditRules(None if max_edits is None else whole("max_edits", max_edits, 0), language)


def _option_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
