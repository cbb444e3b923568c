"""Builds reports: thumbnails and data, photograph by photograph, in memory that does not grow with the pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import SentikitError, UsageError
from ..images import OUTSIDE
from ..images.failures import Failure
from ..io.files import atomic_write, check_output, read_text
from ..io.folders import whole_folder
from ..io.paths import as_text, shown
from .captioned import ReportPhoto, Results
from .page import DATA_SCRIPT, SCRIPTS, STYLE, asset, is_report, page_alone, page_with_files
from .privacy import without_folders, without_folders_in
from .rows import RowMaker, attention_rows, call
from .statistics import ReportStatistics, count_photos
from .thumbnails import Photographs, Thumbnail, find_photographs, stream_thumbnails

MOST_EMBEDDED = 200
"""Photographs that a report in a single file may have."""
_CHUNK = 500
"""Photographs whose data are in one file."""

Progress = Callable[[int], None]


@dataclass
class ReportCounts:
    """What a report shows.

    failed: photographs without a picture, where there are pictures, or without a caption.
    outside: the names of those that are outside the folder of the photographs.
    """

    statistics: ReportStatistics
    failed: int
    pictures: bool
    outside: list[str]


def check_folder(folder: Path, *, force: bool = False, inputs: Iterable[Path] = ()) -> None:
    """Raise SentikitError where `write_report_folder` would refuse `folder`: to be called before long work."""
    target = Path(os.path.realpath(folder))
    if not target.exists():
        return
    if not target.is_dir():
        raise SentikitError(f"Cannot write {shown(folder)}: it is a file; name a folder, or add --single-file.")
    if not any(target.iterdir()):
        return
    if not force:
        raise SentikitError(f"{shown(folder)} exists already: name another folder, or replace it with --force.")
    page = target / "index.html"
    if not (page.is_file() and is_report(read_text(page))):
        raise SentikitError(f"{shown(folder)} is not replaced, since it is not a report: name another folder.")
    for source in inputs:
        if target in (real := Path(os.path.realpath(source))).parents or target == real:
            raise SentikitError(
                f"{shown(folder)} is not replaced, since {shown(source)} is in it: name another folder."
            )


def write_report_folder(
    results: Results,
    folder: Path,
    images_dir: Path | None = None,
    *,
    allow_outside: bool = False,
    force: bool = False,
    inputs: Iterable[Path] = (),
    progress: Progress = lambda photos: None,
) -> ReportCounts:
    """Write a folder with the page ``index.html``, and what it loads: photographs, data, scripts and style.

    images_dir: where the photographs are; by default near the results.
    allow_outside: also show photographs that a file name or a link places outside that folder.
    force: replace a report that is there.
    inputs: what is read, which must not be in a folder that is replaced.
    Raises SentikitError where it cannot be written, or none of the photographs is in `images_dir`.
    """
    inputs = tuple(inputs)
    check_folder(folder, force=force, inputs=inputs)
    found = find_photographs(results.path, results.photos, images_dir, allow_outside=allow_outside)
    rows = RowMaker()
    with whole_folder(folder) as fresh:
        for name in ("assets", "data", "photos"):
            (fresh / name).mkdir()
        for name in (STYLE, DATA_SCRIPT, *SCRIPTS):
            _write(fresh / "assets" / name, asset(name))
        files: list[str] = []
        for numbers, pictures in _chunks(results.photos, found, progress):
            for number, picture in pictures.items():
                place = fresh / "photos" / str(number // 1000)
                place.mkdir(exist_ok=True)
                (place / f"{number}.jpg").write_bytes(picture.data)
            chunk = [(number, results.photos[number]) for number in numbers]
            of_chunk = [rows.photo(photo, pictures.get(number)) for number, photo in chunk]
            files.append(f"data/photos-{len(files)}.js")
            _write(fresh / files[-1], call("addPhotos", numbers.start, of_chunk))
            if maps := attention_rows(chunk):
                _write(fresh / f"data/attention-{len(files) - 1}.js", call("addAttention", maps))
        counts = _counts(results, found)
        _write(fresh / "data" / "summary.js", call("addSummary", _summary(results, counts, rows, len(files), inputs)))
        _write(fresh / "index.html", page_with_files(_title(results), ["data/summary.js"]))
    return counts


def write_report_file(
    results: Results,
    path: Path,
    images_dir: Path | None = None,
    *,
    allow_outside: bool = False,
    force: bool = False,
    inputs: Iterable[Path] = (),
    progress: Progress = lambda photos: None,
) -> ReportCounts:
    """Write one file with everything in it, photographs as well. The parameters are those of `write_report_folder`.

    Raises UsageError where there are more than MOST_EMBEDDED photographs.
    """
    inputs = tuple(inputs)
    check_output(path, force=force, inputs=inputs)
    photos = results.photos
    if len(photos) > MOST_EMBEDDED:
        raise UsageError(
            f"{shown(results.path)} has {len(photos):,} photographs, and a single file takes at most {MOST_EMBEDDED}: "
            "leave --single-file out."
        )
    found = find_photographs(results.path, photos, images_dir, allow_outside=allow_outside)
    rows = RowMaker()
    of_photos = [
        rows.photo(photos[number], pictures.get(number), embed=True)
        for numbers, pictures in _chunks(photos, found, progress)
        for number in numbers
    ]
    counts = _counts(results, found)
    data = call("addSummary", _summary(results, counts, rows, 1, inputs)) + call("addPhotos", 0, of_photos)
    data += call("addAttention", attention_rows(enumerate(photos)))
    with atomic_write(path, force=force, inputs=inputs) as file:
        file.write(page_alone(_title(results), data))
    return counts


def _chunks(
    photos: list[ReportPhoto], found: Photographs, progress: Progress
) -> Iterator[tuple[range, dict[int, Thumbnail]]]:
    """The numbers of some photographs at a time with their pictures; why one has none becomes its problem."""
    made = stream_thumbnails(found.paths)
    for start in range(0, len(photos), _CHUNK):
        numbers = range(start, min(start + _CHUNK, len(photos)))
        pictures: dict[int, Thumbnail] = {}
        for number, outcome in islice(made, sum(number in found.paths for number in numbers)):
            if isinstance(outcome, Failure):
                photos[number].problem = photos[number].problem or outcome.reason
            else:
                pictures[number] = outcome
            progress(1)
        for number in numbers:
            photos[number].problem = photos[number].problem or found.problems.get(number)
        yield numbers, pictures


def _counts(results: Results, found: Photographs) -> ReportCounts:
    failed = sum(photo.problem is not None for photo in results.photos)
    outside = [results.photos[number].file_name for number, why in found.problems.items() if why == OUTSIDE]
    return ReportCounts(count_photos(results.photos), failed, bool(found.paths), outside)


def _summary(
    results: Results, counts: ReportCounts, rows: RowMaker, chunks: int, inputs: Iterable[Path]
) -> dict[str, Any]:
    """What the page shows at its top, and needs to know before it has the photographs.

    It names files without their folders: the page may be passed on.
    """
    warnings = results.warnings
    for path in (results.path, *inputs):
        warnings = [sentence.replace(str(path), path.name) for sentence in warnings]
    return {
        "source": as_text(results.path.name),
        "version": version("sentikit-captions"),
        "settings": [
            [_words(name), text]
            for name, value in without_folders_in(results.settings).items()
            if (text := _text(value))
        ],
        "warnings": list(map(without_folders, warnings)),
        "statistics": {**counts.statistics.to_json(), "failed": counts.failed},
        "pictures": counts.pictures,
        "anps": rows.anps(),
        "chunks": chunks,
        "chunkSize": _CHUNK,
    }


def _text(value: Any) -> str:
    """A setting in a line; empty where there is nothing to say."""
    if isinstance(value, dict):
        return ", ".join(f"{_words(name)} {text}" for name, one in value.items() if (text := _text(one)))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return "" if value is None or value == "" else str(value)


def _words(name: str) -> str:
    """A setting's name as people read it; values, such as file names, stay as they are."""
    return name.replace("_", " ")


def _title(results: Results) -> str:
    return f"{as_text(results.path.name)} – sentikit report"


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")
