"""`sentikit evaluate hidden-adjectives`: what language alone says of an adjective."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit.commands.output import hold
from sentikit.commands.photo_folder import NamedPath
from sentikit.commands.recipes import recipe_step
from sentikit.commands.table_output import emit, output_options

from .ontologies import ontology_named

if TYPE_CHECKING:
    from sentikit.commands.app import App


@recipe_step
@click.command("hidden-adjectives")
@click.argument("senticap", type=NamedPath(dir_okay=False))
@click.option("--train", default="train", show_default=True, metavar="SPLIT", help="Split to count adjectives in.")
@click.option("--split", default="test", show_default=True, metavar="SPLIT", help="Split to evaluate on.")
@click.option(
    "--ontology",
    "ontologies",
    multiple=True,
    metavar="FILE|PACK",
    help="Also rank by the counts in this ontology, or in a pack's; repeatable.",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Bootstrap samples for confidence intervals; 0 for none.",
)
@click.option("--seed", default=0, show_default=True, help="Seed for the bootstrap.")
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
    """Predict SentiCap adjectives from text.

    The marked adjectives are hidden and ranked by polarity and noun, without the photograph. SENTICAP is
    senticap_dataset.json. Nouns are compared by lemma. Ties count with the mean over all orders.
    """
    from sentikit.english.noun_phrases import NounFinder
    from sentikit.io.files import check_outputs
    from sentikit.packs.finding import is_pack_name

    from . import hidden_adjectives as hidden

    files = [Path(name) for name in ontologies if not is_pack_name(app.plugins, name)]
    inputs = [senticap, *(path for path in files if path.is_file())]
    check_outputs([(output, force)], inputs=inputs)
    hold(output)
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
