"""Tags photographs: images -> encoder -> tagger -> tags, a batch at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from ..anp import Tag
from ..images import ImageRef
from ..plugin.batches import ImageBatch, ImageFailure
from ..plugin.interfaces import Tagger
from .checks import checked_tags
from .image_models import Named
from .run_models import Outcome, RunSettings, attribute_errors, run_models


def tag_images(
    refs: Iterable[ImageRef], tagger: Named[Tagger], top_k: int, settings: RunSettings
) -> Generator[Outcome[list[Tag]], None, None]:
    """The `top_k` most probable tags of each image, best first, in the order of `refs`.

    An image that cannot be read or tagged is among its batch's failures. Raises SentikitError if the tagger fails,
    breaks its contract, or the memory is too small.
    """
    return run_models(refs, [tagger.model], lambda batches: tag_batch(tagger, batches[0], top_k, settings), settings)


def tag_batch(
    tagger: Named[Tagger], batch: ImageBatch, top_k: int, settings: RunSettings
) -> list[list[Tag] | ImageFailure]:
    """The tags of each image of an encoded batch. Raises PluginError if the tagger fails or breaks its contract."""
    with attribute_errors(tagger.label, settings):
        answer = tagger.model.tag(batch, top_k)
    return checked_tags(tagger.label, answer, len(batch), top_k)
