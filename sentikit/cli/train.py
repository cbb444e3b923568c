"""`sentikit train NAME`: a command for every trainer, with the loop's options and the trainer's own."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import PluginError
from ..io.paths import as_text, shown
from ..plugin.assigning import assign_options
from ..plugin.kinds import ENCODER, TRAINER, Component
from ..plugin.options import Option

if TYPE_CHECKING:
    from ..commands.app import App
    from ..training.settings import Start


class _Number(click.FloatRange):
    """A range that NaN is not in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        return self.fail(f"{value} is no number.", param, ctx) if number != number else number


_PATH = click.Path(path_type=Path)
_RATE = _Number(0, 1000, min_open=True)
_EPOCHS = click.IntRange(min=0)


def _option(name: str, help: str, default: Any = None, **settings: Any) -> click.Option:
    """`name` may have a second name, that of the setting."""
    if default is not None:  # click takes a default of None for a value, and then asks for no required option
        settings |= {"default": default, "show_default": True}
    return click.Option(name.split(), help=help, **settings)


# The defaults are those of `sentikit.training.settings.Settings`; a test compares them.
_COMMON: dict[str, list[click.Option]] = {
    "Data": [
        _option("--val validation", "Data to select the best epoch on; of the same form.", type=_PATH, required=True),
        _option("--images", "The folder of the photographs; by default near the data.", type=_PATH),
        _option("--limit", "Use so many photographs, for a trial.", type=click.IntRange(1)),
        _option("--augment", "Mirror half of the photographs; crop: also crop to 80-100 %.", "none",
                type=click.Choice(["none", "flip", "crop"])),
        _option("--workers", "Threads that decode.", 2, type=click.IntRange(0)),
    ],
    "Encoder": [
        _option("--encoder", "NAME, or timm:MODEL; 'sentikit plugins' lists them. [default: the pack's, or resnet101]"),
        _option("-O encoder_options", "An option of the encoder, such as size=256; 'sentikit plugins' lists them.",
                multiple=True, metavar="NAME=VALUE"),
        _option("--init", "First weights: imagenet, random, or the folder of a pack, to go on from its encoder and "
                "its model with its sizes and words.", "imagenet", metavar="imagenet|random|PACK"),
        _option("--fine-tune", "Blocks to tune, counted from the last.", 0, type=click.IntRange(0)),
        _option("--encoder-lr", "Learning rate of the tuned blocks.", 1e-4, type=_RATE),
        _option("--batch-norm", "Whether the tuned blocks keep batch norm's statistics; auto: unless they start at "
                "random.", "auto", type=click.Choice(["auto", "frozen", "train"])),
        _option("--cache-features", "Compute the frozen blocks' output once and keep it on disk.", is_flag=True),
        _option("--cache-dir cache", "Where; by default in the run's folder.", type=_PATH),
    ],
    "Optimisation": [
        _option("--epochs", "At most so many.", 20, type=click.IntRange(1)),
        _option("--batch-size", "Photographs a step, over all processes.", 32, type=click.IntRange(1)),
        _option("--lr", "Learning rate of the model.", 4e-4, type=_RATE),
        _option("--schedule", "plateau: the paper's adaptive rate.", "plateau",
                type=click.Choice(["plateau", "cosine", "constant"])),
        _option("--patience", "Epochs without a better one before the rate is cut.", 2, type=_EPOCHS),
        _option("--lr-factor", "What the rate is then multiplied by.", 0.5, type=_Number(0, 1, min_open=True)),
        _option("--early-stopping-patience", "Epochs without improvement before training stops; 0: never.",
                0, type=_EPOCHS),
        _option("--grad-clip", "Largest value of a gradient; 0: any.", 5.0, type=_Number(0)),
        _option("--ema", "Decay of a moving average of the weights, such as 0.999; 0: none.", 0.0,
                type=_Number(0, 1, max_open=True)),
    ],
    "Run": [
        _option("-o --output", "The run's folder.", type=_PATH, required=True),
        _option("--resume", "Go on where a run stopped.", is_flag=True),
        _option("--seed", "Of everything that is random.", 0, type=int),
        _option("--device", "auto, cpu, cuda or mps.", "auto"),
        _option("--precision", "Number format to compute in; auto: bfloat16 on GPUs that have it, else full.", "auto",
                type=click.Choice(["auto", "bfloat16", "full"])),
        _option("--tensorboard", "Also log for TensorBoard.", is_flag=True),
    ],
}  # fmt: skip


