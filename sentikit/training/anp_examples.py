"""Photographs with ANPs to learn from: a folder tree, a manifest or a tag file."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..anp import ANP, Tag
from ..errors import SentikitError
from ..formats.tags import TaggedImage, checked_anp, read_tags
from ..formats.tags.entries import parse_anp
from ..images import NOT_FOUND, OUTSIDE, PhotoFolder, find_images, find_tagged_images, name_problem
from ..images.failures import Failure
from ..io.files import read_text
from ..io.messages import count, first, verb_for
from ..io.paths import shown
from ..plugin.batches import Example
from .task import say

Weighted = tuple[tuple[ANP, float], ...]
"""The ANPs of a photograph with their weights, of any sum: what an ANP example's label is."""

_RANK_DECAY = 8.0
"""Where a tag file has ranks only, a tag weighs exp(-rank / 8)."""
_MOST_WEIGHT = 1e9
_VALIDATION = ("val", "validation", "dev")
"""What the validation split is called in manifests."""


def read_anp_examples(path: Path, images: Path | None, split: str) -> list[Example]:
    """The photographs of `path` with their ANPs.

    path: a folder with a subfolder for each ANP (``adjective_noun`` or ``adjective noun``); a manifest, JSON lines with
        ``file_name``, ``adjective``, ``noun`` and perhaps ``weight``, ``split``, ``status`` and ``repeat`` (how often
        the photograph comes in an epoch), several lines for a photograph with several ANPs; or a tag file, whose
        images are found by file name or, failing that, by id.
    images: the folder of the photographs; by default that of `path`. Photographs that a name or a link places outside
        it are left out and named, except in a block of `outside_allowed`.
    split: the manifest's lines to take, where its lines say.
    Raises SentikitError where nothing usable is there.
    """
    folder = images or path.parent
    repeats: dict[Path, int] = {}
    if path.is_dir():
        labels = _folder_tree(path)
    elif (rows := _manifest_rows(path)) is not None:
        labels = _manifest(path, rows, folder, split, repeats)
    else:
        labels = _tag_file(path, folder)
    examples = [
        Example(image, label)
        for image, weights in labels.items()
        if (label := tuple((anp, weight) for anp, weight in weights.items() if weight))
        for _ in range(repeats.get(image, 1))
    ]
    if not examples:
        raise SentikitError(f"{shown(path)} has no photograph with an adjective-noun pair for the split {split!r}.")
    return examples


def count_anps(examples: Sequence[Example]) -> Counter[ANP]:
    """How many photographs each ANP has. A photograph that comes several times in an epoch is one."""
    return Counter(anp for _, anp in {(example.image, anp) for example in examples for anp, _ in example.label})


def common_anps(counts: Counter[ANP], min_count: int) -> list[ANP]:
    """The ANPs of at least `min_count` photographs, in alphabetical order. Raises SentikitError where there is none."""
    kept = sorted(anp for anp, number in counts.items() if number >= min_count)
    if not kept:
        raise SentikitError(
            f"No adjective-noun pair has {min_count} training photographs (the commonest has "
            f"{max(counts.values(), default=0)}): lower --min-count."
        )
    return kept


def _folder_tree(path: Path) -> dict[Path, dict[ANP, float]]:
    labels: dict[Path, dict[ANP, float]] = {}
    for ref in find_images([path]):
        name = ref.path.relative_to(path).parts[0]
        try:
            anp = parse_anp(name.replace("_", " "))
        except ValueError:
            raise SentikitError(
                f"{shown(ref.path)} is not in a folder of {shown(path)} that is named for an adjective-noun pair, "
                "such as misty_morning."
            ) from None
        labels[ref.path] = {anp: 1.0}
    return labels


