"""What the flows see to after a rewriter or a combiner: edits that can be undone, and not too many of them."""

from __future__ import annotations

from collections.abc import Sequence

from ..anp import Tag
from ..caption import Edit, Rewrite, apply_edits
from ..errors import PluginError


def check_edits(maker: str, original: str, rewrite: Rewrite) -> None:
    """Raises PluginError, which names the `maker`, where the edits of `rewrite` do not make its text of `original`.

    Where they do, they also lead back, as each says what it replaced.
    """
    try:
        made = apply_edits(original, rewrite.edits)
    except ValueError as error:
        raise PluginError(f"{maker}'s edits of {original!r} do not fit it: {error}.") from None
    if made != rewrite.text:
        raise PluginError(f"{maker}'s edits of {original!r} do not make its text {rewrite.text!r}.")


def limit_edits(original: str, rewrite: Rewrite, tags: Sequence[Tag], limit: int | None) -> Rewrite:
    """`rewrite` with its `limit` most probable edits; None: as it is.

    Where probabilities are unknown, the rank among `tags`, which come best first, decides.
    """
    if limit is None or len(rewrite.edits) <= limit:
        return rewrite
    ranks = {tag.anp: rank for rank, tag in reversed(list(enumerate(tags)))}

    def badness(edit: Edit) -> tuple[float, int]:
        return -(edit.tag.probability or 0.0), ranks.get(edit.tag.anp, len(ranks))

    return Rewrite.from_edits(original, sorted(rewrite.edits, key=badness)[:limit])
