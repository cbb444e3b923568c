"""What a format of caption files is. `register_formats` offers them; the bundled ones use nothing that yours cannot.

A file is read as batches of consecutive captions, in columns, so that a file of any size is read in little memory. A
copy of it, with some captions changed, is written from the same batches: whatever the format does not know goes from
one to the other as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from ..io.messages import Problem, count, first, verb_for
from .coco.captions import ImageId
from .coco.mark import Mark

Recognition: TypeAlias = Literal["yes", "maybe", "no"]
"""Whether a file is of a format, by its name and its beginning."""
Existing: TypeAlias = Literal["overwrite", "append", "skip"]
"""What happens to a photograph's own caption file that is there already."""
Provenance: TypeAlias = Literal["inside", "beside"]
"""Where the record of the edits stands: in the file, or in a `.sentikit.jsonl` beside it."""

FURTHER_CAPTIONS = "further captions of a photograph"
"""The name under which a format counts the captions that it leaves out, as it has room for one a photograph."""
_KEPT_PROBLEMS = 100


class Change(NamedTuple):
    """A new text for a caption.

    mark: the original and the edits, if it is updated; None if it is restored.
    raw: how the text stood in the file, if the format would write it in another way; see `CaptionBatch.raw`.
    """

    text: str
    mark: Mark | None = None
    raw: str | None = None


class CaptionRecord(NamedTuple):
    """A caption on its way from one format to another.

    others: all else that is known of it or of its image, by name, such as `id`, `width` or `split`.
    """

    text: str
    image_id: ImageId | None = None
    file_name: str | None = None
    others: Mapping[str, Any] = {}


class Target(NamedTuple):
    """How something is written.

    force: replace a file that exists. inputs: files that are being read, which the output must not be.
    existing: for formats with a file per photograph: what happens to one that is there; None: it is refused.
    run: the settings of the run, for formats that keep them inside.
    """

    force: bool = False
    inputs: tuple[Path, ...] = ()
    existing: Existing | None = None
    run: Mapping[str, Any] | None = None


def _nothing(index: int) -> dict[str, Any]:
    return {}


def _as_it_is(index: int) -> None:
    return None


@dataclass(eq=False)
class CaptionBatch:
    """Consecutive captions of a file, as columns of the same length.

    image_ids, file_names: of each caption's image; at least one of the two is known.
    place: where a caption stands, such as ``line 12``.
    content: what the format needs to write this part of the file again; the engine does not look at it.
    others: all else that the file says of a caption and of its image, for other formats.
    raw: how a caption's text stands in the file, if the format would write it in another way; else None. Formats whose
        provenance is inside keep it themselves.
    marks: the captions that are updated already, with their originals and edits.
    """

    texts: list[str]
    image_ids: Sequence[ImageId | None]
    file_names: Sequence[str | None]
    place: Callable[[int], str]
    content: Any = None
    others: Callable[[int], Mapping[str, Any]] = _nothing
    raw: Callable[[int], str | None] = _as_it_is
    marks: Mapping[int, Mark] = field(default_factory=dict)

    def records(self) -> Iterator[CaptionRecord]:
        """The captions one by one."""
        for index, (text, image_id, file_name) in enumerate(
            zip(self.texts, self.image_ids, self.file_names, strict=True)
        ):
            yield CaptionRecord(text, image_id, file_name, self.others(index))


class FileNotes:
    """What is found while a file is read: problems, and captions that are left out on purpose.

    problems: the first hundred; `problem_count` counts all. What they are about is left out.
    faults: what is wrong but can be used all the same, such as an id written as 1.0; likewise with `fault_count`.
    left_out: the reason, such as ``rejected``, with the number of captions.
    not_carried: what the file says of itself and no other format can hold, such as ``info``, with how often.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.faults: list[Problem] = []
        self.fault_count = 0
        self.left_out: Counter[str] = Counter()
        self.not_carried: Counter[str] = Counter()

    def complain(self, problem: Problem) -> None:
        """Note something that is wrong; what it is about is left out."""
        self.problem_count += 1
        if len(self.problems) < _KEPT_PROBLEMS:
            self.problems.append(problem)

    def mention(self, fault: Problem) -> None:
        """Note something that is wrong and is used all the same."""
        self.fault_count += 1
        if len(self.faults) < _KEPT_PROBLEMS:
            self.faults.append(fault)

    def warnings(self) -> list[str]:
        """What the user should know, as sentences."""
        sentences = []
        if self.problem_count:
            were = verb_for(self.problem_count, "was", "were")
            shown = _first_of(self.problems, self.problem_count)
            sentences.append(f"{count(self.problem_count, 'problem')} of {self.path} {were} left out: {shown}.")
        if self.fault_count:
            shown = _first_of(self.faults, self.fault_count)
            sentences.append(f"{self.path} has {count(self.fault_count, 'fault')} and is used all the same: {shown}.")
        if self.left_out:
            parts = ", ".join(f"{number:,} {reason}" for reason, number in self.left_out.items())
            sentences.append(f"Captions of {self.path} that are left out: {parts}.")
        return sentences


def _first_of(problems: Sequence[Problem], number: int) -> str:
    more = number - len(problems[:3])
    return first(problems[:3]) + (f"; and {more:,} more" if more else "")


@runtime_checkable
class CaptionCopy(Protocol):
    """A copy of a file, as it is being written."""

    def write(self, batch: CaptionBatch, changes: Mapping[int, Change]) -> None:
        """Write the next batch of the source, with the captions at these indices changed."""
        ...


@runtime_checkable
class CaptionSource(Protocol):
    """A file of captions, opened."""

    notes: FileNotes
    """What was found by now; complete when `batches` has come to its end."""

    def batches(self) -> Iterator[CaptionBatch]:
        """The captions in the order of the file, some thousand at a time. It can be called again.

        Raises SentikitError if the file cannot be read.
        """
        ...

    def copy_to(self, output: Path, target: Target) -> AbstractContextManager[CaptionCopy]:
        """A copy of the file, to be given every batch in order. It is there, whole, when the block ends well."""
        ...


@runtime_checkable
class CaptionFormat(Protocol):
    """A format of caption files: what `register_formats` registers."""

    suffixes: Sequence[str]
    """What its files' names end with, such as ``.csv``."""
    is_folder: bool
    """Whether the captions lie in a folder, in a file per photograph."""
    is_coco: bool
    """Whether its files are COCO caption documents, which the engine reads whole and updates in memory."""
    provenance: Provenance
    """Where its files keep the record of the edits."""

    def recognize(self, path: Path, start: bytes) -> Recognition:
        """Whether a file that begins with `start`, or a folder (`start` is empty), is of this format."""
        ...

    def read(self, path: Path) -> CaptionSource:
        """Open a file. Raises SentikitError if it is not there or of another format."""
        ...

    def write(
        self, path: Path, captions: Iterable[CaptionRecord], fields: Sequence[str], target: Target
    ) -> Mapping[str, int]:
        """Write a new file, whole or not at all.

        fields: the names of `others` that the captions have.
        Returns what could not be carried over, by name, with how often it was lost.
        """
        ...
