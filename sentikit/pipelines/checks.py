"""What the engine checks of everything that a plugin returns; each error names the plugin and what is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from ..anp import ANP, Tag
from ..caption import Caption, Edit, Rewrite, apply_edits
from ..errors import PluginError
from ..io.text import short_reason
from ..plugin.batches import ImageFailure
from ..plugin.interfaces import Encoder, Scorer

if TYPE_CHECKING:
    from torch import Tensor

_SLACK = 1e-4
"""How far above 0 rounding may put a log-probability."""


def check_count(label: str, made: Any, wanted: int, what: str = "images") -> None:
    """Raises PluginError if the plugin gave more or fewer results than it was asked for."""
    if not isinstance(made, Sequence) or isinstance(made, str):
        raise PluginError(f"{label} gave {type(made).__name__} instead of a list of results.")
    if len(made) != wanted:
        raise PluginError(f"{label} gave {len(made)} results for {wanted} {what}.")


def checked_tags(label: str, answer: Any, images: int, top_k: int) -> list[list[Tag] | ImageFailure]:
    """A tagger's answer: the tags of each image, at most `top_k`, or its failure. Raises PluginError."""
    check_count(label, answer, images)
    return [
        _failure(label, found) if isinstance(found, ImageFailure) else _tags(label, found)[:top_k] for found in answer
    ]


def checked_captions(label: str, answer: Any, images: int, n: int) -> list[list[Caption] | ImageFailure]:
    """A captioner's answer: at least one and at most `n` captions of each image, or its failure. Raises PluginError."""
    check_count(label, answer, images)
    return [
        _failure(label, found) if isinstance(found, ImageFailure) else _captions(label, found)[:n] for found in answer
    ]


def checked_attended(label: str, answer: Any, texts: Sequence[str]) -> list[Caption]:
    """An `AttendingCaptioner`'s answer for given texts. Raises PluginError."""
    check_count(label, answer, len(texts), "texts")
    return _captions(label, answer) if texts else []


def check_rewrite(label: str, original: str, rewrite: Any) -> None:
    """Raises PluginError unless `rewrite` has sound edits that make its text of `original`.

    If they do, they also lead back, as each holds the text that it replaced.
    """
    if not isinstance(rewrite, Rewrite) or not isinstance(rewrite.edits, Sequence):
        raise PluginError(f"{label} gave {_shown(rewrite)} instead of a Rewrite.")
    if not all(isinstance(edit, Edit) for edit in rewrite.edits):
        raise PluginError(f"{label} gave a Rewrite of {original!r} whose edits are not all Edits.")
    try:
        made = apply_edits(original, rewrite.edits)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{label} gave edits of {original!r} that do not fit it: {error}.") from None
    if made != rewrite.text:
        raise PluginError(f"{label} gave edits of {original!r} that do not make its text {rewrite.text!r}.")
    for edit in rewrite.edits:
        _tag(label, edit.tag)


def check_features(label: str, encoder: Encoder, features: Tensor, images: int) -> None:
    """Raises PluginError unless the feature map has the shape that the encoder states and only finite numbers."""
    expected = (images, encoder.grid[0] * encoder.grid[1], encoder.dim)
    if tuple(features.shape) != expected:
        raise PluginError(f"{label} gave features of shape {tuple(features.shape)} instead of {expected}.")
    if not bool(features.isfinite().all()):
        raise PluginError(f"{label} gave features that are not finite numbers; its weights may be damaged.")


def in_sentence(label: str) -> str:
    """A label inside a sentence: ``the tagger 'softmax'``."""
    return label[:1].lower() + label[1:]


def scorer_label(label: str) -> str:
    """How sentences about a tagger's scorer begin."""
    return f"The scorer of {in_sentence(label)}"


