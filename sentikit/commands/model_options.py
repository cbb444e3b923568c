"""The options that choose the models and how they run, for every command that reads photographs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .photo_folder import NamedPath

if TYPE_CHECKING:
    from ..pipelines.run_models import RunSettings


@dataclass(frozen=True)
class ModelOptions:
    """The options given; `pack` is None if none was."""

    pack: Path | None
    device: str
    batch_size: int
    workers: int | None

    def run_settings(self) -> RunSettings:
        """Raises SentikitError if the device is not available."""
        from ..nn.devices import pick_device
        from ..pipelines.run_models import RunSettings

        return RunSettings(pick_device(self.device), self.batch_size, self.workers)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command gets them as `models`, a `ModelOptions`."""

    @functools.wraps(command)
    def wrapped(*args: Any, pack: Path | None, device: str, batch_size: int, workers: int | None, **values: Any) -> Any:
        return command(*args, models=ModelOptions(pack, device, batch_size, workers), **values)

    for option in reversed(
        (
            click.option(
                "--pack",
                type=NamedPath(),
                metavar="NAME|FOLDER|hf://OWNER/NAME",
                envvar="SENTIKIT_PACK",
                show_envvar=True,
                help="Pack of weights to use.  [default: the first in 'sentikit models']",
            ),
            click.option("--device", default="auto", show_default=True, help="Device: auto, cpu, cuda, cuda:1 or mps."),
            click.option(
                "--batch-size", type=click.IntRange(1), default=16, show_default=True, help="Photographs per batch."
            ),
            click.option(
                "--workers",
                type=click.IntRange(0),
                help="Threads that decode photographs.  [default: one per processor]",
            ),
        )
    ):
        wrapped = option(wrapped)
    return wrapped
