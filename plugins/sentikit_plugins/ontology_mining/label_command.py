"""`sentikit ontology label`: photographs labelled with the ANPs that their captions state."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentikit import SentikitError, read_ontology
from sentikit.commands.output import hold, say
from sentikit.commands.recipes import recipe_step

from .command_parts import FILE, print_rows, print_warnings, timed_bar, work_options

if TYPE_CHECKING:
    from sentikit import ANP


@recipe_step
@click.command()
@click.argument("ontology_file", metavar="ONTOLOGY", type=FILE)
@click.argument("captions", type=FILE)
@click.option("-o", "--output", type=FILE, required=True, help="Tag file to write.")
@work_options
def label(ontology_file: Path, captions: Path, output: Path, jobs: int, strict: bool, force: bool) -> None:
    """Label photographs with ANPs from captions.

    CAPTIONS is a COCO captions file written by people. Each image gets the ANPs of ONTOLOGY that its captions state;
    the probability is the share of captions that state it. An ANP that no caption states may still be true. Use the
    file to train and evaluate taggers.
    """
    from sentikit.formats.coco import read_captions
    from sentikit.formats.tags import header_line, tag_line
    from sentikit.io.files import atomic_write, check_outputs

    from .mining import label as labels_of

    inputs = [ontology_file, captions]
    check_outputs([(output, force)], inputs=inputs)
    hold(output)
    known = read_ontology(ontology_file)
    coco = read_captions(captions, strict=strict)
    print_warnings(coco)
    texts: dict[int | str, list[str]] = {}
    for _, annotation in coco.usable():
        texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
    header = {"tagger": "captions", "ontology": known.name, "captions": captions.name}
    counts: Counter[ANP] = Counter()
    labelled = 0
    with (
        timed_bar(sum(map(len, texts.values()))) as advance,
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
    print_rows(rows)
    say(f"Wrote {output}.")
