"""`sentikit ontology build`: an ontology of the ANPs that captions state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit import Denylist, SentikitError
from sentikit.commands.output import hold, say
from sentikit.commands.recipes import recipe_step

from .command_parts import FILE, print_rows, print_warnings, timed_bar, work_options

if TYPE_CHECKING:
    from sentikit import Ontology

    from .mining import CaptionOf, Mined


@recipe_step
@click.command()
@click.argument("captions", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=FILE, required=True, help="Ontology to write, as sentikit's JSON.")
@click.option(
    "--min-count", type=click.IntRange(1), default=3, show_default=True, help="Minimum number of photographs per ANP."
)
@click.option("--max", "largest", type=click.IntRange(1), help="Maximum number of ANPs; the most frequent are kept.")
@click.option("--emotional", is_flag=True, help="Only emotional adjectives: no colours, sizes, ages, places or kinds.")
@click.option(
    "--examples", type=click.IntRange(0), default=3, show_default=True, help="Example captions to keep per ANP."
)
@click.option("--name", help="Name of the ontology.  [default: the output's name]")
@work_options
def build(
    captions: tuple[Path, ...],
    output: Path,
    min_count: int,
    largest: int | None,
    emotional: bool,
    examples: int,
    name: str | None,
    jobs: int,
    strict: bool,
    force: bool,
) -> None:
    """Build an ontology from captions.

    The ontology has the ANPs that the captions state. CAPTIONS are COCO captions files, or text files (.txt) with one
    caption per line. "A happy dog" and "the street is empty" state an ANP; "hot dog" and "no happy dog" do not. Nouns
    are written in the singular. An ANP counts once per photograph; in a text file, every line counts as a photograph.
    """
    from sentikit.io.files import check_outputs

    from .mining import make_ontology, mine

    check_outputs([(output, force)], inputs=captions)
    hold(output)
    texts = [caption for path in captions for caption in _read(path, strict)]
    with timed_bar(len(texts)) as advance:
        mined = mine(texts, emotional=emotional, examples=examples, jobs=jobs, progress=advance)
    made = make_ontology(
        mined,
        name or output.stem,
        f"captions of {', '.join(path.name for path in captions)}",
        min_count=min_count,
        largest=largest,
        denylist=Denylist.load(),
    )
    if not made:
        what = "an emotional ANP" if emotional else "an ANP"
        raise SentikitError(
            f"Nothing was written: {what} is stated of {mined.stated_photos():,} of the {len(mined.photos):,} "
            f"photographs, and none of {min_count:,}; lower --min-count, or give more captions."
        )
    made.write(output, force=force)
    _print_counts(mined, made)
    say(f"Wrote {output}.")


def _read(path: Path, strict: bool) -> Iterator[CaptionOf]:
    """The captions of a file, with the base name of their photograph, or where it has none, its id in this file."""
    from sentikit.formats.coco import read_captions
    from sentikit.io.files import read_text

    from .mining import CaptionOf

    if path.suffix.lower() == ".txt":
        lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
        if not lines:
            raise SentikitError(f"{path} has no captions: it is empty.")
        yield from (CaptionOf((path, number), line) for number, line in lines)
        return
    coco = read_captions(path, strict=strict)
    print_warnings(coco)
    for _, annotation in coco.usable():
        identity = annotation["image_id"]
        name = coco.images[identity].get("file_name")
        yield CaptionOf(Path(name).name if name else (path, identity), annotation["caption"])


def _print_counts(mined: Mined, made: Ontology) -> None:
    rows = [
        ("captions", mined.captions),
        ("photographs", len(mined.photos)),
        ("  that an ANP is stated of", mined.stated_photos()),
        ("ANPs stated", mined.stated.total()),
        ("distinct ANPs", len(mined.stated)),
        *((f"  of {photos} photographs or more", mined.at_least(photos)) for photos in (2, 3, 5, 10)),
        ("ANPs of the ontology", len(made)),
        ("  insertable", sum(entry.insertable for entry in made.entries.values())),
    ]
    print_rows(rows)
