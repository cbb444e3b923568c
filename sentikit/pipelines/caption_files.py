"""Which format a file of captions is of, and opening it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import PluginError, SentikitError, UsageError
from ..formats.coco.captions import ImageId
from ..formats.interface import CaptionBatch, CaptionCopy, CaptionFormat, CaptionSource, Target
from ..io.files import check_is_file, readable_os_errors
from ..io.paths import shown
from ..plugin.kinds import FORMAT, Component, reason
from ..plugin.loader import Plugins

_START = 1 << 16
"""How much of a file's beginning a format sees to recognize it."""
_COLUMNS = ("caption-column", "image-column")


@dataclass(frozen=True)
class ChosenFormat:
    """A format by its name, made."""

    name: str
    format: CaptionFormat

    def read(self, path: Path) -> CaptionSource:
        """Open a file; what the format gives is checked. Raises SentikitError, which names the format if it fails."""
        with self.failures():
            source = self.format.read(path)
        return _CheckedSource(source, self)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Inside, an unexpected exception becomes a PluginError that names the format."""
        try:
            yield
        except (SentikitError, OSError, MemoryError, RecursionError):
            raise
        except Exception as error:
            raise PluginError(f"The format {self.name!r} failed: {reason(error)}.") from error

    def check(self, batch: CaptionBatch) -> None:
        """Raises PluginError for a batch that breaks the contract."""
        label = f"The format {self.name!r}"
        if not isinstance(batch, CaptionBatch):
            raise PluginError(f"{label} gave {type(batch).__name__} for a batch, not a CaptionBatch.")
        lengths = len(batch.texts), len(batch.image_ids), len(batch.file_names)
        if len(set(lengths)) > 1:
            columns = "{} texts, {} image ids and {} file names".format(*lengths)
            raise PluginError(f"{label} gave a batch of {columns}: they must be as many.")
        if not all(map(str.strip, batch.texts)):
            raise PluginError(f"{label} gave a caption that is blank.")
        if None in batch.image_ids and any(
            identity is None and not name for identity, name in zip(batch.image_ids, batch.file_names, strict=True)
        ):
            raise PluginError(f"{label} gave a caption without an image id and without a file name.")


class _CheckedSource:
    """A source whose batches are checked."""

    def __init__(self, source: CaptionSource, form: ChosenFormat) -> None:
        self._source = source
        self._form = form
        self.notes = source.notes

    def batches(self) -> Iterator[CaptionBatch]:
        batches = iter(self._source.batches())
        while True:
            with self._form.failures():
                batch = next(batches, None)
                self.notes = self._source.notes
                if batch is None:
                    return
                self._form.check(batch)
            yield batch

    def copy_to(self, output: Path, target: Target) -> AbstractContextManager[CaptionCopy]:
        return self._source.copy_to(output, target)


@dataclass(frozen=True)
class FormatChoice:
    """What the user said of a file's format.

    name: the format; None: by the file. columns: `caption-column` and `image-column`, where given.
    options: of the format, as ``-O`` gives them.
    """

    name: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def component(self, plugins: Plugins, path: Path) -> Component[CaptionFormat]:
        """The format of a file that is there. Raises SentikitError, with the option that helps, if it is not sure."""
        if self.name is not None:
            return plugins.get(FORMAT, self.name)
        return plugins.get(FORMAT, recognize(plugins, path))

    def to_write(self, plugins: Plugins, path: Path, option: str = "--format") -> Component[CaptionFormat]:
        """The format of a new file, by its name. Raises SentikitError, with the `option` that names it, if unsure."""
        if self.name is not None:
            return plugins.get(FORMAT, self.name)
        found = []
        folders = []
        for name in plugins.names(FORMAT):
            made = plugins.get(FORMAT, name).create()
            fitting = [len(suffix) for suffix in made.suffixes if path.name.lower().endswith(suffix.lower())]
            if fitting and not made.is_folder:
                found.append((-max(fitting), name))
            elif fitting:
                folders.append(name)
        if not found and folders:
            raise SentikitError(
                f"{shown(path)} is the name of a file, and the format {folders[0]!r} writes one for each photograph: "
                f"name a folder, and give {option} {folders[0]}."
            )
        if not found:
            raise SentikitError(f"{shown(path)} does not say which format to write: give {option} ({_names(plugins)}).")
        best = [name for length, name in sorted(found) if length == min(found)[0]]
        if len(best) == 1:
            return plugins.get(FORMAT, best[0])
        default = plugins.default(FORMAT)
        if default in best:
            return plugins.get(FORMAT, default)
        raise SentikitError(f"{shown(path)} could be of the formats {', '.join(best)}: give {option}.")

    def make(self, component: Component[CaptionFormat]) -> ChosenFormat:
        """The format with its options. Raises UsageError for one that it does not have."""
        known = {option.name for option in component.options}
        for name in self.columns:
            if name not in known:
                raise UsageError(f"Files of the format {component.name!r} have no columns: leave --{name} out.")
        return ChosenFormat(component.name, component.create({**self.options, **self.columns}))


def recognize(plugins: Plugins, path: Path) -> str:
    """The name of the format of a file or a folder.

    Raises SentikitError, with the formats to choose from, if it could be of several or is of none.
    """
    start = _start(path)
    sure: list[str] = []
    possible: list[str] = []
    for name in plugins.names(FORMAT):
        form = ChosenFormat(name, plugins.get(FORMAT, name).create())
        with form.failures():
            recognized = form.format.recognize(path, start)
        if recognized == "yes":
            sure.append(name)
        elif recognized == "maybe":
            possible.append(name)
    by_suffix = [name for name in possible if _has_suffix(plugins.get(FORMAT, name).create(), path)]
    found = sure or by_suffix or possible
    if len(found) == 1:
        return found[0]
    if found:
        ways = " or ".join(f"--format {name}" for name in found)
        raise SentikitError(f"{shown(path)} could be of the formats {', '.join(found)}: give {ways}.")
    raise SentikitError(
        f"{shown(path)} is of no known format of captions: give --format NAME ({_names(plugins)}); 'sentikit formats' "
        "lists them."
    )


@dataclass(frozen=True)
class CaptionedPhotos:
    """The photographs of a file of captions. images: by id, each with `id` and `file_name`."""

    path: Path
    images: Mapping[ImageId, Mapping[str, Any]]
    uncaptioned: Sequence[ImageId] = ()


def captioned_photos(source: CaptionSource) -> CaptionedPhotos:
    """The photographs of a file, for tagging them. Those without an id have their file name for one."""
    images: dict[ImageId, dict[str, Any]] = {}
    for batch in source.batches():
        for identity, name in zip(batch.image_ids, batch.file_names, strict=True):
            key = identity if identity is not None else name
            if key is not None and key not in images:
                images[key] = {"id": key, "file_name": name}
    return CaptionedPhotos(source.notes.path, images)


def _has_suffix(form: CaptionFormat, path: Path) -> bool:
    return any(path.name.lower().endswith(suffix.lower()) for suffix in form.suffixes)


def _start(path: Path) -> bytes:
    if path.is_dir():
        return b""
    with readable_os_errors("read", path):
        check_is_file(path)
    with readable_os_errors("read", path), path.open("rb") as handle:
        return handle.read(_START)


def _names(plugins: Plugins) -> str:
    return ", ".join(plugins.names(FORMAT))


def open_captions(
    plugins: Plugins, path: Path, choice: FormatChoice | None = None
) -> tuple[ChosenFormat, CaptionSource]:
    """A file of captions in any format. Raises SentikitError if it is not there or its format is not clear."""
    choice = choice or FormatChoice()
    chosen = choice.make(choice.component(plugins, path))
    return chosen, chosen.read(path)


def formats(plugins: Plugins) -> Iterator[tuple[Component[CaptionFormat], CaptionFormat]]:
    """All formats, with what their factories make."""
    for name in plugins.names(FORMAT):
        component = plugins.get(FORMAT, name)
        yield component, component.create()
