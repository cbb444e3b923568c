"""`sentikit merge-packs`: the models of several packs over one encoder, in one pack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..commands.output import say
from ..commands.photo_folder import NamedPath
from ..commands.recipes import recipe_step
from ..errors import UsageError
from ..io.paths import shown

if TYPE_CHECKING:
    from ..commands.app import App

_FOLDER = NamedPath()
_FILE = NamedPath(dir_okay=False)


@recipe_step
@click.command("merge-packs")
@click.argument("packs", type=_FOLDER, nargs=-1, required=True)
@click.option("-o", "--output", type=_FOLDER, required=True, help="Folder for the new pack.")
@click.option("--name", help="Name of the new pack.  [default: the folder's name]")
@click.option("--card", type=_FILE, metavar="FILE", help="Model card.  [default: the packs' cards]")
@click.option("--license", "license_", type=_FILE, metavar="FILE", help="Licence.  [default: the packs' licences]")
@click.option("--ontology", type=_FILE, metavar="FILE", help="Ontology of its ANPs.  [default: a pack's]")
@click.option(
    "--default",
    "defaults",
    multiple=True,
    metavar="COMMAND=TAGGER",
    help="Default tagger of a command, or several separated by commas; repeatable.  [default: the first pack's]",
)
@click.option("--force", is_flag=True, help="Replace an existing pack.")
@click.pass_obj
def merge_packs(
    app: App,
    packs: Sequence[Path],
    output: Path,
    name: str | None,
    card: Path | None,
    license_: Path | None,
    ontology: Path | None,
    defaults: Sequence[str],
    force: bool,
) -> None:
    """Merge packs that share an encoder into one.

    Each photograph is then encoded once for all their models. Models trained with '--init PACK' and without
    '--fine-tune' share that pack's encoder. If some of them use an encoder option that appends features ('-O
    texture=true'), the new pack's encoder has that option. PACKS are names, folders or hf://OWNER/NAME.
    """
    from ..affect.ontology import read_ontology
    from ..io.files import read_text
    from ..packs.finding import pack_folder
    from ..packs.reading import open_pack
    from ..packs.writing import merge_packs as merge

    card_text, license_text = (read_text(file) if file else "" for file in (card, license_))
    known = read_ontology(ontology) if ontology else None
    pairs = [text.split("=", 1) for text in defaults]
    if wrong := [text for text, pair in zip(defaults, pairs, strict=True) if len(pair) != 2]:
        raise UsageError(f"--default takes COMMAND=TAGGER, such as caption=anp-decoder, not {wrong[0]!r}.")
    merge(
        [pack_folder(app.plugins, pack) for pack in packs],
        output,
        name=name,
        card=card_text,
        license=license_text,
        ontology=known,
        defaults=dict(pairs),
        replace=force,
    )
    models = open_pack(output).models
    say(f"The pack is {shown(output)}, with {', '.join(models)}.")


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(merge_packs)
