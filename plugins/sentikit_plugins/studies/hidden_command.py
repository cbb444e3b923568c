"""`sentikit evaluate hidden-adjectives`: what language alone says of an adjective."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit.commands.table_output import emit, output_options

from .ontologies import ontology_named

if TYPE_CHECKING:
    from sentikit.commands.app import App


@click.command("hidden-adjectives")
@click.argument("senticap", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--train", default="train", show_default=True, metavar="SPLIT", help="The split to count in.")
@click.option("--split", default="test", show_default=True, metavar="SPLIT", help="The split to measure on.")
@click.option(
    "--ontology",
    "ontologies",
    multiple=True,
    metavar="FILE|PACK",
    help="Also rank by the counts of this ontology, or of a pack's; may be given several times.",
)
@click.option(
    "--bootstrap", type=click.IntRange(0), default=1000, show_default=True, help="Samples for the intervals; 0: none."
)
@click.option("--seed", default=0, show_default=True, help="The bootstrap's.")
@output_options
@click.pass_obj
def hidden_adjectives(
    app: App,
    senticap: Path,
    train: str,
    split: str,
    ontologies: tuple[str, ...],
    bootstrap: int,
    seed: int,
    style: str | None,
    output: Path | None,
    force: bool,
) -> int:
    """Hide the adjectives that SentiCap marks, and rank them by polarity and noun, without a photograph.

    SENTICAP is senticap_dataset.json. Nouns are compared by lemma. Adjectives that score the same count by the mean
    over their orders.
    """
    from sentikit.english.noun_phrases import NounFinder
    from sentikit.io.files import check_outputs
    from sentikit.plugin.kinds import PACK

    from . import hidden_adjectives as hidden

    files = [Path(name) for name in ontologies if name not in app.plugins.names(PACK)]
    inputs = [senticap, *(path for path in files if path.is_file())]
    check_outputs([(output, force)], inputs=inputs)
    lemma = NounFinder().lemma
    learn, test = (hidden.read_senticap(senticap, name, lemma) for name in (train, split))
    everywhere, of_noun = hidden.commonest(learn), hidden.learnt(learn)
    rankers = {
        "P(adjective | noun), then the commonest": hidden.one_then_other(of_noun, everywhere),
        "P(adjective | noun)": of_noun,
        "the commonest of the polarity": everywhere,
    }
    for name in dict.fromkeys(ontologies):
        rankers[f"counts of {Path(name).stem}"] = hidden.of_ontology(ontology_named(app, name), lemma)
    report = hidden.evaluate_hidden(test, rankers, bootstrap, seed)
    document = {
        "senticap": str(senticap),
        "train": train,
        "split": split,
        "adjectives": report.hidden,
        "images": report.images,
        "figures": {
            system: {name: figure._asdict() for name, figure in figures.items()}
            for system, figures in report.figures.items()
        },
    }
    emit([hidden.hidden_table(report)], document, style, output, force, inputs)
    return 0
