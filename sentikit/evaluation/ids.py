"""Two files' image ids, brought together."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..errors import SentikitError
from ..formats.coco import ImageId


def common_ids(path: Path, ids: Collection[ImageId], other_path: Path, others: Collection[ImageId]) -> list[ImageId]:
    """The ids that both files have, in the order of the first. Raises SentikitError, with what is seen, for none."""
    known = set(others)
    common = [image for image in ids if image in known]
    if common:
        return common
    alike = {str(image) for image in ids} & {str(image) for image in others}
    if alike:
        kind, other_kind = ("text" if isinstance(next(iter(some)), str) else "numbers" for some in (ids, others))
        raise SentikitError(
            f"The image ids are {kind} in {path} and {other_kind} in {other_path} (such as {min(alike)}): "
            "write both as numbers or both as text."
        )
    raise SentikitError(
        f"{path} and {other_path} have no image id in common (such as {_first(ids)} and {_first(others)}): "
        "are they of the same data?"
    )


def check_known(path: Path, ids: Collection[ImageId], other_path: Path, others: Collection[ImageId]) -> None:
    """Raises SentikitError where `path` has image ids that `other_path` lacks."""
    missing = len(ids) - len(common_ids(path, ids, other_path, others))
    if missing:
        known = set(others)
        first = next(image for image in ids if image not in known)
        raise SentikitError(
            f"{path} has captions of {missing:,} of its {len(ids):,} images that {other_path} does not have "
            f"(such as image {first!r}): are they of the same split of the data?"
        )


def _first(ids: Collection[ImageId]) -> str:
    return repr(next(iter(ids)))
