"""The contract of metrics."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ..errors import SentikitError
from .samples import CAPTIONS, ODD_CAPTIONS
from .subject import Check, NotChecked, Subject, check_of

_References = dict[int | str, list[str]]


def _captions() -> tuple[dict[int | str, str], _References]:
    """A caption each, some of them word by word one of the references."""
    captions: dict[int | str, str] = dict(enumerate(CAPTIONS))
    references: _References = {
        number: [text, f"There is {text[:1].lower()}{text[1:]}"] if number % 2 else [CAPTIONS[number - 1], text]
        for number, text in enumerate(CAPTIONS)
    }
    return captions, references


def _scores(subject: Subject, captions: Any, references: Any) -> dict[str, float]:
    try:
        scores = subject.make().compute(captions, references)
    except SentikitError as error:
        raise NotChecked(f"it cannot score a few captions: {error}") from error
    assert isinstance(scores, dict), f"it gave {type(scores).__name__}, not a dict"
    assert scores, "it gave no scores"
    for name, value in scores.items():
        assert isinstance(name, str), f"a score is called {name!r}"
        assert isinstance(value, float | int), f"the score {name} is {value!r}"
        assert isfinite(value), f"the score {name} is {value!r}"
    return scores


def scores_are_finite_numbers(subject: Subject) -> None:
    """It gives finite numbers by name."""
    _scores(subject, *_captions())


def order_does_not_matter(subject: Subject) -> None:
    """The order of the images changes no score."""
    captions, references = _captions()
    one = _scores(subject, captions, references)
    other = _scores(subject, dict(reversed(captions.items())), references)
    for name, value in one.items():
        assert abs(value - other[name]) < 1e-6, f"in another order, {name} is {other[name]} instead of {value}"


def odd_captions_have_scores(subject: Subject) -> None:
    """Empty, long and foreign captions have scores, too, or one sentence says why they cannot have any."""
    captions, references = _captions()
    for number, text in enumerate(ODD_CAPTIONS, len(captions)):
        captions[number], references[number] = text, [CAPTIONS[0], text or "a dog"]
    _scores(subject, captions, references)


METRIC_CHECKS: tuple[Check, ...] = tuple(
    map(check_of, (scores_are_finite_numbers, order_does_not_matter, odd_captions_have_scores))
)
