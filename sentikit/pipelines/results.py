"""What the Python API gives back: small frozen results that print as text, convert to JSON and show themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..anp import ANP, Tag
from ..caption import Edit
from ..errors import SentikitError
from ..formats.coco import KEY, edit_entry, read_captions, read_mark, restore_document
from ..formats.tags import tag_line
from ..images import ImageRef
from ..images.failures import Failure
from ..io.messages import count
from .arguments import text_of
from .caption import CaptionedImage
from .jobs.caption import captioned_line
from .jobs.update import Updated

if TYPE_CHECKING:
    import numpy as np
    from pycocotools.coco import COCO


@dataclass(frozen=True, eq=False)  # attention maps have no plain equality
class Candidate:
    """One caption of a photograph.

    text: with feeling. plain: as the captioner wrote it. edits: what leads from one to the other.
    words, attention: the captioner's words, and where it looked for each ``(words, height, width)``.
    """

    text: str
    plain: str
    edits: tuple[Edit, ...] = ()
    log_probability: float | None = None
    words: tuple[str, ...] = field(default=(), repr=False)
    attention: np.ndarray | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False, repr=False)
class CaptionResult:
    """A captioned photograph. Its text and edits are those of the best of `candidates`.

    name: the file's name, or "photo 3" for the third of several that are not files.
    tags: the photograph's tags that passed the filter, best first.
    error: why it has no caption, or None.
    ref: the photograph's path and id.
    """

    name: str
    candidates: tuple[Candidate, ...]
    tags: tuple[Tag, ...]
    error: str | None
    ref: ImageRef
    _captioned: CaptionedImage | None = None

    @classmethod
    def of(cls, ref: ImageRef, captioned: CaptionedImage) -> CaptionResult:
        """The result of a photograph that was captioned."""
        candidates = tuple(
            Candidate(
                rewrite.text, caption.text, rewrite.edits, caption.log_probability, caption.words, caption.attention
            )
            for caption, rewrite in captioned.candidates
        )
        return cls(ref.file_name, candidates, tuple(captioned.tags), None, ref, captioned)

    @classmethod
    def failed(cls, ref: ImageRef, failure: Failure) -> CaptionResult:
        """The result of a photograph that could not be captioned."""
        return cls(ref.file_name, (), (), failure.reason, ref)

    @property
    def best(self) -> Candidate:
        """The best caption; an empty one if the photograph failed."""
        return self.candidates[0] if self.candidates else Candidate("", "")

    @property
    def text(self) -> str:
        """The caption with feeling."""
        return self.best.text

    @property
    def plain(self) -> str:
        """The caption as the captioner wrote it."""
        return self.best.plain

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What was inserted into `plain`."""
        return self.best.edits

    @property
    def words(self) -> tuple[str, ...]:
        """The captioner's words."""
        return self.best.words

    @property
    def attention(self) -> np.ndarray | None:
        """Where the captioner looked for each of `words` ``(words, height, width)``."""
        return self.best.attention

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        what = repr(self.text) if self.error is None else f"error={self.error!r}"
        return f"CaptionResult({self.name!r}, {what})"

    def to_dict(self) -> dict[str, Any]:
        """Everything but attention, as JSON: what ``sentikit caption --json`` prints."""
        if self._captioned is None:
            return _failed_entry(self.ref, self.error)
        return _file_entry(self.ref) | captioned_line(self.ref, self._captioned)

    def _repr_html_(self) -> str:
        from ..report.notebook import photo_html

        return photo_html(self.ref, self.candidates, self.tags, self.error)


