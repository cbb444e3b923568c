"""`sentikit ontology`: closed lists of adjective-noun pairs (ANPs). Plugins add commands that make and apply them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..affect.valence import polarity as polarity_of
from ..commands.output import print_line, say
from ..commands.photo_folder import NamedPath
from ..errors import SentikitError, UsageError
from ..pipelines.model_choice import find_pack
from ..plugin.commands import ExtensibleGroup

if TYPE_CHECKING:
    from ..affect.ontology import Ontology, OntologyEntry
    from ..anp import ANP
    from ..commands.app import App

FILE = NamedPath(dir_okay=False)


def add_to(cli: click.Group) -> None:
    """Add `ontology`."""
    cli.add_command(ontology)


@click.group(cls=ExtensibleGroup)
def ontology() -> None:
    """Build, show and apply ontologies.

    An ontology is a closed list of adjective-noun pairs (ANPs) that a tagger can choose from. It gives the valence of
    each, and whether it may be inserted into text.
    """


@ontology.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--polarity",
    type=click.Choice(["positive", "negative", "neutral", "unknown"]),
    help="Show only ANPs of this polarity; unknown: the adjective is in no lexicon.",
)
@click.option("--noun", help="Show only ANPs with this noun.")
@click.option("--adjective", help="Show only ANPs with this adjective.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Show only the first N ANPs.")
@click.option("--json", "as_json", is_flag=True, help="Print the selected ANPs as an ontology in sentikit's JSON.")
@click.pass_obj
def show(
    app: App,
    file: Path | None,
    polarity: str | None,
    noun: str | None,
    adjective: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show the ANPs of an ontology.

    Each ANP is shown with valence, count and an example. FILE is sentikit's JSON, a table like the Visual Sentiment
    Ontology's CSV, or a text file with one ANP per line. The default is the ontology of the default weights. Valence
    runs from -1 to 1. If the file has none, the adjective's is shown, or "-" if it is in no lexicon.
    """
    from ..affect.ontology import Ontology, read_ontology

    whole = read_ontology(file) if file else _installed(app)
    chosen = {
        anp: entry
        for anp, entry in whole.entries.items()
        if (polarity is None or _feeling(whole, anp) == polarity)
        and (noun is None or anp.noun == noun.lower())
        and (adjective is None or anp.adjective == adjective.lower())
    }
    if not chosen:
        raise SentikitError(f"None of the {len(whole):,} ANPs of {file or 'the weights'} is what was asked for.")
    part = Ontology(whole.name, dict(list(chosen.items())[:limit]), whole.source)
    if as_json:
        click.echo(json.dumps(part.to_json(), indent=1))
        return
    for line in _table(part):
        print_line(line)
    click.echo(err=True)
    say(_summary(part, len(whole)))


def _installed(app: App) -> Ontology:
    """The ontology of the pack that is used by default."""
    from ..packs.reading import open_pack

    folder = find_pack(app.plugins, None)
    known = open_pack(folder).ontology() if folder else None
    if known is None:
        raise UsageError("No weights with an ontology are installed: name the FILE of one.")
    return known


def _table(part: Ontology) -> Iterator[str]:
    """Aligned lines; the last column, the example, as long as it is."""
    rows = [("ANP", "valence", "count", "insertable", "example")]
    rows += [_row(part, anp, entry) for anp, entry in part.entries.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for anp, valence, count, insertable, example in rows:
        yield (
            f"{anp:<{widths[0]}}  {valence:>{widths[1]}}  {count:>{widths[2]}}  {insertable:<{widths[3]}}  {example}"
        ).rstrip()


def _row(part: Ontology, anp: ANP, entry: OntologyEntry) -> tuple[str, str, str, str, str]:
    valence = part.valence(anp)
    shown = "-" if valence is None else f"{valence:+.2f}"
    return str(anp), shown, f"{entry.count:,}", "yes" if entry.insertable else "no", next(iter(entry.examples), "")


def _summary(part: Ontology, whole: int) -> str:
    feelings = Counter(_feeling(part, anp) for anp in part)
    felt = ", ".join(f"{feelings[name]:,} {name}" for name in ("positive", "negative", "neutral", "unknown"))
    adjectives, nouns = ({anp[place] for anp in part} for place in (0, 1))
    insertable = sum(entry.insertable for entry in part.entries.values())
    return (
        f"{len(part):,} of {whole:,} ANPs, of {len(adjectives):,} adjectives and {len(nouns):,} nouns: {felt}; "
        f"{insertable:,} insertable."
    )


def _feeling(known: Ontology, anp: ANP) -> str:
    return polarity_of(known.valence(anp)) or "unknown"
