"""The toy models as a plugin, for `--plugins-dir`. The folder of toy_models must be on Python's path."""

from __future__ import annotations

import time
from typing import Any

from sentikit import Option, Register, SentikitError, hookimpl


def _tagger(pack: Any, slow: float, fail: str) -> Any:
    from support import toy_models
    from support.looking_models import LookingTagger

    _look_at(pack, "toy-packed")
    if fail == "to start":
        raise SentikitError("The toy does not start.")

    class Tagger(LookingTagger):
        batches = 0

        def tag(self, batch: Any, top_k: int) -> Any:
            time.sleep(slow * len(batch))
            self.batches += 1
            if fail == "memory" and self.batches > 1:
                raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
            if fail == "to count":
                return super().tag(batch, top_k)[1:]
            if fail == "to tag":
                raise ValueError("no idea")
            return super().tag(batch, top_k)

    return Tagger(toy_models.ToyEncoder())


def _look_at(pack: Any, name: str) -> None:
    if pack is not None:
        pack.model(name)


def _plain_tagger() -> Any:
    from support.toy_models import ToyEncoder, ToyTagger

    return ToyTagger(ToyEncoder())


def _captioner() -> Any:
    from support.looking_models import LookingCaptioner
    from support.toy_models import ToyEncoder

    return LookingCaptioner(ToyEncoder())


def _captioner_of_many() -> Any:
    from support.toy_models import ToyCaptioner, ToyEncoder

    return ToyCaptioner(ToyEncoder())


def _image_captioner() -> Any:
    from support.toy_models import ToyImageCaptioner

    return ToyImageCaptioner()


def _packed_captioner(weights: Any) -> Any:
    _look_at(weights, "toy-captioner")
    return _captioner()


def _combiner() -> Any:
    from support.toy_models import ToyCombiner

    return ToyCombiner()


@hookimpl
def register_taggers(register: Register) -> None:
    slow = Option("slow", float, 0.0, "seconds an image")
    fail = Option("fail", str, "", "how it fails")
    register("toy", lambda slow, fail: _tagger(None, slow, fail), summary="tags by brightness", options=[slow, fail])
    register("toy-plain", _plain_tagger, summary="tags by brightness, and cannot score")
    register(
        "toy-packed",
        lambda weights: _tagger(weights, 0.0, ""),
        summary="tags by brightness, and wants a pack",
        weights=True,
    )


@hookimpl
def register_captioners(register: Register) -> None:
    register("toy", _captioner, summary="sees streets")
    register("toy-many", _captioner_of_many, summary="sees a street or a field")
    register("toy-image", _image_captioner, summary="sees streets and fields, without an encoder")
    register(
        "toy-captioner",
        _packed_captioner,
        summary="sees streets, and wants a pack",
        weights=True,
    )


@hookimpl
def register_combiners(register: Register) -> None:
    register("toy", _combiner, summary="the best adjective of every noun")
