"""The contracts of encoders, metrics and trainers."""

from __future__ import annotations

import tempfile
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SentikitError
from ..pipelines.checks import check_features
from ..plugin.interfaces import StorableEncoder, TunableEncoder
from .samples import CAPTIONS, ODD_CAPTIONS, photographs
from .subject import Check, NotChecked, Subject, check_of

if TYPE_CHECKING:
    from torch import Tensor

_CLOSE = 1e-3


def _inputs(encoder: Any) -> Tensor:
    import torch

    return torch.stack([encoder.preprocess(image) for image in photographs().values()])


def _features(subject: Subject, encoder: Any, inputs: Tensor) -> Tensor:
    import torch

    with torch.no_grad():
        features: Tensor = encoder.encode(inputs)
    check_features(subject.label, encoder, features, len(inputs))
    return features


def _check_close(one: Tensor, other: Tensor, how: str) -> None:
    difference = float((one - other).abs().max() / one.abs().max().clamp(min=1e-6))
    assert difference < _CLOSE, f"{how}: the features differ by {difference:.2g} of the largest"


def features_have_the_right_shape(subject: Subject) -> None:
    """Photographs of every size become ``(3, height, width)``, and those ``(batch, pixels, dim)`` as it states."""
    encoder = subject.make()
    inputs = _inputs(encoder)
    assert inputs.ndim == 4, f"preprocess gave tensors of shape {tuple(inputs.shape[1:])}"
    assert inputs.shape[1] == 3, f"preprocess gave {inputs.shape[1]} channels"
    _features(subject, encoder, inputs)


def preprocessing_stays_off_the_device(subject: Subject) -> None:
    """`preprocess` gives tensors in main memory, as decode workers run it."""
    encoder = subject.make()
    assert _inputs(encoder).device.type == "cpu", "preprocess used a device"


def encoded_one_by_one_is_the_same(subject: Subject) -> None:
    """A photograph has the same features alone and in a batch."""
    import torch

    encoder = subject.make()
    inputs = _inputs(encoder)
    alone = torch.cat([_features(subject, encoder, inputs[index : index + 1]) for index in range(len(inputs))])
    _check_close(_features(subject, encoder, inputs), alone, "together and one by one")


def it_sees_the_photograph(subject: Subject) -> None:
    """Different photographs have different features."""
    encoder = subject.make()
    features = _features(subject, encoder, _inputs(encoder))
    assert bool((features[0] != features[-1]).any()), "a gradient and a bright square have the same features"


def its_identity_is_a_name(subject: Subject) -> None:
    """Its `identity` is text that a new one with the same weights shares."""
    encoder = subject.make()
    identity = encoder.identity
    assert isinstance(identity, str), f"its identity is {identity!r}"
    assert identity.strip(), "its identity is empty"
    if subject.weights != "random":
        assert subject.make().identity == identity, "made again, it has another identity"


def it_comes_back_from_a_pack(subject: Subject) -> None:
    """A `StorableEncoder` made of what it stored gives the same features, in the half precision of packs."""
    encoder = subject.make()
    if not isinstance(encoder, StorableEncoder) or not subject.component.needs_weights:
        return
    stored = encoder.stored()
    again = subject.component.create(subject.options, stored)
    inputs = _inputs(encoder)
    one, other = (_features(subject, one, inputs) for one in (encoder, again))
    difference = float((one - other).abs().max() / one.abs().max().clamp(min=1e-6))
    assert difference < 0.05, f"stored and made again, its features differ by {difference:.2g} of the largest"


def its_halves_make_the_whole(subject: Subject) -> None:
    """The frozen and the tuned part of a `TunableEncoder`, one after the other, give its features."""
    import torch

    encoder = subject.make()
    if not isinstance(encoder, TunableEncoder):
        return
    frozen, tuned = encoder.split(1)
    inputs = _inputs(encoder)
    with torch.no_grad():
        _check_close(_features(subject, encoder, inputs), tuned(frozen(inputs)), "in two parts")


ENCODER_CHECKS: tuple[Check, ...] = tuple(
    map(
        check_of,
        (
            features_have_the_right_shape,
            preprocessing_stays_off_the_device,
            encoded_one_by_one_is_the_same,
            it_sees_the_photograph,
            its_identity_is_a_name,
            it_comes_back_from_a_pack,
            its_halves_make_the_whole,
        ),
    )
)

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


def it_says_what_it_trains(subject: Subject) -> None:
    """It names its model, the score that selects the best epoch, and the metrics that it needs."""
    task = subject.make()
    for name in ("model", "monitor"):
        value = getattr(task, name)
        assert isinstance(value, str), f"its {name} is {value!r}"
        assert value, f"its {name} is empty"
    assert all(isinstance(name, str) for name in task.metrics), f"its metrics are {task.metrics!r}"


def missing_data_is_a_sentence(subject: Subject) -> None:
    """It refuses data that is not there, and a file that holds something else, with one sentence."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder, "other.json")
        other.write_text('"something else"', "utf-8")
        for path in (Path(folder, "missing.json"), other):
            message = _refusal(subject, path)
            assert message is not None, f"it read {path.name} without an error"
            assert "\n" not in message, f"its error has several lines: {message}"


def _refusal(subject: Subject, path: Path) -> str | None:
    try:
        subject.make().read(path, None, "train")
    except SentikitError as error:
        return str(error)
    return None


TRAINER_CHECKS: tuple[Check, ...] = tuple(map(check_of, (it_says_what_it_trains, missing_data_is_a_sentence)))
