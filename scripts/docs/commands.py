"""Writes docs/commands.md: the text of commands.in.md, with what each command prints.

    python -m scripts.docs.commands

A console block of commands.in.md holds one command. The commands run in order, in a folder with the demo's files, and
every command of sentikit must have a block with its `--help`.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import click

from sentikit.cli import cli, run

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("commands.in.md")
PAGE = ROOT / "docs" / "commands.md"
BLOCK = re.compile(r"```console\n\$ (sentikit .*)\n((?:.*\n)*?)```\n")
ENVIRONMENT = {"COLUMNS": "80", "SENTIKIT_LOAD_PLUGINS": "", "TERMINAL_WIDTH": "80"}


def main() -> None:
    """Write the page."""
    source = SOURCE.read_text("utf-8")
    if lacking := commands_without_help(source):
        raise SystemExit(f"{SOURCE.name} has no block for the --help of: {', '.join(lacking)}")
    with tempfile.TemporaryDirectory() as folder:
        make_inputs(Path(folder))
        PAGE.write_text(fill(source, lambda command: output(command, Path(folder))), "utf-8")


def fill(text: str, output_of: Callable[[str], str]) -> str:
    """The text, with the output of the command in each console block."""
    return BLOCK.sub(lambda block: f"```console\n$ {block[1]}\n{output_of(block[1])}```\n", text)


def outputs(text: str) -> dict[str, str]:
    """The outputs in the console blocks of a text, by command."""
    return dict(BLOCK.findall(text))


def commands_without_help(text: str) -> list[str]:
    """The commands of sentikit whose `--help` is in no console block."""
    with patch.dict(os.environ, ENVIRONMENT):
        context = cli.make_context("sentikit", [], resilient_parsing=True)
        return [name for name in _names(cli, context, "sentikit") if f"$ {name} --help\n" not in text]


def _forget_help_options(command: click.Command) -> None:
    """click keeps a command's help option from its first use, also if that was without `-h` of the top command."""
    command._help_option = None
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        _forget_help_options(below)


def _names(command: click.Command, context: click.Context, name: str) -> Iterator[str]:
    """The full name of a command, and those of all commands below it."""
    yield name
    for part in command.list_commands(context) if isinstance(command, click.Group) else ():
        below = command.get_command(context, part)
        assert below is not None
        yield from _names(below, click.Context(below, context, part), f"{name} {part}")


def output(command: str, folder: Path) -> str:
    """What a command prints in `folder`, on stdout and stderr together."""
    printed = io.StringIO()
    _forget_help_options(cli)
    with (
        patch.dict(os.environ, ENVIRONMENT),
        chdir(folder),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        run(shlex.split(command)[1:])
    return printed.getvalue().replace(f"{ROOT}/", "")


def make_inputs(folder: Path) -> None:
    """Put the demo into `folder`, and photographs in folders of classes: cats, and rockets of which one is cut off."""
    demo = ROOT / "examples" / "demo"
    shutil.copytree(demo, folder / "examples" / "demo")
    photos = folder / "photos"
    for name, photo, copies in (("cute_cat", "chelsea.jpg", 10), ("mighty_rocket", "rocket.jpg", 4)):
        (photos / name).mkdir(parents=True)
        for number in range(1, copies + 1):
            shutil.copy(demo / "images" / photo, photos / name / f"{number}.jpg")
    shutil.copytree(photos / "cute_cat", photos / "cats")
    (photos / "bright_sun").mkdir()
    cut = photos / "mighty_rocket" / "4.jpg"
    cut.write_bytes(cut.read_bytes()[:9000])


if __name__ == "__main__":
    main()
