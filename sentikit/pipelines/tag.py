"""Tags photographs: images -> encoder -> tagger -> tags, a batch at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ..anp import Tag
from ..images import ImageRef
from ..plugin.interfaces import ImageBatch, Tagger
from .run_models import Outcome, RunSettings, attribute_errors, check_count, run_models


def tag_images(
    refs: Iterable[ImageRef], tagger: Tagger, top_k: int, settings: RunSettings
) -> Generator[Outcome[list[Tag]], None, None]:
    """The `top_k` most probable tags of each image, best first, in the order of `refs`.

    An image that cannot be read is among its batch's failures. Raises SentikitError where the tagger fails or the
    memory is too small.
    """
    return run_models(refs, [tagger], lambda batches: tag_batch(tagger, batches[0], top_k, settings), settings)


def tag_batch(tagger: Tagger, batch: ImageBatch, top_k: int, settings: RunSettings) -> list[list[Tag]]:
    """The tags of each image of a batch that is encoded already. Raises PluginError where the tagger fails."""
    with attribute_errors("The tagger", settings):
        tags = tagger.tag(batch, top_k)
    check_count("The tagger", tags, len(batch))
    return tags
