"""What the flows see to after a rewriter or a combiner: edits that can be undone, and not too many of them."""

from __future__ import annotations

from collections.abc import Sequence

from ..anp import Tag
from ..caption import Edit, Rewrite, undo_edits
from ..errors import PluginError


def check_undo(maker: str, original: str, rewrite: Rewrite) -> None:
    """Raises PluginError, which names the `maker`, where the edits of `rewrite` do not give `original` back."""
    try:
        undone = undo_edits(rewrite.text, rewrite.edits)
    except ValueError as error:
        raise PluginError(f"{maker}'s edits of {original!r} do not fit its text {rewrite.text!r}: {error}.") from None
    if undone != original:
        raise PluginError(f"{maker}'s edits of {original!r} do not give it back from {rewrite.text!r}.")


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
