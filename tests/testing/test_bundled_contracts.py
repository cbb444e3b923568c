"""The bundled plugins keep the contracts that other people's plugins are held to."""

from __future__ import annotations

from typing import Any

import pytest

from sentikit import open_pack
from sentikit.packs.reading import Pack
from sentikit.plugin.kinds import CAPTIONER, COMBINER, ENCODER, METRIC, PACK, REWRITER, TAGGER, TRAINER, Kind
from sentikit.plugin.loader import load_plugins
from sentikit.testing import Check, NotChecked, Subject, checks_of

PLUGINS = load_plugins(environ={"SENTIKIT_LOAD_PLUGINS": ""})
ENCODERS = {"efficientnet-lite0": {}, "timm": {"model": "test_vit.r160_in1k"}}
"""The smallest: the others are larger ones of the same code."""
SLOW = {"meteor", "spice"}
"""Start Java."""


def cases(*kinds: Kind[Any]) -> list[Any]:
    return [
        pytest.param(kind, name, check, id=f"{name}-{check}")
        for kind in kinds
        for name in PLUGINS.names(kind)
        if name not in SLOW and (kind is not ENCODER or name in ENCODERS)
        for check in checks_of(kind.name)
    ]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return open_pack(PLUGINS.get(PACK, "lite0-flickr8k").create())


def run(check: Check, subject: Subject) -> None:
    try:
        check.run(subject)
    except NotChecked as unknown:
        pytest.skip(str(unknown))


@pytest.mark.parametrize(("kind", "name", "check"), cases(REWRITER, COMBINER, METRIC, TRAINER))
def test_text_plugins(kind: Kind[Any], name: str, check: Check) -> None:
    run(check, Subject(PLUGINS.get(kind, name)))


@pytest.mark.parametrize(("kind", "name", "check"), cases(TAGGER, CAPTIONER))
def test_image_plugins(kind: Kind[Any], name: str, check: Check, pack: Pack) -> None:
    if name not in pack.models:
        pytest.skip(f"the bundled pack has no {name}")
    run(check, Subject(PLUGINS.get(kind, name), weights=pack))


@pytest.mark.parametrize(("kind", "name", "check"), cases(ENCODER))
def test_encoders(kind: Kind[Any], name: str, check: Check) -> None:
    run(check, Subject(PLUGINS.get(kind, name), ENCODERS[name], "random"))
