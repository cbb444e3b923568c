"""Tagging photographs into a tag file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from ...anp import ANP, Tag
from ...errors import SentikitError
from ...formats.coco import ImageId
from ...formats.tags import ANOTHER_FILE, TagWriter, check_goes_on, tag_line, was_made_otherwise
from ...images import ImageRef, check_distinct_ids, find_coco_images, missing_warning
from ...images.failures import Failures
from ...io.messages import count
from ..run_models import Outcome, RunSettings
from ..tag import tag_images
from ..tag_filter import TagFilter
from ..tagger_choice import Options, TaggerChoice
from .photos import continue_through
from .progress import Progress, no_progress

LEAST_TAGS = 20
"""Tags of an image that a dataset's tag file holds, at least, so that runs with a smaller top-k can use it as well."""

_NOT_OURS = "move it away, give it with --tags if it holds the tags, or write to another folder with -o"
_OTHER_TAGS = "make the tags anew with --force, or write to another folder with -o"

log = logging.getLogger("sentikit.jobs")


@dataclass(frozen=True)
class TagRequest:
    """Which tagger tags, and how.

    options: of the tagger's components, as the user wrote them.
    top_k: tags of an image; 0: all.
    """

    tagger: TaggerChoice
    options: Options
    settings: RunSettings
    top_k: int = 20

    def for_dataset(self) -> TagRequest:
        """The same with enough tags that later runs can use them; see `LEAST_TAGS`."""
        return replace(self, top_k=max(self.top_k, LEAST_TAGS))

    def insertable(self) -> Callable[[ANP], bool]:
        """Whether a text may get an ANP, unless the user says otherwise: by the taggers' packs and the denylist."""
        return self.tagger.with_ontology(TagFilter()).allows

    def header(self) -> dict[str, Any]:
        """What a tag file records of how its tags were made."""
        return self.tagger.settings(self.options) | {"top_k": self.top_k}


def tag_to_file(
    request: TagRequest,
    refs: Sequence[ImageRef],
    path: Path,
    counts: Failures,
    *,
    again: bool = False,
    remedy: str = ANOTHER_FILE,
    progress: Progress = no_progress,
) -> None:
    """Tag `refs` into a tag file, continuing the one that is there unless `again`.

    remedy: what to do if it cannot be continued, as the end of a sentence.
    Raises SentikitError if two images have the same id, if the file was made in another way, and if a model fails;
    what is done by then stays in the file.
    """
    check_distinct_ids(refs)
    # A model that cannot be made must leave no file, and one that is not needed need not be made.
    tagger = None if path.exists() and not again else request.tagger.create(request.options)
    with TagWriter(path, request.header(), resume=not again, remedy=remedy) as writer:
        insertable = request.insertable()

        def run(todo: Sequence[ImageRef]) -> Generator[Outcome[list[Tag]], None, None]:
            nonlocal tagger
            tagger = tagger or request.tagger.create(request.options)
            return tag_images(todo, tagger, request.top_k or sys.maxsize, request.settings)

        def write(ref: ImageRef, tags: list[Tag]) -> None:
            writer.write_line(tag_line(ref.image_id, ref.file_name, tags, insertable))

        continue_through(refs, writer, run, write, counts, request.settings.batch_size, progress)


def tags_path(captions: Path, output: Path) -> Path:
    """Where a dataset's tags go: beside the output, named after the captions, so that another run finds them again."""
    return output.with_name(captions.name.removesuffix(".json") + ".tags.jsonl")


def check_dataset_tags(path: Path) -> None:
    """Raises SentikitError if `path` holds something else than tags that `tag_dataset` began; it is left as it is."""
    check_goes_on(path, _NOT_OURS)  # --force does not replace it: nobody named it


@dataclass(frozen=True)
class DatasetTagging:
    """What became of a dataset's photographs. `missing` is a sentence on those without a file, if there are any."""

    photographs: int
    missing: str | None

    def check(self, counts: Failures, strict: bool) -> None:
        """Raises SentikitError if no photograph was tagged or, `strict`, if one was not."""
        if self.missing and strict:
            raise SentikitError(self.missing)
        if not (counts.done or counts.skipped):
            raise SentikitError(f"None of the {count(self.photographs, 'photograph')} could be tagged.")
        if strict and counts.failed:
            raise SentikitError(
                f"{counts.failed:,} of the {count(self.photographs, 'photograph')} could not be tagged."
            )


class CaptionedDataset(Protocol):
    """What is known of a dataset's photographs: a `CocoCaptions`, or a `CaptionedPhotos`."""

    @property
    def path(self) -> Path:
        """The file of the captions."""
        ...

    @property
    def images(self) -> Mapping[ImageId, Mapping[str, Any]]:
        """The images by id."""
        ...

    @property
    def uncaptioned(self) -> Sequence[ImageId]:
        """The ids of images without captions."""
        ...


def tag_dataset(
    request: TagRequest,
    captions: CaptionedDataset,
    path: Path,
    counts: Failures,
    *,
    images: Path | None = None,
    allow_outside: bool = False,
    strict: bool = False,
    force: bool = False,
    progress: Progress = no_progress,
) -> DatasetTagging:
    """Tag the captioned photographs of a dataset into the tag file `path`, continuing what it holds.

    images: the folder of the photographs; None: near the captions.
    allow_outside: also tag photographs that a file name or a link places outside that folder.
    strict: tag nothing if a photograph has no file.
    force: make the tags anew if the file's were made in another way.
    Raises SentikitError if no photograph is found, and as `tag_to_file` does.
    """
    check_dataset_tags(path)
    uncaptioned = set(captions.uncaptioned)
    wanted = [image for identity, image in captions.images.items() if identity not in uncaptioned]
    photos = find_coco_images(captions.path, wanted, images, allow_outside=allow_outside)
    missing = missing_warning(captions.path, photos)
    if missing:
        counts.add(photos.missing, aloud=False)
        if strict:
            return DatasetTagging(len(photos.refs), missing)
        log.warning(missing)
    again = force and was_made_otherwise(path, request.header())
    tag_to_file(request, photos.refs, path, counts, again=again, remedy=_OTHER_TAGS, progress=progress)
    return DatasetTagging(len(photos.refs), missing)
