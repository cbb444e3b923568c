"""`sentikit ontology`: lists of adjective-noun pairs (ANPs), made from captions and shown, and labels that use them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..affect.valence import polarity as polarity_of
from ..errors import SentikitError, UsageError
from ..pipelines.model_choice import find_pack

if TYPE_CHECKING:
    from ..affect.ontology import Ontology, OntologyEntry
    from ..affect.ontology_mining import CaptionOf, Mined
    from ..anp import ANP
    from ..formats.coco import CocoCaptions
    from . import App

FILE = click.Path(dir_okay=False, path_type=Path)


def add_to(cli: click.Group) -> None:
    """Add `ontology`."""
    cli.add_command(ontology)


@click.group()
def ontology() -> None:
    """Make, show and apply ontologies: closed lists of adjective-noun pairs (ANPs).

    An ontology says which ANPs a tagger may choose from, how each feels, and which may go into a text.
    """


def _work_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes."),
            click.option("--strict", is_flag=True, help="Stop at the first problem of an input file."),
            click.option("--force", is_flag=True, help="Replace an output file that exists."),
        ]
    ):
        command = option(command)
    return command


@ontology.command()
@click.argument("captions", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=FILE, required=True, help="The ontology, as sentikit's JSON.")
@click.option(
    "--min-count", type=click.IntRange(1), default=3, show_default=True, help="Only ANPs of so many photographs."
)
@click.option("--max", "largest", type=click.IntRange(1), help="At most so many ANPs, the commonest.")
@click.option("--emotional", is_flag=True, help="Only adjectives that feel: no colours, sizes, ages, places and sorts.")
@click.option(
    "--examples", type=click.IntRange(0), default=3, show_default=True, help="Keep so many captions of each ANP."
)
@click.option("--name", help="What the ontology is called.  [default: the output's name]")
@_work_options
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
    """Make an ontology of the ANPs that people state in captions.

    CAPTIONS are COCO caption files, or text files (.txt) with a caption a line. "A happy dog" and "the street is empty"
    state an ANP; "hot dog" and "no happy dog" do not. Nouns are written in the singular. An ANP counts once for a
    photograph; in a text file every line is a photograph of its own.
    """
    from ..affect.denylist import Denylist
    from ..affect.ontology_mining import make_ontology, mine
    from ..io.files import check_outputs

    check_outputs([(output, force)], inputs=captions)
    texts = [caption for path in captions for caption in _read(path, strict)]
    with _timed_bar(len(texts)) as advance:
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
    click.echo(f"Wrote {output}.", err=True)


@ontology.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--polarity",
    type=click.Choice(["positive", "negative", "neutral", "unknown"]),
    help="Only ANPs that feel so; unknown: no lexicon has the adjective.",
)
@click.option("--noun", help="Only ANPs with this noun.")
@click.option("--adjective", help="Only ANPs with this adjective.")
@click.option("--limit", type=click.IntRange(1), help="Only the first so many.")
@click.option("--json", "as_json", is_flag=True, help="Print an ontology in sentikit's JSON, with what was chosen.")
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
    """Show the ANPs of an ontology with valence, count and an example.

    FILE is sentikit's JSON, a table like the Visual Sentiment Ontology's CSV, or a text file with an ANP a line; by
    default the one of the bundled weights. Valences run from -1 to 1; where the file has none, the adjective's is
    shown, and "-" where no lexicon has it.
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
        click.echo(line)
    click.echo(f"\n{_summary(part, len(whole))}", err=True)


def _installed(app: App) -> Ontology:
    """The ontology of the pack that is used by default."""
    from ..packs.reading import open_pack

    folder = find_pack(app.plugins, None)
    known = open_pack(folder).ontology() if folder else None
    if known is None:
        raise UsageError("No weights with an ontology are installed: name the FILE of one.")
    return known


@ontology.command()
@click.argument("ontology_file", metavar="ONTOLOGY", type=FILE)
@click.argument("captions", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="The labels, as a tag file.")
@_work_options
def label(ontology_file: Path, captions: Path, output: Path, jobs: int, strict: bool, force: bool) -> None:
    """Label photographs with the ANPs that their captions state.

    CAPTIONS is a COCO caption file that people wrote. Every captioned image gets a line, with the ANPs of ONTOLOGY that
    its captions state, and as probability the share of its captions that do. What no caption states is not known to
    be false. Taggers are trained on such files and measured against them.
    """
    from ..affect.ontology import read_ontology
    from ..affect.ontology_mining import label as labels_of
    from ..formats.coco import read_captions
    from ..formats.tags import header_line, tag_line
    from ..io.files import atomic_write, check_outputs

    inputs = [ontology_file, captions]
    check_outputs([(output, force)], inputs=inputs)
    known = read_ontology(ontology_file)
    coco = read_captions(captions, strict=strict)
    _warn(coco)
    texts: dict[int | str, list[str]] = {}
    for _, annotation in coco.usable():
        texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
    header = {"tagger": "captions", "ontology": known.name, "captions": captions.name}
    counts: Counter[ANP] = Counter()
    labelled = 0
    with (
        _timed_bar(sum(map(len, texts.values()))) as advance,
        atomic_write(output, force=force, inputs=inputs) as handle,
    ):
        handle.write(json.dumps(header_line(header)) + "\n")
        for identity, tags in labels_of(texts, known, jobs=jobs, progress=advance):
            line = tag_line(identity, coco.images[identity].get("file_name"), tags)
            handle.write(json.dumps(line) + "\n")
            counts.update(tag.anp for tag in tags)
            labelled += bool(tags)
        if not labelled:
            raise SentikitError(
                f"Nothing was written: no caption of {captions} states one of the {len(known):,} ANPs of "
                f"{ontology_file}."
            )
    rows = [
        ("images", len(texts)),
        ("  with an ANP", labelled),
        ("labels", counts.total()),
        ("distinct ANPs", len(counts)),
        ("  of the ontology's", len(known)),
    ]
    _print_rows(rows)
    click.echo(f"Wrote {output}.", err=True)


def _read(path: Path, strict: bool) -> Iterator[CaptionOf]:
    """The captions of a file, with the base name of their photograph, or where it has none, its id in this file."""
    from ..affect.ontology_mining import CaptionOf
    from ..formats.coco import read_captions
    from ..io.files import read_text

    if path.suffix.lower() == ".txt":
        lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
        if not lines:
            raise SentikitError(f"{path} has no captions: it is empty.")
        yield from (CaptionOf((path, number), line) for number, line in lines)
        return
    coco = read_captions(path, strict=strict)
    _warn(coco)
    for _, annotation in coco.usable():
        identity = annotation["image_id"]
        name = coco.images[identity].get("file_name")
        yield CaptionOf(Path(name).name if name else (path, identity), annotation["caption"])


@contextmanager
def _timed_bar(captions: int) -> Iterator[Callable[[int], None]]:
    """A progress bar, and how long it took on stderr."""
    from .progress import progress_bar

    start = time.perf_counter()
    with progress_bar("captions", captions) as advance:
        yield advance
    seconds = time.perf_counter() - start
    click.echo(f"Read {captions:,} captions in {seconds:.1f} s, {captions / seconds:,.0f} a second.", err=True)


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
    _print_rows(rows)


def _print_rows(rows: Sequence[tuple[str, int]]) -> None:
    width = max(len(name) for name, _ in rows)
    for name, number in rows:
        click.echo(f"{name:<{width}}  {number:>9,}")


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


def _warn(coco: CocoCaptions) -> None:
    for sentence in coco.warnings():
        click.echo(f"Warning: {sentence}", err=True)
