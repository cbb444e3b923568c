"""`sentikit pack`: checking packs, showing what is in them, and making them ready for the Hugging Face hub."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..commands.output import print_line, print_text, say, warn
from ..commands.photo_folder import NamedPath
from ..errors import UsageError
from ..io.messages import count
from ..io.paths import shown
from ..plugin.commands import ExtensibleGroup

if TYPE_CHECKING:
    from ..commands.app import App

_NAMES = "NAME|FOLDER|hf://OWNER/NAME"
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")


@click.group(cls=ExtensibleGroup)
def pack() -> None:
    """Check, show and export packs of weights.

    A pack is named by a registered name, its folder, or hf://OWNER/NAME[@REVISION] on the Hugging Face hub.
    """


@pack.command()
@click.argument("packs", nargs=-1, required=True, metavar=f"{_NAMES}...")
@click.option("--strict", is_flag=True, help="Also exit with 1 if there are notes.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def check(app: App, packs: Sequence[str], strict: bool, as_json: bool) -> int:
    """Check packs.

    All files of a pack are read, within the limits for packs, and its models are made. Whatever is wrong is named.
    Notes tell what the hub's conventions ask for, and which files do not belong to the pack. Exits with 1 if a pack
    has a problem.
    """
    from ..packs.checking import check_pack
    from ..packs.finding import pack_folder

    found = {named: check_pack(pack_folder(app.plugins, named), app.plugins) for named in packs}
    if as_json:
        click.echo(json.dumps({name: checked._asdict() for name, checked in found.items()}, indent=1))
    else:
        for name, (problems, notes) in found.items():
            counted = f"{count(len(problems), 'problem')}, {count(len(notes), 'note')}"
            print_line(f"{shown(name)}: {counted if problems or notes else 'sound'}")
            for problem in problems:
                print_line(f"  problem: {problem}")
            for note in notes:
                print_line(f"  note: {note}")
    return 1 if any(problems or (strict and notes) for problems, notes in found.values()) else 0


@pack.command()
@click.argument("named", metavar=_NAMES)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def info(app: App, named: str, as_json: bool) -> None:
    """Show what is in a pack.

    Shows the licence, the encoder and the models with their sizes, and the model card.
    """
    from ..packs.describing import describe_pack
    from ..packs.finding import pack_folder
    from ..packs.reading import open_pack

    described = describe_pack(open_pack(pack_folder(app.plugins, named), app.plugins))
    if as_json:
        click.echo(json.dumps(described, indent=1))
        return
    for line in _lines(described):
        print_line(line)
    if described["card"]:
        print_line()
        print_text(described["card"])


@pack.command()
@click.argument("named", metavar=_NAMES)
@click.option("-o", "--output", type=NamedPath(), required=True, help="Folder to write.")
@click.option(
    "--license",
    "license_",
    metavar="ID",
    help="The hub's name of the licence, such as cc-by-4.0.  [default: the card's, or other]",
)
@click.option("--force", is_flag=True, help="Replace an existing pack.")
@click.pass_obj
def export(app: App, named: str, output: Path, license_: str | None, force: bool) -> int:
    """Make a folder that is ready for the Hugging Face hub.

    Only the pack's own files are copied. The model card becomes README.md with the metadata that the hub reads. A pack
    with problems is not exported.
    """
    from ..packs.checking import check_pack
    from ..packs.exporting import export_pack
    from ..packs.finding import pack_folder
    from ..packs.licenses import warnings_on
    from ..packs.reading import open_pack

    if license_ is not None and not _LICENSE.fullmatch(license_):
        raise UsageError(f"--license takes the hub's name of a licence, such as apache-2.0, not {license_!r}.")
    folder = pack_folder(app.plugins, named)
    problems = check_pack(folder, app.plugins).problems
    for problem in problems:
        say(f"Error: {problem}")
    if problems:
        return 1
    opened = open_pack(folder, app.plugins)
    export_pack(opened, output, license=license_, replace=force)
    for sentence in warnings_on(license_, opened) if license_ else ():
        warn(sentence)
    for note in check_pack(output, app.plugins).notes:
        say(f"Note: {note}")
    say(f"The folder is {shown(output)}. To upload it: hf upload OWNER/NAME {shown(output)}")
    return 0


def _lines(described: Mapping[str, Any]) -> list[str]:
    license_ = described["license"]
    text = next(iter(license_["text"].splitlines()), "no LICENSE")
    encoder, ontology = described["encoder"], described["ontology"]
    rows = [
        ("folder", shown(described["folder"])),
        ("size", _megabytes(described["bytes"])),
        ("licence", f"{license_['id']}: {text}" if license_["id"] else text),
    ]
    if encoder:
        options = "".join(f", {name} {value}" for name, value in encoder["options"].items())
        grid = "x".join(map(str, encoder["grid"]))
        size = encoder["preprocessing"].get("size")
        rows.append(("encoder", f"{encoder['plugin']}{options}: {_weights(encoder)}"))
        rows.append(("", f"photographs of {size} pixels, {encoder['dim']:,} numbers on a grid of {grid}"))
    for name, model in described["models"].items():
        rows.append((model["kind"], f"{name}: {_weights(model)}"))
        rows += [("", text) for text in _details(model)]
    if ontology is not None:
        rows.append(("ontology", f"{ontology:,} ANPs"))
    rows += [("default", f"{command} uses {names}") for command, names in described["defaults"].items()]
    width = max(len(name) for name, _ in rows)
    return [f"pack {described['name']}", *(f"  {name:<{width}}  {value}".rstrip() for name, value in rows)]


def _details(model: Mapping[str, Any]) -> list[str]:
    """The sizes of a model, and how long its documents are, a line each."""
    sizes = _sizes(model["settings"])
    lines = [", ".join(f"{name} {value:,}" for name, value in sizes.items())] if sizes else []
    return lines + [f"{name}: {length:,} entries" for name, length in model["documents"].items()]


def _sizes(settings: Mapping[str, Any]) -> dict[str, int]:
    """The whole numbers of a decoder's settings, or of the settings themselves."""
    inner = settings.get("decoder", settings)
    found = inner if isinstance(inner, dict) else settings
    return {name: value for name, value in found.items() if type(value) is int}


def _weights(part: Mapping[str, Any]) -> str:
    types = ", ".join(part["types"])
    return f"{part['parameters']:,} parameters ({types}), {_megabytes(part['bytes'])}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def add_to(cli: click.Group) -> None:
    """Add the command group of this file."""
    cli.add_command(pack)
