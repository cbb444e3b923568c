"""Tags that a Python caller gives, checked as those of a tag file are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import nan
from numbers import Integral
from pathlib import Path

from ...anp import Tag, TagLike, as_tag
from ...errors import UsageError
from ...io.messages import show
from ..coco.captions import ImageId
from .entries import checked_anp
from .reader import TagFile, TaggedImage


def given_tags(tags: Iterable[TagLike]) -> list[Tag]:
    """The tags of one image, best first; a text alone is one tag. Raises UsageError for what is no tag."""
    if isinstance(tags, str):
        return [_given_tag(tags)]
    if not isinstance(tags, Iterable):
        raise UsageError(f"Tags are a list such as ['happy dog'], not {type(tags).__name__}.")
    return list(map(_given_tag, tags))


def tags_by_image(tags: Mapping[ImageId, Sequence[TagLike]]) -> TagFile:
    """The tags of many images, as if they were read from a file. Raises UsageError for what is no tag or no id."""
    if not isinstance(tags, Mapping):
        raise UsageError(f"Tags are a tag file or tags by image id, not {type(tags).__name__}.")
    if not tags:
        raise UsageError("The tags are empty: give the tags of at least one image, or None to tag the photographs.")
    file = TagFile(Path("tags"))
    for number, (identity, own) in enumerate(tags.items(), 1):
        if isinstance(identity, bool) or not isinstance(identity, Integral | str):
            raise UsageError(f"An image id is a whole number or text, not {identity!r}.")
        identity = identity if isinstance(identity, str) else int(identity)
        try:
            found = given_tags(own)
        except UsageError as error:
            raise UsageError(f"The tags of image {show(identity)} are not usable: {error}") from None
        file.tags.append(
            [file.tags.place(tag.anp) for tag in found],
            [nan if tag.probability is None else tag.probability for tag in found],
        )
        file.images.append(TaggedImage(identity, None, number))
        file.tag_count += len(found)
        file.without_probability += sum(tag.probability is None for tag in found)
    return file


def _given_tag(given: TagLike) -> Tag:
    try:
        tag = as_tag(given)
        anp = checked_anp(*tag.anp)
    except (TypeError, ValueError):
        raise UsageError(f"{given!r} is not an adjective and a noun, such as 'happy dog'.") from None
    if tag.probability is None:
        return Tag(anp, None, tag.attention)
    try:
        probability = float(tag.probability)
    except (TypeError, ValueError):
        probability = nan
    if not 0 <= probability <= 1:
        raise UsageError(f"The probability of {str(anp)!r} is a number from 0 to 1, not {tag.probability!r}.")
    return Tag(anp, probability, tag.attention)
