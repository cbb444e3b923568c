"""The `sentikit` command. Each file here adds one command. Errors are one sentence; data goes to stdout, all else to
stderr.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click

from ..commands.app import App
from ..commands.output import say
from ..errors import SentikitError, UsageError
from ..io.messages import escaped, one_line
from ..io.paths import shown
from .messages import shown_messages
from .streams import BROKEN_PIPE, end_streams, make_streams_safe


class SentikitGroup(click.Group):
    """The top command. Plugins add commands to it, but are loaded only when one of theirs could be meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_app(self, ctx).plugins.commands})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        app = _app(self, ctx)
        return super().get_command(ctx, name) or app.plugins.commands.get(name)


def _app(group: click.Group, ctx: click.Context) -> App:
    if not isinstance(ctx.obj, App):
        folders = ctx.params.get("plugins_dirs") or _FOLDERS.split_envvar_value(os.environ.get(_PLUGINS_DIR, ""))
        ctx.obj = App([Path(folder) for folder in folders], group.commands)
    return ctx.obj


class _FolderPath(click.Path):
    """A folder. None is not the current one: an empty part of the variable is passed over."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [part for part in super().split_envvar_value(rv) if part]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value):
            self.fail("it is empty; name a folder.", param, ctx)
        return super().convert(value, param, ctx)


_PLUGINS_DIR = "SENTIKIT_PLUGINS_DIR"
_FOLDERS = _FolderPath(path_type=Path)


@click.group(cls=SentikitGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sentikit-captions", prog_name="sentikit")
@click.option(
    "--plugins-dir",
    "plugins_dirs",
    type=_FOLDERS,
    multiple=True,
    is_eager=True,
    envvar=_PLUGINS_DIR,
    help="Also load the single-file plugins in this folder; repeatable.",
)
@click.option("--debug", is_flag=True, help="Show the traceback if there is an error.")
@click.pass_context
def cli(ctx: click.Context, plugins_dirs: tuple[Path, ...], debug: bool) -> None:
    """Captions with feeling: tag photographs with adjective-noun pairs and insert the adjectives into captions."""
    _app(cli, ctx)


def _add_commands() -> None:
    """Call the `add_to` of every file in this folder that has one."""
    for file in sorted(iter_modules(__path__), key=lambda file: file.name):
        add_to = getattr(import_module(f"{__name__}.{file.name}"), "add_to", None)
        if add_to is not None:
            add_to(cli)


_add_commands()


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 something was done, 1 nothing was, 2 wrong usage, 130 interrupted."""
    make_streams_safe()
    code = end_streams(run(sys.argv[1:] if arguments is None else arguments))
    # In a process of torchrun's, threads that gloo leaves behind can abort the interpreter while it shuts down.
    if "TORCHELASTIC_RUN_ID" in os.environ:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command; its exit code."""
    try:
        return _run(arguments)
    except BrokenPipeError:  # also of a message on stderr that nobody reads
        return BROKEN_PIPE


def _run(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        with shown_messages():
            result = cli.main(arguments, prog_name="sentikit", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        _show(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        raise
    except MemoryError:
        _complain("The memory is too small for this: close other programs, or use smaller files or batches.", debug)
        return 1
    except RecursionError:
        _complain("A file has lists or objects that are nested too deeply to be read.", debug)
        return 1
    except SentikitError as error:
        _complain(str(error), debug)
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:
        place = f" {shown(error.filename)}" if isinstance(error.filename, str) else " a file or stdout"
        _complain(f"Cannot read or write{place}: {(error.strerror or str(error)).lower()}.", debug)
        return 1
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # code that is not Python's may raise more than Exception
        hint = "" if debug else " Run it again as 'sentikit --debug ...' for the traceback."
        _complain(f"Unexpected {type(error).__name__}: {error}.{hint}", debug)
        return 1


def _show(error: click.ClickException) -> None:
    """Print click's own message after the usage, on one line; help is printed as it is."""
    if not isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        message = one_line(error.format_message())
        error.format_message = lambda: message  # type: ignore[method-assign]
    error.show()


def _complain(message: str, debug: bool) -> None:
    if debug:
        for line in traceback.format_exc().rstrip().split("\n"):
            click.echo(escaped(line), err=True)
    say(f"Error: {message}")
