"""The contract of encoders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..pipelines.checks import check_features
from ..plugin.interfaces import StorableEncoder, TunableEncoder
from .samples import photographs
from .subject import Check, Subject, check_of

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