class CheckedScorer:
    """A tagger's scorer whose answers are checked. Raises PluginError for one that breaks the contract."""

    def __init__(self, label: str, scorer: Scorer) -> None:
        self._label = scorer_label(label)
        self._scorer = scorer

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """See `Scorer`."""
        answer = self._scorer.score(anps)
        check_count(self._label, answer, len(anps))
        for asked, row in zip(anps, answer, strict=True):
            check_count(self._label, row, len(asked), "pairs")
            for anp, score in zip(asked, row, strict=True):
                if not _is_number(score) or math.isnan(score) or score > _SLACK:
                    raise PluginError(f"{self._label} gave {_shown(score)} for {anp}, which is not a log-probability.")
        return answer

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """See `Scorer`."""
        answer = self._scorer.adjectives(nouns)
        check_count(self._label, answer, len(nouns))
        for asked, row in zip(nouns, answer, strict=True):
            check_count(self._label, row, len(asked), "nouns")
        return [[_tags(self._label, tags) for tags in row] for row in answer]


def _tags(label: str, tags: Any) -> list[Tag]:
    if not isinstance(tags, Sequence) or isinstance(tags, str):
        raise PluginError(f"{label} gave {type(tags).__name__} instead of a list of tags.")
    return [_tag(label, tag) for tag in tags]


def _tag(label: str, tag: Any) -> Tag:
    """`tag` with a plain float for its probability."""
    if not isinstance(tag, Tag) or not isinstance(tag.anp, ANP):
        raise PluginError(f"{label} gave {_shown(tag)} instead of a Tag.")
    if not all(isinstance(word, str) and word.strip() for word in tag.anp):
        raise PluginError(f"{label} gave the tag {tuple(tag.anp)!r}, whose adjective or noun is empty.")
    if tag.attention is not None:
        _check_maps(label, tag.attention, f"the tag {tag.anp}", 2)
    if tag.probability is None or (type(tag.probability) is float and 0 <= tag.probability <= 1):
        return tag
    if not _is_number(tag.probability) or not 0 <= tag.probability <= 1:
        raise PluginError(
            f"{label} gave {tag.anp} the probability {_shown(tag.probability)}, which is not from 0 to 1."
        )
    return tag._replace(probability=float(tag.probability))


def _shown(value: Any) -> str:
    """What it is, on one line that is not too long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:80]}..."


def _is_number(value: Any) -> bool:
    """Whether it is a real number of Python's or numpy's."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _captions(label: str, captions: Any) -> list[Caption]:
    if not isinstance(captions, Sequence) or isinstance(captions, str | Caption) or not captions:
        raise PluginError(f"{label} gave {_shown(captions)} instead of a list of captions.")
    for caption in captions:
        if not isinstance(caption, Caption) or not isinstance(caption.text, str):
            raise PluginError(f"{label} gave {_shown(caption)} instead of a Caption.")
        score = caption.log_probability
        if score is not None and not (_is_number(score) and math.isfinite(score)):
            raise PluginError(
                f"{label} gave {caption.text!r} the log-probability {_shown(score)}, which is not a finite number."
            )
        if caption.attention is not None:
            _check_maps(label, caption.attention, f"the caption {caption.text!r}", len(caption.words) or None)
    return list(captions)


def _check_maps(label: str, maps: Any, owner: str, count: int | None) -> None:
    import numpy as np

    if not isinstance(maps, np.ndarray) or maps.dtype.kind not in "fiu":
        raise PluginError(f"{label} gave {owner} attention that is not a numpy array of numbers.")
    if maps.ndim != 3 or (count is not None and len(maps) != count):
        wanted = f"({count or 'words'}, height, width)"
        raise PluginError(f"{label} gave {owner} attention of shape {maps.shape} instead of {wanted}.")
    if not np.isfinite(maps).all():
        raise PluginError(f"{label} gave {owner} attention that is not finite numbers.")


def _failure(label: str, failure: ImageFailure) -> ImageFailure:
    if not isinstance(failure.reason, str) or not failure.reason.strip():
        raise PluginError(f"{label} gave an ImageFailure without a reason.")
    return ImageFailure(short_reason(failure.reason).removesuffix("."))
