"""`sentikit models`: the available captioners, taggers and encoders, and the packs of weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..commands.output import print_line, say
from ..commands.photo_folder import NamedPath
from ..errors import SentikitError
from ..io.paths import as_text, shown
from ..pipelines.model_choice import find_pack
from ..plugin.kinds import CAPTIONER, ENCODER, PACK, TAGGER, Kind

if TYPE_CHECKING:
    from ..commands.app import App

KINDS: tuple[Kind[Any], ...] = (CAPTIONER, TAGGER, ENCODER)
KEY_SCORES = {"captioner": ("CIDEr", "BLEU-4"), "tagger": ("macro_recall@5", "hit@5")}
"""The scores that are shown; --json prints all of them."""


@click.command()
@click.option(
    "--pack",
    "packs",
    type=NamedPath(),
    multiple=True,
    metavar="NAME|FOLDER|hf://OWNER/NAME",
    envvar="SENTIKIT_PACK",
    show_envvar=True,
    help="Pack to show; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_obj
def models(app: App, packs: Sequence[Path], as_json: bool) -> int:
    """List models and packs of weights.

    The models are captioners, taggers and encoders. Installed packs are listed last, the default first. With --pack,
    only the named packs are shown, at the top. The main scores are shown; --json prints all of them. Exits with 1 if a
    pack cannot be opened.
    """
    kinds = {
        kind.name: {name: app.plugins.get(kind, name).summary for name in app.plugins.names(kind)} for kind in KINDS
    }
    found: list[dict[str, Any]] = []
    broken = 0
    for named in packs or [Path(name) for name in app.plugins.names(PACK)]:
        try:
            folder = find_pack(app.plugins, named)
            assert folder is not None
            found.append(_describe(folder))
        except SentikitError as error:
            broken += 1
            say(f"Error: {error}")
    if as_json:
        click.echo(json.dumps({f"{kind}s": names for kind, names in kinds.items()} | {"packs": found}, indent=1))
    else:
        if packs:
            _print_packs(found)
        for kind, names in kinds.items():
            _print_rows(f"{kind}s", list(names.items()))
        if not packs:
            _print_packs(found)
        if not found and not broken:
            print_line("no packs; --pack FOLDER shows one")
    return 1 if broken else 0


def _describe(folder: Path) -> dict[str, Any]:
    """A pack's config in short, and its size on disk. Raises SentikitError if it is not sound."""
    from ..packs.reading import open_pack

    pack = open_pack(folder)
    encoder = pack.config["encoder"]
    return {
        "name": pack.name,
        "folder": as_text(folder),
        "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        "encoder": encoder and {key: encoder[key] for key in ("plugin", "options", "dim", "grid")},
        "models": {name: {"kind": model["kind"], "scores": model["scores"]} for name, model in pack.models.items()},
        "defaults": dict(pack.defaults),
    }


def _print_packs(packs: Sequence[Mapping[str, Any]]) -> None:
    for pack in packs:
        _print_pack(pack)


def _print_pack(pack: Mapping[str, Any]) -> None:
    rows = [("folder", shown(pack["folder"])), ("size", f"{pack['bytes'] / 1e6:,.1f} MB")]
    if encoder := pack["encoder"]:
        options = "".join(f", {name} {value}" for name, value in encoder["options"].items())
        grid = "x".join(map(str, encoder["grid"]))
        rows.append(("encoder", f"{encoder['plugin']}{options}: {encoder['dim']:,} numbers on a grid of {grid}"))
    else:
        rows.append(("encoder", "none; its models read photographs themselves"))
    for name, model in pack["models"].items():
        rows.append((model["kind"], f"{name}: {_say_scores(model['kind'], model['scores'])}"))
    if pack["defaults"]:
        rows.append(("default", "; ".join(f"{command} uses {names}" for command, names in pack["defaults"].items())))
    _print_rows(f"pack {pack['name']}", rows)


def _say_scores(kind: str, scores: Mapping[str, object]) -> str:
    """The main scores of a model of that `kind` or, if it has none of those, its first ones."""
    chief = [score for score in KEY_SCORES.get(kind, ()) if score in scores] or list(scores)[:2]
    said = ", ".join(f"{score} {_short(scores[score])}" for score in chief) or "no scores"
    return said + (f" ({len(scores) - len(chief):,} more in --json)" if len(scores) > len(chief) else "")


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_rows(title: str, rows: Sequence[tuple[str, str]]) -> None:
    width = max((len(name) for name, _ in rows), default=0)
    print_line(title)
    for name, text in rows or [("none", "")]:
        print_line(f"  {name:<{width}}  {text}".rstrip())
    print_line()


def add_to(cli: click.Group) -> None:
    """Add the command of this file."""
    cli.add_command(models)
