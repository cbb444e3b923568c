"""Tag files, read and checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, nan
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeAlias

import orjson

from ...anp import ANP, Tag
from ...errors import SentikitError
from ...io.files import check_is_file, readable_os_errors
from ...io.messages import MISSING, Problem, count, show, verb_for
from ..coco.captions import ImageId
from .entries import HEADER, checked_anp, parse_anp, parse_tag
from .table import ImageTags, TagTable

_SHOWN = 3
_PAIR = itemgetter("adjective", "noun")
_PROBABILITY = itemgetter("probability")
_Entries: TypeAlias = tuple[list[int], list[float]]
"""The places of the ANPs of an image, and their probabilities."""


class TaggedImage(NamedTuple):
    """An image of a tag file: its id, its file name (at least one of them), and the line it stands on, from 1."""

    image_id: ImageId | None
    file_name: str | None
    line: int

    @property
    def key(self) -> ImageId:
        """The image_id, else the file name."""
        return (self.file_name or "") if self.image_id is None else self.image_id

    def __str__(self) -> str:
        return show(self.key)


class TagFile:
    """A tag file as it was read, and what is wrong with it.

    header: the settings that the tags were made with, where the file says.
    images: the images with usable lines, in the order of the file; ``tags[i]`` are the tags of ``images[i]``.
    problems: the first things that are wrong; `skipped_lines` and `skipped_tags` count them all.
    bad_lines: the numbers of the lines that were left out, wholly or in part.
    without_probability: how many tags have only a rank.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: dict[str, Any] | None = None
        self.images: list[TaggedImage] = []
        self.tags = TagTable()
        self.tag_count = 0
        self.without_probability = 0
        self.problems: list[Problem] = []
        self.skipped_lines = 0
        self.skipped_tags = 0
        self.bad_lines: set[int] = set()

    @property
    def by_id(self) -> ImageTags:
        """The tags of the images that have an id, by it."""
        rows = {image.image_id: row for row, image in enumerate(self.images) if image.image_id is not None}
        return ImageTags(self.tags, rows)

    def warnings(self) -> list[str]:
        """What the user should know before these tags are used: sentences, for stderr."""
        skipped = [
            count(number, what) for number, what in ((self.skipped_lines, "line"), (self.skipped_tags, "tag")) if number
        ]
        if not skipped:
            return []
        total = self.skipped_lines + self.skipped_tags
        more = total - len(self.problems)
        shown = [*map(str, self.problems), *([f"and {more:,} more"] if more else [])]
        were = verb_for(total, "was", "were")
        return [f"{' and '.join(skipped)} of {self.path} {were} left out: {'; '.join(shown)}."]


def read_tags(path: Path, *, strict: bool = False, allow_empty: bool = False) -> TagFile:
    """Read a tag file: ``{"image_id": 1, "file_name": "a.jpg", "anps": [...]}`` a line, after an optional header line.

    An entry of `anps` is ``{"adjective": "cute", "noun": "dog", "probability": 0.3}`` or ``"cute dog"``, best first.
    strict: raise at the first problem. Otherwise bad lines and tags are left out and counted (`TagFile.warnings`).
    allow_empty: take a file that has no usable line, too.
    Raises SentikitError for a file that cannot be read or has no usable line.
    """
    file = _Reader(path, strict).read()
    if not file.images and not allow_empty:
        problem = f"the first problem is {file.problems[0]}" if file.problems else "it is empty"
        raise SentikitError(f"{path} has no tags: {problem}.")
    return file


class _Places(dict[Any, int]):
    """What an entry of a tag file says -> the place of its ANP. Each distinct entry is checked once."""

    def __init__(self, table: TagTable, parse: Callable[[Any], ANP]) -> None:
        self._table = table
        self._parse = parse

    def __missing__(self, said: Any) -> int:
        place = self[said] = self._table.place(self._parse(said))
        return place


