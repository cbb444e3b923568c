"""The `sentikit` command: a file a command; errors are one sentence, data goes to stdout, all else to stderr."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click

from ..errors import SentikitError, UsageError
from ..plugin.loader import Plugins, load_plugins
from .messages import shown_messages


class App:
    """What a command gets from `@click.pass_obj`: the plugins, loaded when a command first asks for them.

    kept: what a command leaves to the end of the process; to free the millions of objects of a dataset takes a while.
    """

    def __init__(self, plugins_dir: Path | None, reserved: Sequence[str], kept: list[object] | None = None) -> None:
        self.plugins_dir = plugins_dir
        self.kept = [] if kept is None else kept
        self._reserved = reserved

    @cached_property
    def loaded(self) -> Plugins:
        """The plugins, with nothing said of the broken ones. Raises PluginError in strict mode."""
        return load_plugins(self.plugins_dir, self._reserved)

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins; names the broken ones on stderr. Raises PluginError in strict mode."""
        for problem in self.loaded.problems:
            click.echo(f"Warning: {problem}.", err=True)
        return self.loaded


class SentikitGroup(click.Group):
    """The top command. Plugins add commands to it, but are loaded only when one of theirs could be meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_app(self, ctx).plugins.commands})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or _app(self, ctx).plugins.commands.get(name)


def _app(group: click.Group, ctx: click.Context) -> App:
    if not isinstance(ctx.obj, App):
        folder = ctx.params.get("plugins_dir") or os.environ.get("SENTIKIT_PLUGINS_DIR")
        ctx.obj = App(Path(folder) if folder else None, list(group.commands), ctx.obj)
    return ctx.obj


@click.group(cls=SentikitGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sentikit-captions", prog_name="sentikit")
@click.option(
    "--plugins-dir",
    type=click.Path(path_type=Path),
    is_eager=True,
    envvar="SENTIKIT_PLUGINS_DIR",
    help="Also load the single-file plugins of this folder.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, plugins_dir: Path | None, debug: bool) -> None:
    """Captions with feeling: tag photographs with adjective-noun pairs and put the adjectives into captions."""
    _app(cli, ctx)


def _add_commands() -> None:
    """Every file of this folder that has an `add_to` adds its commands."""
    for file in sorted(iter_modules(__path__), key=lambda file: file.name):
        add_to = getattr(import_module(f"{__name__}.{file.name}"), "add_to", None)
        if add_to is not None:
            add_to(cli)


_add_commands()


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 something was done, 1 nothing was, 2 wrong usage, 130 interrupted."""
    kept: list[object] = []
    code = run(sys.argv[1:] if arguments is None else arguments, kept)
    # In a process of torchrun's, threads that gloo leaves behind can abort the interpreter while it shuts down.
    if kept or "TORCHELASTIC_RUN_ID" in os.environ:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str], kept: list[object] | None = None) -> int:
    """Run the command; its exit code. What is put into `kept` is for the end of the process to free (`App.kept`)."""
    debug = "--debug" in arguments
    try:
        with shown_messages():
            result = cli.main(arguments, prog_name="sentikit", standalone_mode=False, obj=kept)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return 130
    except SentikitError as error:
        _complain(str(error), debug)
        return 2 if isinstance(error, UsageError) else 1
    except Exception as error:
        hint = "" if debug else " Run it again as 'sentikit --debug ...' for the traceback."
        _complain(f"Unexpected {type(error).__name__}: {error}.{hint}", debug)
        return 1


def _complain(message: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    click.echo(f"Error: {message}", err=True)
