"""clip: open_clip's models as a tagger and scorer of any ontology, an encoder, and metrics that see the photograph."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from sentikit import Metric, Option, Register, Tagger, hookimpl, options_of

from .settings import MetricSettings, ModelSettings, TaggerSettings


def _tagger(**options: Any) -> Tagger:
    from sentikit import read_ontology
    from sentikit.pipelines.model_choice import default_ontology

    from .tagger import make_tagger

    settings = TaggerSettings(**options)
    return make_tagger(settings, read_ontology(settings.ontology) if settings.ontology else default_ontology())


def _metric(with_references: bool, **options: Any) -> Metric:
    from .clipscore import ClipScore

    return ClipScore(MetricSettings(**options), with_references)


def _encoder(**options: Any) -> Any:
    from .features import clip_encoder

    return clip_encoder(**options)


@hookimpl
def register_encoders(register: Register) -> None:
    """Register the encoder."""
    model = [one for one in options_of(ModelSettings) if one.name != "precision"]
    grid = Option("grid", int, 0, "grid size of the feature map; 0: the tower's own", at_least=0, at_most=128)
    tower = Option("tower", str, None, "configuration of the image tower; packs set it")
    register(
        "clip",
        _encoder,
        summary="the image tower of any open_clip model (extra 'clip')",
        options=[*model, grid, tower],
        weights=True,
    )


@hookimpl
def register_taggers(register: Register) -> None:
    """Register the tagger."""
    register(
        "clip",
        _tagger,
        summary="scores any ontology with an open_clip model, without training (extra 'clip')",
        options=options_of(TaggerSettings),
    )


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the metrics."""
    for name, with_references, what in (
        ("clipscore", False, "CLIPScore: how near the caption is to the photograph"),
        ("refclipscore", True, "RefCLIPScore: CLIPScore, and how near the caption is to a reference"),
    ):
        register(
            name,
            partial(_metric, with_references),
            summary=f"{what} (extra 'clip')",
            options=options_of(MetricSettings),
        )


@hookimpl
def register_commands(cli: click.Group) -> None:
    """Add `sentikit train clip-calibration`."""
    from .calibration_command import clip_calibration

    cli.add_command(click.Group("train", commands=[clip_calibration]))