class _Reader:
    def __init__(self, path: Path, strict: bool) -> None:
        self._strict = strict
        self._file = TagFile(path)
        self._of_pair = _Places(self._file.tags, lambda pair: checked_anp(*pair))
        self._of_text = _Places(self._file.tags, parse_anp)
        self._seen: set[ImageId] = set()
        self._seen_names: set[str] = set()
        self._number = 0

    def read(self) -> TagFile:
        with open_text(self._file.path) as lines:
            for number, line in enumerate(lines, 1):
                self._number = number
                try:
                    self._read_line(number, _parse(line))
                except _LineError as error:
                    self._complain(error.problem, whole_line=True)
                except (ValueError, RecursionError) as error:
                    if line.isspace():
                        continue
                    what = "it is not JSON" if isinstance(error, json.JSONDecodeError) else "it is not valid JSON"
                    self._complain(Problem(f"line {number:,}", "", line.strip(), what), whole_line=True)
        return self._file

    def _read_line(self, number: int, value: Any) -> None:
        if type(value) is not dict:
            raise _LineError(number, "", value, "it is not an object")
        if HEADER in value and "anps" not in value:
            self._read_header(number, value[HEADER])
            return
        image = self._image(number, value)
        entries = value.get("anps", MISSING)
        if type(entries) is not list:
            what = "it is missing" if entries is MISSING else "it is not a list"
            hint = " (this is a COCO file, not a tag file)" if "annotations" in value else ""
            raise _LineError(number, "anps", entries, what + hint)
        self._add(image, self._quickly(entries) or self._carefully(number, entries))

    def _read_header(self, number: int, header: Any) -> None:
        file = self._file
        if type(header) is not dict:
            raise _LineError(number, HEADER, header, "it is not an object")
        if file.header is None and not file.images:
            file.header = header
        elif header != file.header:  # files that were joined may repeat it
            raise _LineError(number, HEADER, header, "it is a header with other settings in the middle of the file")

    def _image(self, number: int, value: dict[str, Any]) -> TaggedImage:
        identity, name = value.get("image_id"), value.get("file_name")
        if identity is None and name is None:
            raise _LineError(number, "", value, "it has neither an image_id nor a file_name")
        if identity is not None and type(identity) is not int and type(identity) is not str:
            raise _LineError(number, "image_id", identity, "it is neither a whole number nor text")
        if name is not None and (type(name) is not str or not name):
            raise _LineError(number, "file_name", name, "it is not a file name")
        if identity in self._seen:
            raise _LineError(number, "image_id", identity, "an earlier line is for the same image")
        if identity is None and name in self._seen_names:
            raise _LineError(number, "file_name", name, "an earlier line is for the same image")
        return TaggedImage(identity, name, number)

    def _add(self, image: TaggedImage, entries: _Entries) -> None:
        file = self._file
        places, probabilities = entries
        file.tags.append(places, probabilities)
        file.tag_count += len(places)
        file.images.append(image)
        if image.image_id is not None:
            self._seen.add(image.image_id)
        elif image.file_name is not None:
            self._seen_names.add(image.file_name)

    # Files hold millions of tags: a line whose entries are sound is read in a few calls into C, any other tag by tag.

    def _quickly(self, entries: list[Any]) -> _Entries | None:
        """The entries, where all are sound and of one form; None where they need a closer look."""
        try:
            if type(entries[0]) is str:
                places = list(map(self._of_text.__getitem__, entries))
                self._file.without_probability += len(places)
                return places, [nan] * len(places)
            places = list(map(self._of_pair.__getitem__, map(_PAIR, entries)))
            return _best_first(places, list(map(_PROBABILITY, entries)))
        except (IndexError, KeyError, TypeError, ValueError):
            return None

    def _carefully(self, number: int, entries: list[Any]) -> _Entries:
        tags: list[Tag] = []
        for index, entry in enumerate(entries):
            try:
                tags.append(parse_tag(entry))
            except ValueError as error:
                self._complain(Problem(f"line {number:,}", f"anps[{index}]", entry, str(error)), whole_line=False)
        tags.sort(key=lambda tag: (tag.probability is None, -(tag.probability or 0)))
        self._file.without_probability += sum(tag.probability is None for tag in tags)
        places = [self._file.tags.place(tag.anp) for tag in tags]
        return places, [nan if tag.probability is None else tag.probability for tag in tags]

    def _complain(self, problem: Problem, *, whole_line: bool) -> None:
        file = self._file
        if self._strict:
            raise SentikitError(f"{file.path}, {problem}.")
        if len(file.problems) < _SHOWN:
            file.problems.append(problem)
        file.bad_lines.add(self._number)
        file.skipped_lines += whole_line
        file.skipped_tags += not whole_line


def _best_first(places: list[int], probabilities: list[Any]) -> _Entries | None:
    """Both by probability, or None where not all of these are numbers between 0 and 1. A mixture raises TypeError."""
    ranked = sorted(probabilities, reverse=True)
    if not (ranked[-1] > 0 and ranked[0] < 1 and sum(ranked) < inf):  # NaN would fail, and true and false
        return None
    if ranked != probabilities:
        order = sorted(range(len(places)), key=probabilities.__getitem__, reverse=True)
        places = [places[index] for index in order]
    return places, ranked


def _parse(line: str) -> Any:
    """The value of a line. orjson is three times as fast as json, which takes what orjson does not: NaN, huge ids."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line)
    return json.loads(line) if type(value) is dict and type(value.get("image_id")) is float else value


class _LineError(Exception):
    """A whole line that cannot be used."""

    def __init__(self, number: int, key: str, value: Any, what: str) -> None:
        self.problem = Problem(f"line {number:,}", key, value, what)


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file, with or without a byte-order mark, to be read. Raises SentikitError where it is none."""
    with readable_os_errors("read", path):
        check_is_file(path)
        lines = path.open(encoding="utf-8-sig")
    with readable_os_errors("read", path), lines:
        try:
            yield lines
        except UnicodeDecodeError:
            raise SentikitError(f"Cannot read {path}: it is not UTF-8 text; save it as UTF-8.") from None
