"""`sentikit train NAME`: a command for every trainer, with the loop's options and the trainer's own."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ..commands.option_flags import click_option
from ..commands.output import print_line, say
from ..commands.photo_folder import NamedPath
from ..commands.recipes import recipe_step
from ..errors import PluginError
from ..io.paths import as_text, shown
from ..plugin.assigning import assign_options
from ..plugin.commands import ExtensibleGroup
from ..plugin.kinds import ENCODER, TRAINER, Component
from ..plugin.options import options_of
from ..training.settings import Inputs, Settings, Start

if TYPE_CHECKING:
    from ..commands.app import App


_PATH = NamedPath()


def _option(*names: str, help: str, **settings: Any) -> click.Option:
    return click.Option(list(names), help=help, **settings)


_OF_SETTINGS = {option.name: click_option(option) for option in options_of(Settings)}
_OF_START = {option.name: option for option in options_of(Start)}


def _settings(*names: str) -> list[click.Option]:
    return [_OF_SETTINGS[name] for name in names]


_COMMON: dict[str, list[click.Option]] = {
    "Data": [
        _option("--val", "validation", help="Validation data, which selects the best epoch; in the same form as DATA.",
                type=_PATH, required=True),
        _option("--images", help="Folder of the photographs. [default: looked for near the data]", type=_PATH),
        _option("--allow-outside", is_flag=True,
                help="Also read photographs that a file name or a link places outside the folder."),
        *_settings("limit", "augment", "workers"),
    ],
    "Encoder": [
        click_option(_OF_START["encoder"]),
        _option("-O", "encoder_options", multiple=True, metavar="NAME=VALUE",
                help="An option of the encoder, such as size=256; 'sentikit plugins' lists them."),
        click_option(_OF_START["init"], metavar="imagenet|random|PACK"),
        *_settings("fine-tune", "encoder-lr", "batch-norm", "cache-features"),
        _option("--cache-dir", "cache", help="Folder of cached features. [default: in the run's folder]", type=_PATH),
    ],
    "Optimisation": _settings(
        "epochs", "batch-size", "lr", "schedule", "patience", "lr-factor", "early-stopping-patience", "grad-clip", "ema"
    ),
    "Run": [
        _option("-o", "--output", help="Folder of the run.", type=_PATH, required=True),
        _option("--resume", help="Resume the run in the output folder.", is_flag=True),
        *_settings("seed", "device", "precision"),
        _option("--tensorboard", help="Also log to TensorBoard.", is_flag=True),
    ],
}  # fmt: skip


class TrainGroup(ExtensibleGroup):
    """A command for every registered trainer, and the commands that plugins add."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        app: App = ctx.obj
        return sorted({*app.plugins.names(TRAINER), *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        app: App = ctx.obj
        component = app.plugins.components.get(("trainer", name))
        return _TrainCommand(component) if component else super().get_command(ctx, name)


class _TrainCommand(click.Command):
    """Trains with one trainer. Its help lists the options in groups, the trainer's own first."""

    def __init__(self, trainer: Component[Any]) -> None:
        common = [option for group in _COMMON.values() for option in group]
        own = [click_option(option) for option in trainer.options]
        if taken := {option.name for option in common} & {option.name for option in own}:
            name = (min(map(str, taken))).replace("_", "-")
            raise PluginError(f"{str(trainer).capitalize()} has an option {name!r}, as every trainer has already.")
        self._trainer = trainer
        self._groups = {"Model": own, **_COMMON}
        data = click.Argument(["train"], type=_PATH, metavar="DATA")
        super().__init__(
            trainer.name, params=[data, *own, *common], callback=click.pass_obj(self._train), help=trainer.summary
        )
        recipe_step(self)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, options in self._groups.items():
            rows = [row for option in options if (row := option.get_help_record(ctx))]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _train(self, app: App, **values: Any) -> None:
        own = {option: values.pop(option.name.replace("-", "_")) for option in self._trainer.options}
        from ..training.distributed import leads
        from ..training.run import train
        from .training_bars import TrainingBars

        places = ("train", "validation", "images", "output", "cache", "allow_outside")
        inputs = Inputs(**{name: values.pop(name) for name in places})
        try:
            trained = train(
                app.plugins,
                self._trainer,
                {option.name: option.text(value) for option, value in own.items() if value is not None},
                inputs,
                start=_start(app, values.pop("encoder"), values.pop("encoder_options"), values.pop("init")),
                resume=values.pop("resume"),
                tensorboard=values.pop("tensorboard"),
                display=TrainingBars(),
                settings=Settings(**values),
            )
        except KeyboardInterrupt:
            if leads():
                again = [*(argument for argument in sys.argv[1:] if argument != "--resume"), "--resume"]
                say(f"Stopped; go on with: {shlex.join(['sentikit', *again])}")
            raise click.exceptions.Exit(130) from None
        if leads():
            command = "caption" if trained.kind == "captioner" else "tag"
            plain = [] if command == "tag" else ["--combiner", "none"]  # a combiner needs a tagger, and this has none
            use = shlex.join(["sentikit", command, "PHOTO", "--pack", as_text(trained.pack), *plain])
            print_line(f"The pack is {shown(trained.pack)}. Use it: {use}")


def _start(app: App, encoder: str | None, given: Sequence[str], init: str) -> Start:
    from ..training.encoder import encoder_name

    options: dict[str, str] = {}
    if given or encoder:  # a name that is none is told before the data is read
        component = app.plugins.get(ENCODER, encoder_name(Start(encoder, {}, init), app.plugins))
        options = assign_options(given, [component])[component] if given else {}
    return Start(encoder, options, init)


def add_to(cli: click.Group) -> None:
    """Add `sentikit train`."""
    cli.add_command(TrainGroup("train", help="Train a model on your own data."))
