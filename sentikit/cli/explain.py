"""`--explain FILE.png`: a photograph with the model's attention for each word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SentikitError, UsageError

if TYPE_CHECKING:
    import numpy as np

    from ..images import ImageRef


def check_explain(path: Path, refs: Sequence[ImageRef], force: bool) -> None:
    """Raises SentikitError if the figure cannot be drawn. Call it before the models run."""
    from ..figures.style import figure_format
    from ..io.files import check_output

    if len(refs) != 1:
        raise UsageError(f"--explain draws one photograph, and {len(refs):,} are named: choose one.")
    figure_format(path)
    check_output(path, force=force, inputs=[refs[0].path])


def draw_words(
    path: Path,
    ref: ImageRef,
    words: Sequence[str],
    maps: np.ndarray | None,
    title: str,
    force: bool,
) -> None:
    """Save the figure of `words` and their attention maps ``(words, height, width)``.

    Raises SentikitError if the model has no maps or the figure cannot be written.
    """
    from ..figures.attention_figure import draw_attention
    from ..images import load_image

    if maps is None or not len(words):
        raise SentikitError("The model does not say where it looked, so there is nothing to draw; leave --explain out.")
    draw_attention(load_image(ref.path), words, maps, path, title=title, force=force)
