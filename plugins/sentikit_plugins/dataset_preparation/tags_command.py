"""`sentikit prepare tags`: photographs with tags, in three parts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sentikit.commands.output import hold, say
from sentikit.commands.recipes import recipe_step
from sentikit.io.paths import shown

from .command_parts import FILE, FOLDER, Share, print_table


@recipe_step
@click.command()
@click.argument("source", metavar="TAGS", type=FILE)
@click.option("-o", "--output", type=FOLDER, required=True, help="Folder for train.jsonl, val.jsonl and test.jsonl.")
@click.option("--val", type=Share(), default=0.15, show_default=True, help="Share for validation.")
@click.option(
    "--test", type=Share(), default=0.15, show_default=True, help="Share for testing; the rest is for training."
)
@click.option("--top-k", type=click.IntRange(1), help="Maximum tags per image; the best are kept.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Use only N images, drawn at random, for a trial run."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed.")
@click.option("--force", is_flag=True, help="Replace existing files.")
def tags(
    source: Path,
    output: Path,
    val: float,
    test: float,
    top_k: int | None,
    limit: int | None,
    seed: int,
    force: bool,
) -> None:
    """Split a tag file for training and evaluation.

    TAGS is a tag file, which is split at random, or a manifest from 'sentikit prepare vso', whose own splits are used
    instead of --val and --test. Each part is a tag file.
    """
    from sentikit.io.files import atomic_write, check_output, readable_os_errors

    from .splits import Shares
    from .tag_splits import split_tags

    parts = split_tags(source, Shares.of(val, test), seed, limit=limit, top_k=top_k)
    with readable_os_errors("make", output):
        output.mkdir(parents=True, exist_ok=True)
    hold(output)
    paths = {output / f"{split}.jsonl": lines for split, lines in parts.items() if lines}
    for path in paths:
        check_output(path, force=force, inputs=[source])
    for path, lines in paths.items():
        with atomic_write(path, force=force, inputs=[source]) as handle:
            handle.writelines(json.dumps(line) + "\n" for line in lines)
        say(f"Wrote {shown(path)}.")
    rows = [
        (f"  {path.name}", len(lines), len({str(a) for row in lines for a in row["anps"]}))
        for path, lines in paths.items()
    ]
    print_table([("", "images", "ANPs"), *rows])
