"""`sentikit import-checkpoint`: a checkpoint of the PyTorch captioning tutorial as a pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit.commands.output import say
from sentikit.commands.photo_folder import NamedPath
from sentikit.commands.recipes import recipe_step
from sentikit.io.paths import shown

if TYPE_CHECKING:
    from sentikit.commands.app import App

_FILE = NamedPath(dir_okay=False)


@recipe_step
@click.command("import-checkpoint")
@click.argument("file", type=_FILE)
@click.option("--word-map", type=_FILE, required=True, help="The WORDMAP_....json that the model was trained with.")
@click.option("-o", "--output", type=NamedPath(), required=True, help="Folder for the new pack.")
@click.option("--name", help="Name of the new pack.  [default: the folder's name]")
@click.option("--license", "license_", type=_FILE, metavar="LICENSE", help="Licence of the weights, a text file.")
@click.option("--half", is_flag=True, help="Store the weights as fp16: half the size, slightly other numbers.")
@click.option("--force", is_flag=True, help="Replace an existing pack.")
@click.pass_obj
def import_checkpoint(
    app: App,
    file: Path,
    word_map: Path,
    output: Path,
    name: str | None,
    license_: Path | None,
    half: bool,
    force: bool,
) -> None:
    """Turn a checkpoint of the PyTorch captioning tutorial into a pack.

    FILE is a checkpoint (.pth.tar) of "a-PyTorch-Tutorial-to-Image-Captioning": a ResNet encoder and an LSTM decoder
    with soft attention. The pack captions as the tutorial does. FILE is never unpickled: its weights are read, its
    classes are neither imported nor called, and a file that names anything else is refused.
    """
    from sentikit.io.files import read_text

    from .importing import import_tutorial

    imported = import_tutorial(
        file,
        word_map,
        output,
        app,
        name=name,
        license=read_text(license_) if license_ else "",
        half=half,
        replace=force,
    )
    say(f"The pack is {shown(output)}: {imported.describe()}.")