@dataclass(frozen=True, eq=False)
class TagResult:
    """A tagged photograph: its tags, best first, or the error."""

    name: str
    tags: tuple[Tag, ...]
    error: str | None
    ref: ImageRef = field(repr=False)
    _insertable: Callable[[ANP], bool] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, ref: ImageRef, tags: list[Tag], insertable: Callable[[ANP], bool] | None = None) -> TagResult:
        """The result of a photograph that was tagged. insertable: whether a text may get an ANP."""
        return cls(ref.file_name, tuple(tags), None, ref, insertable)

    @classmethod
    def failed(cls, ref: ImageRef, failure: Failure) -> TagResult:
        """The result of a photograph that could not be tagged."""
        return cls(ref.file_name, (), failure.reason, ref)

    def __str__(self) -> str:
        return ", ".join(str(tag.anp) for tag in self.tags)

    def __iter__(self) -> Iterator[Tag]:
        return iter(self.tags)

    def __len__(self) -> int:
        return len(self.tags)

    def to_dict(self) -> dict[str, Any]:
        """A line of a tag file, with the file."""
        if self.error is not None:
            return _failed_entry(self.ref, self.error)
        return _file_entry(self.ref) | tag_line(self.ref.image_id, self.ref.file_name, self.tags, self._insertable)

    def _repr_html_(self) -> str:
        from ..report.notebook import photo_html

        return photo_html(self.ref, (), self.tags, self.error)


@dataclass(frozen=True)
class RewriteResult:
    """A caption with feeling: `text` is `plain` with the `edits`."""

    text: str
    plain: str
    edits: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"caption": self.text, "plain": self.plain, "edits": [edit_entry(edit) for edit in self.edits]}

    def _repr_html_(self) -> str:
        from ..report.notebook import marked_html

        return f"<p>{marked_html(self.plain, self.edits)}</p>"


@dataclass(frozen=True, eq=False, repr=False)
class UpdateResult:
    """An updated dataset."""

    _updated: Updated

    @property
    def document(self) -> dict[str, Any]:
        """The updated captions in COCO's form."""
        return self._updated.document

    @property
    def stats(self) -> dict[str, Any]:
        """The counts, as ``update-captions --stats`` writes them."""
        return self._updated.statistics.to_json()

    @property
    def examples(self) -> list[tuple[str, str]]:
        """The first changed captions, before and after."""
        return self._updated.examples

    def save(self, path: str | PathLike[str], *, force: bool = False) -> None:
        """Write the document, whole or not at all.

        Raises SentikitError if it cannot be written, or `path` exists and `force` is not given.
        """
        name = text_of("path", path)
        try:
            self._updated.write(Path(name), force=force)
        except TypeError as error:  # a document from Python may hold anything
            raise SentikitError(f"Cannot write {name}: the document is not JSON ({error}).") from None

    def restored(self) -> dict[str, Any]:
        """The original document, from the updated one and its edits alone."""
        return restore_document(self.document).document

    def coco(self) -> COCO:
        """The document as a pycocotools object, with its usable captions."""
        from pycocotools.coco import COCO

        made = COCO()
        document = made.dataset = self.document
        captions = read_captions(Path("captions"), document=document, allow_updated=True)
        # As its createIndex() does, which prints.
        made.imgs = captions.images
        made.anns = {a["id"]: a for a in captions.usable_annotations() if isinstance(a.get("id"), int | float | str)}
        for annotation in captions.usable_annotations():
            made.imgToAnns[annotation["image_id"]].append(annotation)
        return made

    def __str__(self) -> str:
        counts = self._updated.statistics
        return f"{counts.updated:,} of {count(counts.captions, 'caption')} updated, {count(counts.edits, 'edit')}"

    def __repr__(self) -> str:
        return f"UpdateResult({self})"

    def _repr_html_(self) -> str:
        from ..report.notebook import update_html

        marks = (read_mark(annotation[KEY]) for annotation in self.document["annotations"] if KEY in annotation)
        return update_html(str(self), islice(marks, len(self.examples)))


def _file_entry(ref: ImageRef) -> dict[str, Any]:
    return {"file": str(ref.path)}


def _failed_entry(ref: ImageRef, error: str | None) -> dict[str, Any]:
    return {**_file_entry(ref), "image_id": ref.image_id, "file_name": ref.file_name, "error": error}