class TrainGroup(click.Group):
    """A command for every registered trainer."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        app: App = ctx.obj
        return app.plugins.names(TRAINER)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        app: App = ctx.obj
        component = app.plugins.components.get(("trainer", name))
        return _TrainCommand(component) if component else None


class _TrainCommand(click.Command):
    """Trains with one trainer. Its help lists the options in groups, the trainer's own first."""

    def __init__(self, trainer: Component[Any]) -> None:
        common = [option for group in _COMMON.values() for option in group]
        own = [_parameter(option) for option in trainer.options]
        if taken := {option.name for option in common} & {option.name for option in own}:
            name = (min(map(str, taken))).replace("_", "-")
            raise PluginError(f"{str(trainer).capitalize()} has an option {name!r}, as every trainer has already.")
        self._trainer = trainer
        self._groups = {"Model": own, **_COMMON}
        data = click.Argument(["train"], type=_PATH, metavar="DATA")
        super().__init__(
            trainer.name, params=[data, *own, *common], callback=click.pass_obj(self._train), help=trainer.summary
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, options in self._groups.items():
            rows = [row for option in options if (row := option.get_help_record(ctx))]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _train(self, app: App, **values: Any) -> None:
        own = {option.name: values.pop(option.name.replace("-", "_")) for option in self._trainer.options}
        from ..training.distributed import leads
        from ..training.run import train
        from ..training.settings import Inputs, Settings

        inputs = Inputs(**{name: values.pop(name) for name in ("train", "validation", "images", "output", "cache")})
        try:
            trained = train(
                app.plugins,
                self._trainer,
                {name: text for name, text in own.items() if text is not None},
                inputs,
                start=_start(app, values.pop("encoder"), values.pop("encoder_options"), values.pop("init")),
                resume=values.pop("resume"),
                tensorboard=values.pop("tensorboard"),
                settings=Settings(**values),
            )
        except KeyboardInterrupt:
            if leads():
                again = [*(argument for argument in sys.argv[1:] if argument != "--resume"), "--resume"]
                click.echo(f"Stopped; go on with: {shlex.join(['sentikit', *again])}", err=True)
            raise click.exceptions.Exit(130) from None
        if leads():
            command = "caption" if trained.kind == "captioner" else "tag"
            use = shlex.join(["sentikit", command, "PHOTO", "--pack", as_text(trained.pack)])
            click.echo(f"The pack is {shown(trained.pack)}. Use it: {use}")


def _start(app: App, encoder: str | None, given: Sequence[str], init: str) -> Start:
    from ..training.encoder import encoder_name
    from ..training.settings import Start

    options: dict[str, str] = {}
    if given or encoder:  # a name that is none is told before the data is read
        component = app.plugins.get(ENCODER, encoder_name(Start(encoder, {}, init), app.plugins))
        options = assign_options(given, [component])[component] if given else {}
    return Start(encoder, options, init)


def _parameter(option: Option) -> click.Option:
    """A trainer's option as one of the command line; its value stays text, which `Option.parse` reads."""
    name, help = f"--{option.name}", option.help[:1].upper() + option.help[1:] + "."
    if option.type is bool:
        flag, value = (f"--no-{option.name}", "false") if option.default else (name, "true")
        return click.Option([flag, option.name.replace("-", "_")], flag_value=value, default=None, help=help)
    kind = click.Choice([str(choice) for choice in option.choices]) if option.choices else click.STRING
    default = f"  [default: {option.default_text()}]" if option.default is not None else ""
    metavar = None if option.choices else option.type.__name__.upper()
    return click.Option([name], type=kind, help=help + default, metavar=metavar)


def add_to(cli: click.Group) -> None:
    """Add `sentikit train`."""
    cli.add_command(TrainGroup("train", help="Train a model on your own data."))