def _manifest_rows(path: Path) -> list[tuple[int, str]] | None:
    """The lines of a manifest with their numbers; None where the file is something else."""
    rows = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
    try:
        return rows if rows and "adjective" in json.loads(rows[0][1]) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _manifest(
    path: Path, rows: Sequence[tuple[int, str]], images: Path, split: str, repeats: dict[Path, int]
) -> dict[Path, dict[ANP, float]]:
    """The labels of each photograph; `repeats` gets those that come more than once."""
    labels: dict[Path, dict[ANP, float]] = {}
    refused: dict[Path, Failure] = {}
    folder = PhotoFolder(images)
    for number, line in rows:
        try:
            row = json.loads(line)
            if _is_wanted(row, split):
                anp = checked_anp(row["adjective"], row["noun"])
                photo = images / _file_name(row)
                if problem := name_problem(row["file_name"]) or (None if folder.holds(photo) else OUTSIDE):
                    refused[photo] = Failure(photo, row["file_name"], problem)
                    continue
                labels.setdefault(photo, {})[anp] = _weight(row)
                if "repeat" in row:
                    repeats[photo] = _repeat(row)
        except KeyError as error:
            raise _bad_line(path, number, f"it has no {error.args[0]}") from None
        except json.JSONDecodeError:
            raise _bad_line(path, number, "it is not JSON") from None
        except RecursionError:
            raise _bad_line(path, number, "its lists and objects are nested too deeply") from None
        except (TypeError, AttributeError):
            raise _bad_line(path, number, "it is not an object") from None
        except ValueError as error:
            raise _bad_line(path, number, str(error)) from None
    _say_left_out(path, list(refused.values()))
    return labels


def _is_wanted(row: dict[str, Any], split: str) -> bool:
    own = row.get("split", split)
    return (own == split or (split in _VALIDATION and own in _VALIDATION)) and row.get("status", "ok") == "ok"


def _file_name(row: dict[str, Any]) -> str:
    name = row["file_name"]
    if not isinstance(name, str):
        raise ValueError("its file_name is not the name of a file")
    return name


def _weight(row: dict[str, Any]) -> float:
    weight = row.get("weight", 1.0)
    if type(weight) not in (int, float) or not 0 <= weight < math.inf:
        raise ValueError("its weight is not a number from 0 up")
    if weight > _MOST_WEIGHT:
        raise ValueError(f"its weight is more than {_MOST_WEIGHT:,.0f}")
    return float(weight)


def _repeat(row: dict[str, Any]) -> int:
    repeat = row["repeat"]
    if type(repeat) is not int or not 1 <= repeat <= 1000:
        raise ValueError("its repeat is not a whole number from 1 to 1000")
    return repeat


def _bad_line(path: Path, number: int, why: str) -> SentikitError:
    return SentikitError(f"{shown(path)}, line {number:,} of the manifest: {why}.")


def _tag_file(path: Path, images: Path) -> dict[Path, dict[ANP, float]]:
    file = read_tags(path)
    for sentence in file.warnings():
        say(sentence)
    labels: dict[Path, dict[ANP, float]] = {}
    missing: list[TaggedImage] = []
    refused: list[Failure] = []
    for row, photo in enumerate(find_tagged_images(path, file.images, [images])):
        if isinstance(photo, Path):
            weights = {tag.anp: _tag_weight(tag, rank) for rank, tag in enumerate(file.tags[row])}
            labels.setdefault(photo, weights)
        elif photo.reason != NOT_FOUND:
            refused.append(photo)
        else:
            missing.append(file.images[row])
    _say_left_out(path, refused)
    if missing:
        what = f"{shown(images)} has no photograph of {count(len(missing), 'image')} of {shown(path)}"
        if not labels:
            raise SentikitError(f"{what}, {missing[0]} for one: name the folder of the photographs with --images.")
        say(f"{what}, which are left out: {first(missing, joint=', ')}.")
    return labels


def _say_left_out(path: Path, failures: Sequence[Failure]) -> None:
    if failures:
        are = verb_for(len(failures), "is", "are")
        say(f"{count(len(failures), 'photograph')} of {shown(path)} {are} left out: {first(failures, joint=' ')}")


def _tag_weight(tag: Tag, rank: int) -> float:
    return math.exp(-rank / _RANK_DECAY) if tag.probability is None else tag.probability
